using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Corpus.Encyclopedias;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Factory.Stages;
using Noos.Factory.Weeks;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos weekly RECIPE</c></summary>
static class WeeklyCommand
{
    public static Command Create(NoosSettings settings)
    {
        var file = new Argument<string>("recipe") { Description = "The recipe of the weeks, such as recipes/weekly.toml." };
        var to = new Option<string?>("--out")
        {
            Description = "Folder for all weeks (default: a folder of the recipe's name in your data folder).",
        };
        var dry = new Option<bool>("--dry-run")
        {
            Description = "Collect into a folder that is thrown away, time a few updates and answers, and say how many hours a week takes.",
        };
        var simulate = new Option<int?>("--simulate")
        {
            Description = "Run so many weeks with scripted users instead, of whom two of ten are careless and one is hostile, in the "
                + "folder of --out; the champions of the home are left alone.",
        }.AtLeast(1);
        var users = new Option<int>("--simulated-prompts")
        {
            Description = "Prompts that each of the ten scripted users judges in a week.",
            DefaultValueFactory = _ => new SimulationOptions().PromptsPerUser,
        }.AtLeast(1);
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples(
            "weekly",
            "Teach the model what people taught it: collect and clean, fine-tune the base on all that was accepted, train reward models, "
            + "reinforce, examine, and promote the candidate if it passes the gate. It goes on with a week that was stopped or killed; the "
            + "report is drawn with every step.",
            "noos weekly recipes/weekly.toml --dry-run",
            "noos weekly recipes/weekly.toml",
            "noos weekly recipes/weekly.toml --minutes 480",
            "noos weekly recipes/weekly.toml --simulate 10 --out simulation",
            "noos up --weekly recipes/weekly.toml --weekly-at \"0 2 * * 0\"");
        command.Arguments.Add(file);
        foreach (var option in new Option[] { to, dry, simulate, users, minutes })
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            var recipe = WeekRecipe.Read(parsed.GetRequiredValue(file));
            var weeks = Path.GetFullPath(
                parsed.GetValue(to) ?? Path.Combine(settings.UserData.Folder, "weeks", recipe.Name));
            using var display = StageDisplay.ForConsole();
            var services = Services(settings, display);
            try
            {
                if (parsed.GetValue(dry))
                {
                    var estimate = await WeekEstimate.MeasureAsync(recipe, weeks, services, limit.Token);
                    display.Dispose();
                    Console.Out.Write(estimate.ToText());
                    return 0;
                }

                if (parsed.GetValue(simulate) is { } count)
                {
                    var folder = parsed.GetValue(to) ?? throw new NoosException("Name a folder of its own for the simulation with --out.");
                    var simulation = new SimulatedWeeks(
                        recipe, Path.GetFullPath(folder), services, new SimulationOptions { PromptsPerUser = parsed.GetValue(users) });
                    var simulated = await simulation.RunAsync(count, limit.Token);
                    display.Dispose();
                    Console.Out.Write(SimulatedWeeks.ToMarkdown(simulated));
                    return 0;
                }

                var week = await new WeekRun(recipe, weeks, services).RunAsync(limit.Token);
                display.Dispose();
                var report = WeekFolder.For(weeks, week.Number).Report;
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Week {week.Number}: {Outcome(week)} The report is {report}."));
                return 0;
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                display.Dispose();
                StageCommand.Finish(isComplete: false, "", cancellationToken);
                return 0;
            }
        });
        return command;
    }

    static string Outcome(WeekState week) => week.Promoted is { } number
        ? string.Create(CultureInfo.InvariantCulture, $"champion {number} answers from now on.")
        : "the champion stays; the report says why.";

    static WeekServices Services(NoosSettings settings, IProgress<StageProgress> progress)
    {
        var library = ModelLibraryOptions.From(settings);
        return new WeekServices(
            CourseCatalog.All, new ChampionStore(ChampionStore.FolderIn(settings.UserData.Folder)),
            name => new ModelLibrary(library).Resolve(name),
            path => ModelSource.OpenCpu(new NoosOptions { Model = path, Library = library }),
            () => Toolbox.Create(new ToolboxOptions()))
        {
            Home = settings.UserData.Folder,
            Texts = EncyclopediaLocation.From(settings).Files.FirstOrDefault(File.Exists) is { } encyclopedia
                ? cancellationToken => DocumentPack.ReadAsync(encyclopedia, cancellationToken).Select(document => document.Text)
                : null,
            Progress = progress,
            Clock = TimeProvider.System,
            Logger = NullLogger.Instance,
        };
    }
}
