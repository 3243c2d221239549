using System.CommandLine;
using Noos.Cli.Chat;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;

namespace Noos.Cli.Processes;

/// <summary><c>noos spawn</c></summary>
static class SpawnCommand
{
    public static Command Create(NoosSettings settings)
    {
        var message = new Argument<string?>("message")
        {
            Description = "What is said to it at once; without it, it waits ('noos say').",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var kind = new Option<string>("--kind")
        {
            Description = "conversation (waits after each answer), agent, job or housekeeping (done after its answer).",
            DefaultValueFactory = _ => "conversation",
        };
        kind.AcceptOnlyFromAmong("conversation", "agent", "job", "housekeeping");
        var title = new Option<string?>("--title") { Description = "What it is called in lists." };
        var instructions = new Option<string?>("--instructions") { Description = "The system message." };
        var tools = new ToolFlags("it");
        var parent = new Option<long?>("--parent") { Description = "Whose sub-agent it is: its limits are never wider.", HelpName = "PID" }
            .AtLeast(1);
        var priority = new Option<string?>("--priority")
        {
            Description = "interactive, continuation, agent or background (default: as the kind says).",
        };
        priority.AcceptOnlyFromAmong("interactive", "continuation", "agent", "background");
        var depth = new Option<int?>("--max-depth") { Description = "Levels of sub-agents below it: 3 unless told otherwise." };
        var children = new Option<int?>("--max-children") { Description = "Sub-agents at the same time: 16 unless told otherwise." };
        var tokens = new Option<long?>("--token-budget") { Description = "Tokens that it and all below it may read and write." };
        var calls = new Option<long?>("--call-budget") { Description = "Calls of tools that it and all below it may make." };
        foreach (var count in (Option[])[depth, children, tokens, calls])
        {
            RequireCount(count);
        }

        var wait = new Option<bool>("--wait") { Description = "Show the answer as it comes, and leave when it is over." };
        var json = CommandOutput.JsonOption("Write the process as a line of JSON, with --wait the events of its answer.");
        var command = new CommandWithExamples(
            "spawn", "Begin a process, and print its number. The server answers; where none is up, its next start does.",
            "noos spawn \"Write a haiku about rain.\" --wait",
            "noos spawn --kind job --priority background --token-budget 5000 \"Summarize the plan.\"",
            "noos spawn --model Qwen/Qwen3-0.6B-GGUF --fallback Noos-Nano \"Plan a trip to Rome.\" --wait",
            "noos spawn --title Translator --instructions \"Translate into French.\" --no-tools");
        command.Arguments.Add(message);
        foreach (var option in (Option[])
            [kind, title, instructions, .. tools.All, parent, priority, depth, children, tokens, calls, wait, json])
        {
            command.Options.Add(option);
        }

        var files = FileOption.AddTo(command);
        var options = ModelOptions.AddTo(command, settings);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var text = parsed.GetValue(message);
            if (parsed.GetValue(wait) && string.IsNullOrWhiteSpace(text))
            {
                throw new NoosException("Without a message there is no answer to wait for; write one in quotes, or leave out --wait.");
            }

            if (parsed.GetValue(files) is { Length: > 0 } && string.IsNullOrWhiteSpace(text))
            {
                throw new NoosException("A file goes with a message; write one in quotes, or give the file later with 'noos say'.");
            }

            var usual = new ProcessLimits();
            var start = new ProcessStart(
                settings.User, Enum.Parse<ProcessKind>(parsed.GetRequiredValue(kind), ignoreCase: true),
                new ProcessProgram
                {
                    Instructions = parsed.GetValue(instructions),
                    Model = options.GivenModel(parsed),
                    Fallbacks = options.GivenFallbacks(parsed),
                    Tools = tools.Names(parsed),
                    Options = options.GenerationOrNull(parsed) ?? GenerationOptions.Default,
                    Limits = new ProcessLimits
                    {
                        Depth = parsed.GetValue(depth) ?? usual.Depth,
                        Children = parsed.GetValue(children) ?? usual.Children,
                        Tokens = parsed.GetValue(tokens),
                        Calls = parsed.GetValue(calls),
                    },
                })
            {
                Title = parsed.GetValue(title) ?? ChatProgram.TitleOf(text ?? ""),
                Parent = parsed.GetValue(parent),
                Priority = parsed.GetValue(priority) is { } wanted ? Enum.Parse<ProcessPriority>(wanted, ignoreCase: true) : null,
            };
            await using var home = parsed.GetValue(wait)
                ? await Homes.OpenWithModelAsync(settings, options, parsed, keepsCache: null, cancellationToken, choosesModel: true)
                : await Homes.OpenAsync(settings, cancellationToken);
            var paths = parsed.GetValue(files) ?? [];
            var process = await home.SpawnAsync(
                start, string.IsNullOrWhiteSpace(text) || paths.Length > 0 ? null : text.Trim(), cancellationToken);
            if (paths.Length > 0)
            {
                // Files are kept in the folder of the process, which is there only now.
                process = (await home.SayAsync(process.Id, text!.Trim(), paths, options: null, cancellationToken)).Process;
            }

            if (parsed.GetValue(wait))
            {
                return await SayCommand.ShowAsync(home, process.Id, after: 0, parsed.GetValue(json), settings, cancellationToken);
            }

            if (parsed.GetValue(json))
            {
                CommandOutput.WriteJson(process);
            }
            else
            {
                Console.Out.WriteLine(process.Id);
            }

            return 0;
        });
        return command;
    }

    static void RequireCount(Option option) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && long.TryParse(token.Value, out var count) && count < 0)
        {
            result.AddError($"The value of {option.Name} must be 0 or more.");
        }
    });
}
