using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Noos.Cli.Permissions;
using Noos.Cli.Processes;
using Noos.Cli.Timers;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Settings;
using Noos.Kernel.Facts;
using Noos.Server.Facts;

namespace Noos.Cli.Memory;

/// <summary><c>noos memory</c>: the facts of the user, with or without a server that is up.</summary>
static class MemoryCommand
{
    const string Source = "noos memory";

    static readonly FactJson s_json =
        new(new JsonSerializerOptions(FactJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static Command Create(NoosSettings settings)
    {
        var command = new CommandWithExamples(
            "memory", "Show what is remembered of you across conversations, and what waits for you to accept it.", "noos memory",
            "noos memory --search \"sister\"", "noos memory add \"My sister Anna lives in Lyon.\"", "noos memory accept 3",
            "noos memory undo 3", "noos memory rm 3");
        List(command, settings);
        command.Subcommands.Add(CreateList(settings));
        command.Subcommands.Add(CreateAdd(settings));
        command.Subcommands.Add(CreateShow(settings));
        command.Subcommands.Add(CreateOne(
            settings, "accept", "Let models use a fact that waits. It then counts as your own word.",
            (facts, owner, id) => facts.Accept(owner, id, Source), "noos memory accept 3"));
        command.Subcommands.Add(CreateOne(
            settings, "undo", "Take the last change of a fact back; once more, and it holds again.",
            (facts, owner, id) => facts.Undo(owner, id, Source), "noos memory undo 3"));
        command.Subcommands.Add(CreateRemove(settings));
        return command;
    }

    static CommandWithExamples CreateList(NoosSettings settings)
    {
        var command = new CommandWithExamples(
            "list", "List what is remembered, as 'noos memory' does.", "noos memory list", "noos memory list --waiting --json");
        List(command, settings);
        return command;
    }

    /// <summary>Makes a command list facts.</summary>
    static void List(CommandWithExamples command, NoosSettings settings)
    {
        var waiting = new Option<bool>("--waiting") { Description = "Only what waits for you to accept it." };
        var forgotten = new Option<bool>("--forgotten") { Description = "Only what was forgotten." };
        var search = new Option<string?>("--search") { Description = "Only what has some of these words.", HelpName = "WORDS" };
        var json = CommandOutput.JsonOption("Write one line of JSON: {\"data\": [fact, ...]}.");
        command.Options.Add(waiting);
        command.Options.Add(forgotten);
        command.Options.Add(search);
        command.Options.Add(json);
        command.Validators.Add(result =>
        {
            if (result.GetValue(waiting) && result.GetValue(forgotten))
            {
                result.AddError("Give --waiting or --forgotten, not both.");
            }
        });
        command.SetAction(parsed =>
        {
            var facts = new FactStore(settings.UserData.Folder);
            var state = parsed.GetValue(waiting) ? FactState.Waiting : parsed.GetValue(forgotten) ? FactState.Forgotten : (FactState?)null;
            var found = parsed.GetValue(search) is { } words
                ? facts.Search(settings.User, words, int.MaxValue).Where(fact => state is null || fact.State == state).ToArray()
                : facts.List(settings.User, state);
            if (parsed.GetValue(json))
            {
                WriteJson(new FactList(found), known => known.FactList);
                return 0;
            }

            foreach (var fact in found)
            {
                Console.Out.WriteLine(Describe(fact));
            }

            if (found.Count == 0)
            {
                Console.Out.WriteLine("Nothing is remembered.");
            }

            return 0;
        });
    }

    static CommandWithExamples CreateAdd(NoosSettings settings)
    {
        var text = new Argument<string[]>("fact") { Description = "What to remember, a sentence.", Arity = ArgumentArity.OneOrMore };
        var labels = new Option<string[]>("--label")
        {
            Description = "A word to find it by; can be given several times.",
            HelpName = "WORD",
        };
        var json = CommandOutput.JsonOption("Write the fact as a line of JSON.");
        var command = new CommandWithExamples(
            "add", "Remember a fact.", "noos memory add \"My sister Anna lives in Lyon.\"",
            "noos memory add \"I am allergic to nuts.\" --label food");
        command.Arguments.Add(text);
        command.Options.Add(labels);
        command.Options.Add(json);
        command.SetAction(parsed => Write(
            new FactStore(settings.UserData.Folder).Add(
                settings.User,
                new FactVersion(
                    string.Join(' ', parsed.GetValue(text) ?? []), FactState.Kept, parsed.GetValue(labels) ?? [], Origin: null),
                Source).Fact,
            parsed.GetValue(json)));
        return command;
    }

    static CommandWithExamples CreateShow(NoosSettings settings)
    {
        var id = IdArgument();
        var json = CommandOutput.JsonOption("Write one line of JSON: {\"data\": [change, ...]}.");
        var command = new CommandWithExamples(
            "show", "Show where a fact came from and what became of it.", "noos memory show 3", "noos memory show 3 --json");
        command.Arguments.Add(id);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var facts = new FactStore(settings.UserData.Folder);
            var fact = facts.Get(settings.User, parsed.GetValue(id));
            var changes = facts.Changes(settings.User, fact.Id);
            if (parsed.GetValue(json))
            {
                WriteJson(new FactChangeList(changes), known => known.FactChangeList);
                return 0;
            }

            Console.Out.WriteLine(Describe(fact));
            foreach (var change in changes)
            {
                Console.Out.WriteLine(
                    $"{TimersCommand.Local(change.Time)}  {Name(change.Kind)} by {VisibleText.From(change.Source)}{From(change)}");
                foreach (var line in Difference(change))
                {
                    Console.Out.WriteLine($"  {line}");
                }
            }

            return 0;
        });
        return command;
    }

