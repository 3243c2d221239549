using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Core.Settings;

namespace Noos.Cli.Processes;

/// <summary><c>noos fork PID --at EVENT</c></summary>
static class ForkCommand
{
    public static Command Create(NoosSettings settings)
    {
        var process = CommandOutput.ProcessArgument();
        var at = new Option<long?>("--at")
        {
            Description = "The last event that both have in common ('noos log' shows their numbers; default: the latest).",
            HelpName = "EVENT",
        }.AtLeast(1);
        var title = new Option<string?>("--title") { Description = "What the new one is called (default: as the other)." };
        var json = CommandOutput.JsonOption("Write the new process as a line of JSON.");
        var command = new CommandWithExamples(
            "fork", "Begin a process with the past of another, up to any event of it, and print its number.", "noos fork 12",
            "noos fork 12 --at 340 --title \"Another ending\"");
        command.Arguments.Add(process);
        command.Options.Add(at);
        command.Options.Add(title);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenAsync(settings, cancellationToken);
            var fork = await home.ForkAsync(parsed.GetValue(process), parsed.GetValue(at), parsed.GetValue(title), cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.WriteJson(fork);
            }
            else
            {
                Console.Out.WriteLine(fork.Id);
            }

            return 0;
        });
        return command;
    }
}
