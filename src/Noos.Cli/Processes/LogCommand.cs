using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Kernel.Journaling;

namespace Noos.Cli.Processes;

/// <summary><c>noos log PID</c></summary>
static class LogCommand
{
    const int PageLength = 1000;

    public static Command Create(NoosSettings settings)
    {
        var process = CommandOutput.ProcessArgument();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what happens, until the process ends or Ctrl-C." };
        var after = new Option<long>("--after") { Description = "Only events behind this one.", HelpName = "EVENT" }
            .AtLeast(0);
        var last = new Option<int>("--last", "-n") { Description = "Only so many of the latest events, pieces of text included." };
        last.Validators.Add(result => PsCommand.RequireCount(result, last.Name));
        var pieces = new Option<bool>("--pieces") { Description = "Show each piece of text as it was written, too." };
        var json = CommandOutput.JsonOption("Write each event as a line of JSON, pieces of text included.");
        var command = new CommandWithExamples(
            "log", "Show what happened to a process: what was said, runs, calls, states.", "noos log 12", "noos log 12 --follow",
            "noos log 12 --last 20", "noos log 12 --json | jq 'select(.event.kind == \"called\")'");
        command.Arguments.Add(process);
        foreach (var option in (Option[])[follow, after, last, pieces, json])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenToReadAsync(settings, cancellationToken);
            var id = parsed.GetValue(process);
            var seen = parsed.GetValue(after);
            if (parsed.GetValue(last) is > 0 and var count)
            {
                foreach (var entry in (await home.LastEventsAsync(id, count, cancellationToken)).Where(entry => entry.Id > seen))
                {
                    Write(entry);
                    seen = entry.Id;
                }
            }
            else if (!parsed.GetValue(follow))
            {
                for (long? next = seen; next is not null;)
                {
                    var page = await home.EventsAsync(id, next.Value, PageLength, cancellationToken);
                    page.Data.ToList().ForEach(Write);
                    next = page.Next;
                }
            }

            if (parsed.GetValue(follow))
            {
                await foreach (var entry in home.FollowAsync(id, seen, cancellationToken))
                {
                    Write(entry);
                    Console.Out.Flush();
                }
            }

            return 0;

            void Write(JournalEntry entry)
            {
                if (parsed.GetValue(json))
                {
                    CommandOutput.WriteJson(entry, known => known.JournalEntry);
                }
                else if (entry.Event is not (Wrote or CallPrinted) || parsed.GetValue(pieces))
                {
                    Console.Out.WriteLine(CommandOutput.Describe(entry));
                }
            }
        });
        return command;
    }
}
