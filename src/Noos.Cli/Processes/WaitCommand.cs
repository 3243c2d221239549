using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Kernel.Processes;

namespace Noos.Cli.Processes;

/// <summary><c>noos wait PID...</c></summary>
static class WaitCommand
{
    public static Command Create(NoosSettings settings)
    {
        var processes = CommandOutput.ProcessesArgument();
        var timeout = new Option<double?>("--timeout") { Description = "Wait at most so many seconds.", HelpName = "SECONDS" };
        timeout.Validators.Add(result =>
        {
            if (result.TryGetValue<double?>(out var seconds) && seconds is < 0 or > 1e6 or double.NaN)
            {
                result.AddError("The seconds to wait must be from 0 to 1000000.");
            }
        });
        var json = CommandOutput.JsonOption("Write each process as a line of JSON.");
        var command = new CommandWithExamples(
            "wait",
            "Wait until processes have nothing more to do. The exit code is 1 where one failed or was killed, and 75 where one is not "
            + "over.",
            "noos wait 12", "noos wait 12 13 --timeout 60", "noos spawn --kind job \"Tidy up.\" | xargs noos wait");
        command.Arguments.Add(processes);
        command.Options.Add(timeout);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenToReadAsync(settings, cancellationToken);
            var time = parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromDays(3650);
            var ended = await Task.WhenAll(parsed.GetRequiredValue(processes)
                .Select(process => home.WaitAsync(process, time, cancellationToken)));
            var asking = await ProcessColumns.FindAskingAsync(home, ended, cancellationToken);
            foreach (var process in ended)
            {
                if (parsed.GetValue(json))
                {
                    CommandOutput.WriteJson(process);
                }
                else
                {
                    Console.Out.WriteLine($"{process.Id} {ProcessLabels.For(process.State, asking.Contains(process.Id))}");
                }
            }

            if (home.Model is null && ended.Any(process => process.IsDue))
            {
                await Console.Error.WriteLineAsync("No server is up, so nothing goes on; start one with 'noos up'.");
            }

            return ended.Any(process => process.IsDue || asking.Contains(process.Id)) ? ErrorKind.Busy.ExitCode()
                : ended.Any(process => process.State is ProcessState.Failed or ProcessState.Killed) ? 1
                : 0;
        });
        return command;
    }
}
