using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Cpus.Library;
using Noos.Factory.Champions;
using Noos.Kernel.Journaling;

namespace Noos.Cli.Factory;

/// <summary><c>noos champions</c></summary>
static class ChampionsCommand
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public static Command Create(NoosSettings settings)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON instead of text." };
        var command = new CommandWithExamples(
            "champions",
            "List the models that won their gate, the one that answers marked with a star; go back to an earlier one; or look in the "
            + "journal whether its answers have become worse. A server that was started without --model follows at its next answer.",
            "noos champions", "noos champions back", "noos champions back --to 3", "noos champions watch");
        command.Options.Add(json);
        command.SetAction(parsed => List(settings, parsed.GetValue(json)));
        command.Subcommands.Add(CreateBack(settings));
        command.Subcommands.Add(CreateWatch(settings));
        return command;
    }

    static ChampionStore Store(NoosSettings settings) => new(ChampionStore.FolderIn(settings.UserData.Folder));

    static void List(NoosSettings settings, bool isJson)
    {
        var all = Store(settings).List();
        if (isJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(
                all.Select(champion => new
                {
                    champion.Number,
                    champion.Name,
                    champion.IsCurrent,
                    champion.Path,
                    champion.Occasion,
                    champion.Promoted,
                    champion.Note,
                    champion.RolledBack,
                    champion.Reason,
                }),
                s_json));
            return;
        }

        if (all.Count == 0)
        {
            Console.Out.WriteLine("There are no champions yet; 'noos weekly RECIPE' makes them.");
        }

        foreach (var champion in all)
        {
            var left = champion.RolledBack is { } time
                ? string.Create(CultureInfo.InvariantCulture, $"; left {time.ToLocalTime():yyyy-MM-dd HH:mm}: {champion.Reason}")
                : "";
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(champion.IsCurrent ? '*' : ' ')} {champion.Name}  {champion.Promoted.ToLocalTime():yyyy-MM-dd HH:mm}  "
                + $"{champion.Occasion}: {champion.Note}{left}"));
        }

        if (all.Count > 0 && !all.Any(champion => champion.IsCurrent))
        {
            Console.Out.WriteLine("None of them answers; the usual model does.");
        }
    }

    static CommandWithExamples CreateBack(NoosSettings settings)
    {
        var to = new Option<int?>("--to") { Description = "Its number (default: the one before the current one)." }.AtLeast(1);
        var reason = new Option<string>("--reason")
        {
            Description = "Why, for the list.",
            DefaultValueFactory = _ => "by hand",
        };
        var command = new CommandWithExamples(
            "back", "Let an earlier champion answer again, or, before the first, the usual model.", "noos champions back",
            "noos champions back --to 3 --reason \"Its answers are too long.\"");
        command.Options.Add(to);
        command.Options.Add(reason);
        command.SetAction(parsed =>
        {
            var now = Store(settings).RollBack(
                parsed.GetValue(to), TimeProvider.System.GetUtcNow(), parsed.GetRequiredValue(reason));
            Console.Out.WriteLine($"{now?.Name ?? "The usual model"} answers from now on.");
        });
        return command;
    }

    static CommandWithExamples CreateWatch(NoosSettings settings)
    {
        var usual = new WatchOptions();
        var level = new Option<double>("--level")
        {
            Description = "Share of false alarms, however often one looks.",
            DefaultValueFactory = _ => usual.Level,
        }.Between(1e-6, 0.5);
        var ratio = new Option<double>("--min-ratio")
        {
            Description = "A rise to less than so many times what it was changes nothing.",
            DefaultValueFactory = _ => usual.MinRatio,
        }.AtLeast(1.0);
        var command = new CommandWithExamples(
            "watch",
            "Compare the champion's answers in the journal with those of the model before it: loops, thumbs down, errors of tools. Where "
            + "one of them has surely risen it is left for the one before. 'noos up' and 'noos weekly' do so by themselves.",
            "noos champions watch");
        command.Options.Add(level);
        command.Options.Add(ratio);
        command.SetAction(parsed =>
        {
            using var journal = JournalReader.Open(Path.Combine(settings.UserData.Folder, Journal.FileName));
            var result = new ChampionWatch(usual with { Level = parsed.GetValue(level), MinRatio = parsed.GetValue(ratio) })
                .Act(Store(settings), journal, TimeProvider.System.GetUtcNow());
            foreach (var signal in result.Signals)
            {
                Console.Out.WriteLine($"{signal.Name}: {signal.Sentence}.");
            }

            Console.Out.WriteLine(result switch
            {
                { Champion: null } => "No champion answers, so there is nothing to watch.",
                { Reason: null } => $"{result.Champion!.Name} stays.",
                _ => $"{result.Champion!.Name} was left; {result.Next?.Name ?? "the usual model"} answers from now on.",
            });
        });
        return command;
    }
}
