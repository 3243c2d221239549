using System.CommandLine;
using Noos.Cli;
using Noos.Cli.Chat;
using Noos.Cli.Factory;
using Noos.Cli.Models;

var root = new RootCommand("Noos makes small language models and runs them.")
{
    AskCommand.Create(),
    ChatCommand.Create(),
    CompleteCommand.Create(),
    UpCommand.Create(),
    EmbedCommand.Create(),
    ExamCommand.Create(),
    MakeCommand.Create(),
    TokenizerCommand.Create(),
    ShardsCommand.Create(),
    PretrainCommand.Create(),
    LessonsCommand.Create(),
    FineTuneCommand.Create(),
    ExportCommand.Create(),
    CardCommand.Create(),
    ConvertCommand.Create(),
    PullCommand.Create(),
    ModelsCommand.Create(),
    RemoveCommand.Create(),
    QuantizeCommand.Create(),
    BenchCommand.Create(),
    InspectCommand.Create(),
};
return await CommandLine.RunAsync(root, args);
