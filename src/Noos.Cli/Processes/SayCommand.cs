using System.CommandLine;
using Noos.Cli.Chat;
using Noos.Core;
using Noos.Core.Settings;

namespace Noos.Cli.Processes;

/// <summary><c>noos say PID TEXT</c></summary>
static class SayCommand
{
    public static Command Create(NoosSettings settings)
    {
        var process = CommandOutput.ProcessArgument();
        var text = new Argument<string?>("text")
        {
            Description = "What to say; without it, standard input is read.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var noWait = new Option<bool>("--no-wait")
        {
            Description = "Say it and leave: the server answers, now or, where none is up, after its next start.",
        };
        var json = CommandOutput.JsonOption("Write the events of the answer, each as a line of JSON.");
        var command = new CommandWithExamples(
            "say", "Say something to a process and show its answer. While another is under way, it waits for its end.",
            "noos say 12 \"And in French?\"", "noos say 12 \"Go on.\" --no-wait",
            "noos say 12 --file plan.pdf \"What is missing?\"", "git diff | noos say 12 --max-tokens 200");
        command.Arguments.Add(process);
        command.Arguments.Add(text);
        command.Options.Add(noWait);
        command.Options.Add(json);
        var files = FileOption.AddTo(command);
        var options = ModelOptions.AddTo(command, settings);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var message = parsed.GetValue(text)
                ?? (Console.IsInputRedirected ? await Console.In.ReadToEndAsync(cancellationToken) : null);
            if (string.IsNullOrWhiteSpace(message))
            {
                throw new NoosException("There is nothing to say; write it in quotes after the number, or pipe it in.");
            }

            await using var home = parsed.GetValue(noWait)
                ? await Homes.OpenAsync(settings, cancellationToken)
                : await Homes.OpenWithModelAsync(settings, options, parsed, keepsCache: null, cancellationToken);
            var said = await home.SayAsync(
                parsed.GetValue(process), message.Trim(), parsed.GetValue(files) ?? [], options.GenerationOrNull(parsed),
                cancellationToken);
            if (said.IsQueued
                && (await home.ApprovalsAsync(cancellationToken)).Any(entry => entry.Process == parsed.GetValue(process)))
            {
                await Console.Error.WriteLineAsync(WaitsForPermission(parsed.GetValue(process)));
                return ErrorKind.Busy.ExitCode();
            }

            if (!parsed.GetValue(noWait))
            {
                return await ShowAsync(home, parsed.GetValue(process), said.Event, parsed.GetValue(json), settings, cancellationToken);
            }

            if (parsed.GetValue(json))
            {
                CommandOutput.WriteJson(said, known => known.SaidAnswer);
            }

            return 0;
        });
        return command;
    }

    static string WaitsForPermission(long process) =>
        $"Process {process} waits for your permission; 'noos permissions' shows for what, 'noos permissions allow {process}' gives it.";

    /// <summary>Shows an answer to its end. Ctrl-C leaves it: it goes on in the server.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ShowAsync(
        IHome home, long process, long after, bool wantsJson, NoosSettings settings, CancellationToken cancellationToken)
    {
        var lines = wantsJson
            ? new AnswerWriter(TextWriter.Null, TextWriter.Null, noColor: true)
            : new AnswerWriter(Console.Out, Console.Error, settings.NoColor);
        var writer = new EntryWriter(lines);
        try
        {
            await foreach (var entry in home.FollowAsync(process, after, cancellationToken))
            {
                if (wantsJson)
                {
                    CommandOutput.WriteJson(entry, known => known.JournalEntry);
                }

                if (!writer.Write(entry.Event))
                {
                    break;
                }
            }
        }
        finally
        {
            lines.EndLine();
        }

        if (writer.Asked is not null)
        {
            await Console.Error.WriteLineAsync(WaitsForPermission(process));
            return ErrorKind.Busy.ExitCode();
        }

        return writer.Failure is { } failure ? throw new NoosException(ErrorKind.Unavailable, failure)
            : writer.IsOver ? 0
            : throw new NoosException(ErrorKind.Unavailable, EntryWriter.StandsStill(process));
    }
}
