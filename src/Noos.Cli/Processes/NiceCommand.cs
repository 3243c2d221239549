using System.CommandLine;
using Noos.Core.Settings;
using Noos.Kernel.Processes;

namespace Noos.Cli.Processes;

/// <summary><c>noos nice</c> and <c>noos rename</c></summary>
static class NiceCommand
{
    public static Command Create(NoosSettings settings)
    {
        var process = CommandOutput.ProcessArgument();
        var priority = new Argument<string>("priority")
        {
            Description = "interactive (first), continuation, agent or background (last).",
        };
        priority.AcceptOnlyFromAmong("interactive", "continuation", "agent", "background");
        var command = new CommandWithExamples(
            "nice", "Give a process another priority: who goes first when the machine is full.", "noos nice 12 background");
        command.Arguments.Add(process);
        command.Arguments.Add(priority);
        return Complete(command, settings, (home, parsed, cancellationToken) => home.ChangeAsync(
            parsed.GetValue(process), Enum.Parse<ProcessPriority>(parsed.GetRequiredValue(priority), ignoreCase: true), title: null,
            cancellationToken), changed => $"has the priority {EventText.NameOf(changed.Priority)} now");
    }

    public static Command CreateRename(NoosSettings settings)
    {
        var process = CommandOutput.ProcessArgument();
        var title = new Argument<string>("title") { Description = "What it is called from now on." };
        var command = new CommandWithExamples("rename", "Give a process another title.", "noos rename 12 \"Plans for the garden\"");
        command.Arguments.Add(process);
        command.Arguments.Add(title);
        return Complete(command, settings, (home, parsed, cancellationToken) => home.ChangeAsync(
            parsed.GetValue(process), priority: null, parsed.GetRequiredValue(title), cancellationToken),
            changed => $"is called \"{EventText.OneLine(changed.Title ?? "")}\" now");
    }

    static CommandWithExamples Complete(
        CommandWithExamples command, NoosSettings settings, Func<IHome, ParseResult, CancellationToken, Task<ProcessRecord>> change,
        Func<ProcessRecord, string> describe)
    {
        var json = CommandOutput.JsonOption("Write the process as a line of JSON.");
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenAsync(settings, cancellationToken);
            var changed = await change(home, parsed, cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.WriteJson(changed);
            }
            else
            {
                Console.Out.WriteLine($"Process {changed.Id} {describe(changed)}.");
            }

            return 0;
        });
        return command;
    }
}
