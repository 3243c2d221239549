using System.CommandLine;
using Noos.Cli;
using Noos.Cli.Accounts;
using Noos.Cli.Backups;
using Noos.Cli.Chat;
using Noos.Cli.Corpora;
using Noos.Cli.Crawling;
using Noos.Cli.Doctor;
using Noos.Cli.Factory;
using Noos.Cli.Mcp;
using Noos.Cli.Memory;
using Noos.Cli.Models;
using Noos.Cli.Peripherals;
using Noos.Cli.Permissions;
using Noos.Cli.Processes;
using Noos.Cli.Search;
using Noos.Cli.Timers;
using Noos.Core.Settings;
using Noos.Cpus.Library;

// The only place where this program looks at its environment.
var settings = NoosSettings.FromEnvironment();
var library = new ModelLibrary(ModelLibraryOptions.From(settings));
args = args switch
{
    [] => ["--help"],
    ["help", .. var rest] => [.. rest, "--help"],
    _ => args,
};
var commands = new Dictionary<string, Func<Command>>
{
    ["ask"] = () => AskCommand.Create(settings),
    ["chat"] = () => ChatCommand.Create(settings),
    ["complete"] = () => CompleteCommand.Create(settings),
    ["up"] = () => UpCommand.Create(settings, library),
    ["ps"] = () => PsCommand.Create(settings),
    ["top"] = () => TopCommand.Create(settings),
    ["spawn"] = () => SpawnCommand.Create(settings),
    ["say"] = () => SayCommand.Create(settings),
    ["wait"] = () => WaitCommand.Create(settings),
    ["context"] = () => ContextCommand.Create(settings),
    ["log"] = () => LogCommand.Create(settings),
    ["find"] = () => FindCommand.Create(settings),
    ["stop"] = () => KillCommand.CreateStop(settings),
    ["kill"] = () => KillCommand.Create(settings),
    ["nice"] = () => NiceCommand.Create(settings),
    ["rename"] = () => NiceCommand.CreateRename(settings),
    ["fork"] = () => ForkCommand.Create(settings),
    ["replay"] = () => ReplayCommand.Create(settings),
    ["forget"] = () => KillCommand.CreateForget(settings),
    ["doctor"] = () => DoctorCommand.Create(settings, library),
    ["backup"] = () => BackupCommand.Create(settings),
    ["restore"] = () => BackupCommand.CreateRestore(settings),
    ["user"] = () => UserCommand.Create(settings),
    ["key"] = () => KeyCommand.Create(settings),
    ["permissions"] = () => PermissionsCommand.Create(settings),
    ["mcp"] = () => McpCommand.Create(settings),
    ["memory"] = () => MemoryCommand.Create(settings),
    ["tools"] = () => ToolsCommand.Create(settings),
    ["timers"] = () => TimersCommand.Create(settings),
    ["timer"] = () => TimerCommand.Create(settings),
    ["speak"] = () => SpeakCommand.Create(settings),
    ["lexicon"] = LexiconCommand.Create,
    ["embed"] = () => EmbedCommand.Create(settings),
    ["rerank"] = () => RerankCommand.Create(settings),
    ["look"] = () => LookCommand.Create(settings),
    ["transcribe"] = () => TranscribeCommand.Create(settings),
    ["exam"] = () => ExamCommand.Create(settings),
    ["search"] = () => SearchCommand.Create(settings),
    ["index"] = () => IndexCommand.Create(settings),
    ["crawl"] = () => CrawlCommand.Create(settings),
    ["fetch-crawl"] = FetchCrawlCommand.Create,
    ["clean"] = CleanCommand.Create,
    ["corpus"] = () => CorpusCommand.Create(settings),
    ["make"] = () => MakeCommand.Create(settings),
    ["tokenizer"] = () => TokenizerCommand.Create(settings),
    ["shards"] = () => ShardsCommand.Create(settings),
    ["plan"] = PlanCommand.Create,
    ["pretrain"] = () => PretrainCommand.Create(settings),
    ["lessons"] = () => LessonsCommand.Create(settings),
    ["midtrain"] = () => MidTrainCommand.Create(settings),
    ["sft"] = () => FineTuneCommand.Create(settings),
    ["adapt"] = () => AdaptCommand.Create(settings),
    ["label"] = () => LabelCommand.Create(settings),
    ["reward"] = () => RewardCommand.Create(settings),
    ["rl"] = () => ReinforceCommand.Create(settings),
    ["collect"] = () => CollectCommand.Create(settings),
    ["weekly"] = () => WeeklyCommand.Create(settings),
    ["champions"] = () => ChampionsCommand.Create(settings),
    ["export"] = () => ExportCommand.Create(settings),
    ["card"] = () => CardCommand.Create(settings),
    ["encyclopedia"] = () => EncyclopediaCommand.Create(settings),
    ["convert"] = ConvertCommand.Create,
    ["pull"] = () => PullCommand.Create(settings, library),
    ["models"] = () => ModelsCommand.Create(settings, library),
    ["rm"] = () => RemoveCommand.Create(library),
    ["quantize"] = () => QuantizeCommand.Create(library),
    ["advise"] = () => AdviseCommand.Create(library),
    ["bench"] = () => BenchCommand.Create(settings, library),
    ["inspect"] = () => InspectCommand.Create(settings, library),
};
var root = new RootCommand("An operating system whose processor is a language model, and the factory that makes such models.");
// A command has dozens of options: where one is named, making those of all others would be a good part of its whole time.
foreach (var create in args is [var name, ..] && commands.TryGetValue(name, out var named) ? [named] : commands.Values.ToArray())
{
    root.Add(create());
}

return await CommandLine.RunAsync(root, args);
