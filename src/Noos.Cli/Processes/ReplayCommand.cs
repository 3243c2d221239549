using System.CommandLine;
using System.Globalization;
using Noos.Cli.Chat;
using Noos.Core.Settings;
using Noos.Kernel.Processes;

namespace Noos.Cli.Processes;

/// <summary><c>noos replay PID</c></summary>
static class ReplayCommand
{
    public static Command Create(NoosSettings settings)
    {
        var process = CommandOutput.ProcessArgument();
        var json = CommandOutput.JsonOption("Write one line of JSON: {\"identical\", \"data\": [run, ...]}.");
        var command = new CommandWithExamples(
            "replay",
            "Make the runs of a process again, from recorded seeds, options and results of tools; the exit code is 1 where one comes out "
            + "differently.",
            "noos replay 12", "noos replay 12 --json");
        command.Arguments.Add(process);
        command.Options.Add(json);
        var options = ModelOptions.AddTo(command, settings);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenWithModelAsync(settings, options, parsed, keepsCache: null, cancellationToken);
            var replay = await home.ReplayAsync(parsed.GetValue(process), cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.WriteJson(replay, known => known.ReplayAnswer);
            }
            else
            {
                foreach (var run in replay.Data)
                {
                    Console.Out.WriteLine(Describe(run));
                }

                var made = replay.Data.Count(run => run.Skipped is null);
                Console.Out.WriteLine(made == 0 ? "No run is recorded."
                    : replay.IsIdentical ? $"{(made == 1 ? "The run is" : $"All {made} runs are")} identical."
                    : $"{replay.Data.Count(run => run.Difference is not null)} of {made} runs differ.");
            }

            return replay.IsIdentical ? 0 : 1;
        });
        return command;
    }

    static string Describe(RunReplay run) => run.Skipped is { } reason ? $"event {run.Event}: not made again. {reason}"
        : run.Difference is not { } difference
        ? string.Create(CultureInfo.InvariantCulture, $"event {run.Event}: {run.Tokens} tokens, identical")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"event {run.Event}: differs at token {difference.Index} of {run.Tokens}: {Token(difference.Recorded)} recorded, "
            + $"{Token(difference.Replayed)} now\n  recorded: {difference.RecordedText.ReplaceLineEndings(" ")}\n"
            + $"  now:      {difference.ReplayedText.ReplaceLineEndings(" ")}");

    static string Token(int? token) => token?.ToString(CultureInfo.InvariantCulture) ?? "the end";
}
