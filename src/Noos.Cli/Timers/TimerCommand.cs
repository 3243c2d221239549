using System.CommandLine;
using Noos.Cli.Chat;
using Noos.Cli.Processes;
using Noos.Core.Settings;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;

namespace Noos.Cli.Timers;

/// <summary><c>noos timer add</c> and <c>noos timer rm</c></summary>
static class TimerCommand
{
    public static Command Create(NoosSettings settings)
    {
        var command = new CommandWithExamples(
            "timer", "Set timers, which say something to the model at their time, and remove them. They run while 'noos up' does.",
            "noos timer add \"0 9 * * *\" \"What is new?\"", "noos timer add --at \"in 10m\" \"Is the tea ready?\"", "noos timer rm 12");
        command.Subcommands.Add(CreateAdd(settings));
        command.Subcommands.Add(CreateRemove(settings));
        return command;
    }

    static CommandWithExamples CreateAdd(NoosSettings settings)
    {
        var words = new Argument<string[]>("schedule and message")
        {
            Description =
                "A cron line (minute, hour, day, month, weekday; or @daily and the like) and what is said; with --at only what is said.",
            Arity = new ArgumentArity(1, 2),
        };
        var at = new Option<string?>("--at")
        {
            Description = "Once, at this time: 2026-12-24T18:00, or \"in 10m\" (d, h, m, s).",
            HelpName = "TIME",
        };
        var missed = new Option<string>("--missed")
        {
            Description = "What becomes of times that come while the system is off: once (one run makes up for them) or skip (they are "
                + "only noted).",
            DefaultValueFactory = _ => "once",
        };
        missed.AcceptOnlyFromAmong("once", "skip");
        var title = new Option<string?>("--title") { Description = "What it is called in lists." };
        var instructions = new Option<string?>("--instructions") { Description = "The system message." };
        var tools = new ToolFlags("its jobs");
        var json = CommandOutput.JsonOption("Write the timer as a line of JSON.");
        var command = new CommandWithExamples(
            "add", "Set a timer, and print its number. Times are those of this machine's time zone.",
            "noos timer add \"0 9 * * *\" \"What is new?\"",
            "noos timer add \"*/15 * * * *\" \"Check the mail.\" --missed skip --title Mail",
            "noos timer add --at \"in 10m\" \"Is the tea ready?\"", "noos timer add --at 2026-12-24T18:00 \"Wish me a merry Christmas.\"");
        command.Arguments.Add(words);
        foreach (var option in (Option[])[at, missed, title, instructions, .. tools.All, json])
        {
            command.Options.Add(option);
        }

        var options = ModelOptions.AddTo(command, settings);
        command.Validators.Add(result =>
        {
            if (result.GetResult(words)?.Tokens.Count is { } count && count != (result.GetValue(at) is null ? 2 : 1))
            {
                result.AddError(
                    "Give a cron line and a message, each in quotes, as in noos timer add \"0 9 * * *\" \"What is new?\", or --at TIME and "
                    + "only a message.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var given = parsed.GetRequiredValue(words);
            var program = new ProcessProgram
            {
                Instructions = parsed.GetValue(instructions),
                Tools = tools.Names(parsed),
                Options = options.GenerationOrNull(parsed) ?? GenerationOptions.Default,
            };
            var start = new TimerStart(settings.User, program, given[^1].Trim())
            {
                Cron = parsed.GetValue(at) is null ? given[0] : null,
                At = parsed.GetValue(at),
                Missed = Enum.Parse<MissedRuns>(parsed.GetRequiredValue(missed), ignoreCase: true),
                Title = parsed.GetValue(title) ?? ChatProgram.TitleOf(given[^1]),
            };
            await using var home = await Homes.OpenAsync(settings, cancellationToken);
            var timer = await home.AddTimerAsync(start, cancellationToken);
            if (parsed.GetValue(json))
            {
                TimersCommand.WriteJson(timer, known => known.TimerRecord);
            }
            else
            {
                Console.Out.WriteLine(timer.Id);
                await Console.Error.WriteLineAsync($"It is due at {TimersCommand.Local(timer.Next)}.");
            }

            if (home.Model is null)
            {
                await Console.Error.WriteLineAsync("No server is up; timers run while 'noos up' does.");
            }

            return 0;
        });
        return command;
    }

    static CommandWithExamples CreateRemove(NoosSettings settings)
    {
        var timers = new Argument<long[]>("id")
        {
            Description = "The numbers of the timers ('noos timers' lists them).",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = CommandOutput.JsonOption("Write each timer, as it was, as a line of JSON.");
        var command = new CommandWithExamples(
            "rm", "Remove timers with their logs; the processes that they have begun stay.", "noos timer rm 12", "noos timer rm 12 13");
        command.Arguments.Add(timers);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenAsync(settings, cancellationToken);
            foreach (var id in parsed.GetRequiredValue(timers))
            {
                var timer = await home.RemoveTimerAsync(id, cancellationToken);
                if (parsed.GetValue(json))
                {
                    TimersCommand.WriteJson(timer, known => known.TimerRecord);
                }
                else
                {
                    Console.Out.WriteLine($"{id} removed");
                }
            }

            return 0;
        });
        return command;
    }
}
