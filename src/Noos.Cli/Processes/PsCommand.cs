using System.CommandLine;
using System.CommandLine.Parsing;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Kernel.Processes;
using Noos.Server.Processes;

namespace Noos.Cli.Processes;

/// <summary><c>noos ps</c></summary>
static class PsCommand
{
    const int UsualLimit = 50;

    public static Command Create(NoosSettings settings)
    {
        var all = new Option<bool>("--all", "-a") { Description = "Those that are done, failed or killed, too." };
        var kind = new Option<ProcessKind?>("--kind")
        {
            Description = "Only conversations, agents, jobs, housekeeping, timers, or requests of the API.",
            HelpName = "conversation|agent|job|housekeeping|timer|request",
        };
        var owner = new Option<string?>("--owner") { Description = "Only those of this owner." };
        var limit = new Option<int>("--limit", "-n")
        {
            Description = "At most so many, those that changed last; 0 for all.",
            DefaultValueFactory = _ => UsualLimit,
        };
        limit.Validators.Add(result => RequireCount(result, limit.Name));
        var isLong = new Option<bool>("--long", "-l")
        {
            Description = "What each holds, too: pages of keys and values, those of them that others use as well, memory, disk.",
        };
        var json = CommandOutput.JsonOption("Write one line of JSON: {\"data\": [process, ...]}.");
        var command = new CommandWithExamples(
            "ps", "List conversations and all else that uses the model.", "noos ps", "noos ps -l", "noos ps --all --limit 0",
            "noos ps --kind request",
            "noos ps --json | jq '.data[].id'");
        foreach (var option in (Option[])[all, kind, owner, limit, isLong, json])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenToReadAsync(settings, cancellationToken);
            var most = parsed.GetValue(limit) is > 0 and var some ? some : int.MaxValue;
            var processes = await home.ListAsync(
                new ProcessFilter
                {
                    IncludesEnded = parsed.GetValue(all),
                    Kind = parsed.GetValue(kind),
                    Owner = parsed.GetValue(owner),
                    // One more than is shown, to know whether there are more.
                    Limit = most == int.MaxValue ? most : most + 1,
                },
                cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.WriteJson(new ProcessList([.. processes.Take(most)], null), known => known.ProcessList);
                return 0;
            }

            var memory = parsed.GetValue(isLong)
                ? (await home.MemoryAsync(cancellationToken)).Data.DistinctBy(held => held.Process).ToDictionary(held => held.Process)
                : null;
            var asking = await ProcessColumns.FindAskingAsync(home, processes, cancellationToken);
            Console.Out.WriteLine(ProcessColumns.Header(hasMemory: memory is not null));
            foreach (var process in processes.Take(most))
            {
                Console.Out.WriteLine(memory is null
                    ? ProcessColumns.Line(process, home.Model, DateTimeOffset.UtcNow, asking)
                    : ProcessColumns.LongLine(
                        process, home.Model, DateTimeOffset.UtcNow, asking, memory.GetValueOrDefault(process.Id)));
            }

            if (processes.Count > most)
            {
                await Console.Error.WriteLineAsync($"There are more than {most}; 'noos ps --limit 0' lists all.");
            }

            return 0;
        });
        return command;
    }

    internal static void RequireCount(OptionResult result, string name)
    {
        if (result.TryGetValue<int>(out var count) && count < 0)
        {
            result.AddError($"The value of {name} must be 0 or more.");
        }
    }
}
