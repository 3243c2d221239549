using System.CommandLine;
using Noos.Core.Settings;

namespace Noos.Cli.Processes;

/// <summary>Commands that do the same to each of some numbers and say of each that it is done.</summary>
static class NumbersCommand
{
    /// <param name="settings">Whose home it is.</param>
    /// <param name="command">Gets the numbers, <c>--json</c> and what happens.</param>
    /// <param name="numbers">Which numbers, for <c>--help</c>.</param>
    /// <param name="json">What <c>--json</c> writes, for <c>--help</c>.</param>
    /// <param name="done">What is said behind each number.</param>
    /// <param name="act">Does it.</param>
    /// <param name="writeJson">Writes what it gave.</param>
    public static CommandWithExamples Create<T>(
        NoosSettings settings, CommandWithExamples command, string numbers, string json, string done,
        Func<IHome, long, CancellationToken, Task<T>> act, Action<T> writeJson)
    {
        var ids = new Argument<long[]>("id") { Description = numbers, Arity = ArgumentArity.OneOrMore };
        var wantsJson = CommandOutput.JsonOption(json);
        command.Arguments.Add(ids);
        command.Options.Add(wantsJson);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenAsync(settings, cancellationToken);
            foreach (var id in parsed.GetRequiredValue(ids))
            {
                var result = await act(home, id, cancellationToken);
                if (parsed.GetValue(wantsJson))
                {
                    writeJson(result);
                }
                else
                {
                    Console.Out.WriteLine($"{id} {done}");
                }
            }

            return 0;
        });
        return command;
    }
}
