using System.Globalization;
using Noos.Core;
using Noos.Testing;

namespace Noos.Bench;

/// <summary>Many rounds of a killed server, with what they came to.</summary>
static class KillCommand
{
    /// <param name="program">noos.dll</param>
    /// <param name="model">Which model the server runs.</param>
    /// <param name="home">An empty folder.</param>
    /// <param name="options"><c>rounds=200</c>, <c>seed=1</c></param>
    public static async Task RunAsync(string program, string model, string home, IReadOnlyList<string> options)
    {
        var (count, seed) = (200, 1);
        foreach (var option in options)
        {
            switch (option.Split('='))
            {
                case ["rounds", var text]:
                    count = int.Parse(text, CultureInfo.InvariantCulture);
                    break;
                case ["seed", var text]:
                    seed = int.Parse(text, CultureInfo.InvariantCulture);
                    break;
                default:
                    throw new NoosException($"There is no option '{option}'; there are rounds=N and seed=N.");
            }
        }

        using var rounds = new KillRounds([program, "up", "--port", "0", "--model", model], home, seed);
        await rounds.RunAsync(count, round =>
        {
            if (round % 10 == 0)
            {
                Console.Error.WriteLine($"{round} of {count}");
            }
        });
        Console.WriteLine("| rounds | messages acknowledged | events seen | answers cut short | longest start, ms | faults |");
        Console.WriteLine("|---|---|---|---|---|---|");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {count} | {rounds.Acknowledged} | {rounds.Seen} | {rounds.CutShort} | {rounds.LongestStartMs:N0} "
            + $"| {rounds.Faults.Count} |"));
        rounds.Faults.ForEach(Console.WriteLine);
    }
}
