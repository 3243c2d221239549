using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Server.Processes;

namespace Noos.Cli.Processes;

/// <summary><c>noos find WORDS</c></summary>
static class FindCommand
{
    public static Command Create(NoosSettings settings)
    {
        var words = new Argument<string[]>("words")
        {
            Description = "All must occur, in any form: \"run\" finds \"running\".",
            Arity = ArgumentArity.OneOrMore,
        };
        var process = new Option<long?>("--process") { Description = "Only in this process.", HelpName = "PID" }.AtLeast(1);
        var limit = new Option<int>("--limit", "-n") { Description = "At most so many places.", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(result =>
        {
            if (result.TryGetValue<int>(out var count) && count is < 1 or > 10_000)
            {
                result.AddError("The number of places must be from 1 to 10000.");
            }
        });
        var json = CommandOutput.JsonOption("Write one line of JSON: {\"data\": [{\"process\", \"event\", \"snippet\"}, ...]}.");
        var command = new CommandWithExamples(
            "find", "Find what was said in any conversation, by people, models and tools; the best places first.", "noos find lighthouse",
            "noos find lighthouse keeper --process 12", "noos fork 12 --at 340   (goes on from a place that was found)");
        command.Arguments.Add(words);
        command.Options.Add(process);
        command.Options.Add(limit);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenToReadAsync(settings, cancellationToken);
            var found = await home.SearchAsync(
                string.Join(' ', parsed.GetRequiredValue(words)), parsed.GetValue(process), parsed.GetValue(limit), cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.WriteJson(new PassageList(found), known => known.PassageList);
                return 0;
            }

            foreach (var passage in found)
            {
                Console.Out.WriteLine($"{passage.Process,6}  {passage.Event,8}  {passage.Snippet.ReplaceLineEndings(" ")}");
            }

            if (found.Count == 0)
            {
                await Console.Error.WriteLineAsync("Nothing was found.");
            }

            return 0;
        });
        return command;
    }
}
