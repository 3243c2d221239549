using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Factory.Collection;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos collect --to FOLDER</c></summary>
static class CollectCommand
{
    public static Command Create(NoosSettings settings)
    {
        var usual = new CollectionOptions();
        var to = new Option<string>("--to")
        {
            Description = "Folder for demonstrations.jsonl, preferences.jsonl and the report of what was dropped and why.",
            Required = true,
        };
        var noJournal = new Option<bool>("--no-journal") { Description = "Leave out what was taught on the page." };
        var labels = Files("--labels", "Labels of 'noos label'");
        var preferences = Files("--preferences", "Preferences as JSON lines, as 'noos reward' reads them");
        var demonstrations = Files("--demonstrations", "Conversations as JSON lines that end with the answer to learn");
        var uncapped = new Option<string[]>("--uncapped")
        {
            Description = "A rater who may give any number of rows, such as yourself. Can be given several times.",
        };
        var most = new Option<int>("--max-rows")
        {
            Description = "Rows that one rater may give in a week, or two percent of the week's where that is more.",
            DefaultValueFactory = _ => usual.MaxRowsPerWeek,
        }.AtLeast(1);
        var share = new Option<double>("--max-share")
        {
            Description = "The share of a week's rows that one rater may give.",
            DefaultValueFactory = _ => usual.MaxWeekShare,
        }.Between(0, 1);
        var accuracy = new Option<double>("--min-accuracy")
        {
            Description = "Raters who get fewer of the known items right, or judge fewer repeated ones the same way, count nothing.",
            DefaultValueFactory = _ => usual.MinRaterAccuracy,
        }.Between(0, 1);
        var similarity = new Option<double>("--similarity")
        {
            Description = "Demonstrations as alike as this are one.",
            DefaultValueFactory = _ => usual.MaxSimilarity,
        }.Between(0.01, 1);
        var command = new CommandWithExamples(
            "collect",
            "Collect what people taught for a training: of those who agreed, without personal data, without words of others, without "
            + "examinations and duplicates, not too much of anybody, and nothing of raters who fail known items.",
            "noos collect --to collected",
            "noos collect --to collected --labels labels.jsonl --uncapped Ada",
            "noos collect --to collected --no-journal --preferences ultrafeedback.jsonl.zst");
        foreach (var option in (Option[])
            [to, noJournal, labels, preferences, demonstrations, uncapped, most, share, accuracy, similarity])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            var options = usual with
            {
                Until = TimeProvider.System.GetUtcNow(),
                Uncapped = parsed.GetValue(uncapped) ?? [],
                MaxRowsPerWeek = parsed.GetValue(most),
                MaxWeekShare = parsed.GetValue(share),
                MinRaterAccuracy = parsed.GetValue(accuracy),
                MaxSimilarity = parsed.GetValue(similarity),
            };
            var report = new Collector(options, CourseCatalog.All).Run(
                new TaughtSources
                {
                    Home = parsed.GetValue(noJournal) ? null : settings.UserData.Folder,
                    Labels = parsed.GetValue(labels) ?? [],
                    Preferences = parsed.GetValue(preferences) ?? [],
                    Demonstrations = parsed.GetValue(demonstrations) ?? [],
                },
                parsed.GetRequiredValue(to), cancellationToken);
            Console.Out.Write(report.ToMarkdown());
            return Task.FromResult(0);
        });
        return command;
    }

    static Option<string[]> Files(string name, string what) => new(name)
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"{what}. Can be given several times."),
        HelpName = "FILE",
    };
}