    static CommandWithExamples CreateRemove(NoosSettings settings)
    {
        var id = IdArgument();
        var isForGood = new Option<bool>("--for-good") { Description = "With all its history; this cannot be undone." };
        var json = CommandOutput.JsonOption("Write the fact, as it was, as a line of JSON.");
        var command = new CommandWithExamples(
            "rm", "Forget a fact; 'undo' brings it back.", "noos memory rm 3", "noos memory rm 3 --for-good");
        command.Arguments.Add(id);
        command.Options.Add(isForGood);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var facts = new FactStore(settings.UserData.Folder);
            if (!parsed.GetValue(isForGood))
            {
                return Write(facts.Forget(settings.User, parsed.GetValue(id), Source), parsed.GetValue(json));
            }

            var fact = facts.Get(settings.User, parsed.GetValue(id));
            facts.Purge(settings.User, fact.Id);
            return Write(fact, parsed.GetValue(json));
        });
        return command;
    }

    static CommandWithExamples CreateOne(
        NoosSettings settings, string name, string description, Func<FactStore, string, long, Fact> run, string example)
    {
        var id = IdArgument();
        var json = CommandOutput.JsonOption("Write the fact as a line of JSON.");
        var command = new CommandWithExamples(name, description, example);
        command.Arguments.Add(id);
        command.Options.Add(json);
        command.SetAction(parsed => Write(
            run(new FactStore(settings.UserData.Folder), settings.User, parsed.GetValue(id)), parsed.GetValue(json)));
        return command;
    }

    static Argument<long> IdArgument() => new("id") { Description = "The number of the fact ('noos memory' lists them)." };

    static int Write(Fact fact, bool asJson)
    {
        if (asJson)
        {
            WriteJson(fact, known => known.Fact);
        }
        else
        {
            Console.Out.WriteLine(Describe(fact));
        }

        return 0;
    }

    static void WriteJson<T>(T value, Func<FactJson, JsonTypeInfo<T>> type) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(value, type(s_json)));

    static string Describe(Fact fact)
    {
        var labels = fact.Labels.Count == 0 ? "" : $"  [{string.Join(", ", fact.Labels)}]";
        var state = fact.State switch
        {
            FactState.Waiting => $"  (waits: it was written after reading {Name(fact.Origin)}; 'noos memory accept {fact.Id}')",
            FactState.Forgotten => "  (forgotten)",
            _ => "",
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{fact.Id,6}  {TimersCommand.Local(fact.Changed)}  {VisibleText.From(fact.Text)}{labels}{state}");
    }

    static IEnumerable<string> Difference(FactChange change)
    {
        if (change.Before is { } before && (before.Text != change.After.Text || !before.Labels.SequenceEqual(change.After.Labels)))
        {
            yield return $"- {Line(before)}";
            yield return $"+ {Line(change.After)}";
        }
        else if (change.Before is null)
        {
            yield return $"+ {Line(change.After)}";
        }

        if (change.Before is { } old && old.State != change.After.State)
        {
            yield return $"{Name(old.State)} -> {Name(change.After.State)}";
        }
    }

    static string Line(FactVersion version) =>
        VisibleText.From(version.Text) + (version.Labels.Count == 0 ? "" : $" [{string.Join(", ", version.Labels)}]");

    static string From(FactChange change) => change.After.Origin is { } origin ? $", after reading {Name(origin)}" : "";

    static string Name(Origin? origin) => origin switch
    {
        Origin.Web => "the web",
        Origin.Service => "what a service wrote",
        _ => "a file",
    };

    static string Name<T>(T word)
        where T : struct, Enum => word.ToString().ToLowerInvariant();
}
