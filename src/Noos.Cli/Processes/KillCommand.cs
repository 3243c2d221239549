using System.CommandLine;
using Noos.Core.Settings;

namespace Noos.Cli.Processes;

/// <summary><c>noos kill</c>, <c>noos stop</c> and <c>noos forget</c></summary>
static class KillCommand
{
    public static Command Create(NoosSettings settings)
    {
        var reason = new Option<string?>("--reason") { Description = "Why; it stands in the log." };
        var command = new CommandWithExamples(
            "kill", "End processes and their sub-agents. What they have written stays in the log.", "noos kill 12", "noos kill 12 13 14",
            "noos kill 12 --reason \"too slow\"");
        command.Options.Add(reason);
        return Complete(command, settings, (home, process, parsed, cancellationToken) =>
            home.KillAsync(process, parsed.GetValue(reason), cancellationToken), "killed");
    }

    public static Command CreateStop(NoosSettings settings) => Complete(
        new CommandWithExamples(
            "stop", "Stop the answer under way and keep what it has written; the conversation goes on.", "noos stop 12"),
        settings, (home, process, _, _) => home.StopAsync(process), "stopped");

    public static Command CreateForget(NoosSettings settings) => Complete(
        new CommandWithExamples(
            "forget", "Remove processes with all they said and their sub-agents, for ever.", "noos forget 12", "noos forget 12 13 14"),
        settings,
        async (home, process, _, cancellationToken) =>
        {
            var record = await home.GetAsync(process, cancellationToken);
            await home.DeleteAsync(process, cancellationToken);
            return record;
        },
        "forgotten");

    static CommandWithExamples Complete(
        CommandWithExamples command, NoosSettings settings,
        Func<IHome, long, ParseResult, CancellationToken, Task<Kernel.Processes.ProcessRecord>> change, string what)
    {
        var processes = CommandOutput.ProcessesArgument();
        var json = CommandOutput.JsonOption("Write each process as a line of JSON.");
        command.Arguments.Add(processes);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenAsync(settings, cancellationToken);
            foreach (var process in parsed.GetRequiredValue(processes))
            {
                var changed = await change(home, process, parsed, cancellationToken);
                if (parsed.GetValue(json))
                {
                    CommandOutput.WriteJson(changed);
                }
                else
                {
                    Console.Out.WriteLine($"{process} {what}");
                }
            }

            return 0;
        });
        return command;
    }
}
