using System.CommandLine;
using Noos.Cli;
using Noos.Cli.Chat;
using Noos.Cli.Factory;
using Noos.Cli.Models;
using Noos.Core;
using Noos.Cpus.Library;

// The only place where this program looks at its environment.
var settings = NoosSettings.FromEnvironment();
var library = new ModelLibrary(ModelLibraryOptions.From(settings));
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
    PullCommand.Create(settings, library),
    ModelsCommand.Create(library),
    RemoveCommand.Create(library),
    QuantizeCommand.Create(library),
    BenchCommand.Create(library),
    InspectCommand.Create(library),
};
return await CommandLine.RunAsync(root, args);
