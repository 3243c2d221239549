using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Cpus;
using Noos.Inference;
using Noos.Inference.Batching;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Bench;

/// <summary>
/// What the kernel costs: the same answers from the engine alone and as processes, with a journal that is flushed to the disk before
/// anybody hears of a token, in alternating rounds. One stream and eight together.
/// </summary>
static class KernelOverhead
{
    /// <param name="model">A GGUF file.</param>
    /// <param name="options">tokens=200 of an answer, rounds=5.</param>
    public static async Task RunAsync(string model, string[] options)
    {
        var (tokens, rounds) = (200, 5);
        foreach (var option in options)
        {
            switch (option.Split('=', 2))
            {
                case ["tokens", var value]:
                    tokens = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["rounds", var value]:
                    rounds = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                default:
                    throw new NoosException($"There is no option '{option}'; give tokens=200 or rounds=5.");
            }
        }

        var generation = new GenerationOptions { Temperature = 0, MaxTokens = tokens, LoopGuard = false };
        await using var bare = ModelSource.OpenCpu(new NoosOptions
        {
            Model = model,
            Defaults = generation,
            Inference = new InferenceOptions { BatchPolicy = new PlainPolicy() },
        });
        await using var cpu = ModelSource.OpenCpu(new NoosOptions { Model = model, Defaults = generation });
        using var home = new TemporaryFolder();
        await using var journal = Journal.Open(home.Path);
        await using var table = new ProcessTable(journal, cpu, new ToolGate(new ToolLimits()), []);
        Console.WriteLine("| streams | engine alone, tokens/s | as processes | ratio (median) |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var streams in (int[])[1, 8])
        {
            var (alone, processes, ratios) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = -1; round < rounds; round++)
            {
                var (first, second) = (await AloneAsync(bare, streams, round), await ProcessesAsync(table, streams, round));
                if (round >= 0)
                {
                    alone.Add(first);
                    processes.Add(second);
                    ratios.Add(second / first);
                }
            }

            Console.WriteLine($"| {streams} | {Median(alone):N0} | {Median(processes):N0} | {Median(ratios):N3} |");
        }
    }

    static async Task<double> AloneAsync(ICpu cpu, int streams, int round)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, streams).Select(async stream =>
        {
            var turn = new Turn(Conversation.From(Message.User(Question(stream, round))));
            var finished = (RunFinished)await cpu.RunAsync(turn).LastAsync();
            return finished.Usage.GeneratedTokens;
        }));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    static async Task<double> ProcessesAsync(ProcessTable table, int streams, int round)
    {
        var ids = new List<long>();
        for (var stream = 0; stream < streams; stream++)
        {
            ids.Add((await table.SpawnAsync($"owner-{stream}", ProcessKind.Conversation, new ProcessProgram())).Id);
        }

        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(ids.Select(async (id, stream) =>
        {
            await table.SayAsync(id, Message.User(Question(stream, round)));
            // As the page does: somebody reads along.
            await foreach (var entry in table.FollowAsync(id))
            {
                if (entry.Event is RunEnded ended)
                {
                    return ended.TokenIds.Count;
                }
            }

            return 0;
        }));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    static string Question(int stream, int round) => $"Tell me a long story about the number {(100 * (round + 2)) + stream}.";

    static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    /// <summary>The engine's usual policy, but not its instance, which the kernel would replace by its own.</summary>
    sealed class PlainPolicy : IBatchPolicy
    {
        public int Plan(ReadOnlySpan<SequenceView> ready, int tokenBudget, Span<TokenGrant> grants) =>
            DecodeFirstPolicy.Instance.Plan(ready, tokenBudget, grants);
    }
}
