using System.CommandLine;
using Noos.Cli;
using Noos.Cli.Chat;
using Noos.Cli.Factory;
using Noos.Cli.Models;
using Noos.Cli.Processes;
using Noos.Core.Settings;
using Noos.Cpus.Library;

// The only place where this program looks at its environment.
var settings = NoosSettings.FromEnvironment();
var library = new ModelLibrary(ModelLibraryOptions.From(settings));
var root = new RootCommand("Noos makes small language models and runs them.")
{
    AskCommand.Create(settings),
    ChatCommand.Create(settings),
    CompleteCommand.Create(settings),
    UpCommand.Create(settings),
    PsCommand.Create(settings),
    TopCommand.Create(settings),
    SpawnCommand.Create(settings),
    SayCommand.Create(settings),
    WaitCommand.Create(settings),
    LogCommand.Create(settings),
    FindCommand.Create(settings),
    KillCommand.CreateStop(settings),
    KillCommand.Create(settings),
    NiceCommand.Create(settings),
    NiceCommand.CreateRename(settings),
    ForkCommand.Create(settings),
    ReplayCommand.Create(settings),
    KillCommand.CreateForget(settings),
    EmbedCommand.Create(settings),
    ExamCommand.Create(settings),
    MakeCommand.Create(settings),
    TokenizerCommand.Create(settings),
    ShardsCommand.Create(settings),
    PretrainCommand.Create(settings),
    LessonsCommand.Create(settings),
    FineTuneCommand.Create(settings),
    ExportCommand.Create(settings),
    CardCommand.Create(settings),
    ConvertCommand.Create(),
    PullCommand.Create(settings, library),
    ModelsCommand.Create(library),
    RemoveCommand.Create(library),
    QuantizeCommand.Create(library),
    AdviseCommand.Create(library),
    BenchCommand.Create(settings, library),
    InspectCommand.Create(settings, library),
};
return await CommandLine.RunAsync(root, args);
