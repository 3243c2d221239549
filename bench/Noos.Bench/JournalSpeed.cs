using System.Diagnostics;
using System.Globalization;
using Noos.Core.Conversations;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Bench;

/// <summary>
/// A journal with many idle conversations and two long ones: one of messages, and one of streamed pieces as real answers have them.
/// Measures the start, and what it takes to open the long ones.
/// </summary>
static class JournalSpeed
{
    const int Rounds = 5;

    /// <param name="home">The folder; filled where it is empty.</param>
    /// <param name="conversations">Idle ones, of six messages each.</param>
    /// <param name="events">Of each of the long ones.</param>
    public static async Task RunAsync(string home, int conversations, int events)
    {
        if (!File.Exists(Path.Combine(home, Journal.FileName)))
        {
            await FillAsync(home, conversations, events);
        }

        long first, second;
        await using (var journal = Journal.Open(home))
        {
            var longest = journal.Reader.Processes(new ProcessFilter { Program = "long" });
            (first, second) = (longest[^1].Id, longest[0].Id);
        }

        Console.WriteLine($"| what | median of {Rounds}, ms |");
        Console.WriteLine("|---|---|");
        foreach (var (name, id) in (ReadOnlySpan<(string, long)>)[("messages", first), ("pieces", second)])
        {
            MeasureAsync(home, name, id).GetAwaiter().GetResult();
        }

        Console.WriteLine($"| file | {new FileInfo(Path.Combine(home, Journal.FileName)).Length >> 20} MiB |");
        Console.WriteLine($"| memory | {Environment.WorkingSet >> 20} MiB |");
    }

    static async Task MeasureAsync(string home, string name, long id)
    {
        var names = new List<string>();
        var times = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            var cpu = new PacedCpu(2);
            Journal? journal = null;
            ProcessTable? table = null;
            await TimeAsync("open and recover", async () =>
            {
                journal = Journal.Open(home);
                table = new ProcessTable(journal, cpu, new ToolGate(new ToolLimits()), []);
                await table.RecoverAsync();
            });
            await TimeAsync("list the first page", () => Task.FromResult(table!.List(new ProcessFilter { Limit = 50 })));
            await TimeAsync("list all", () => Task.FromResult(table!.List()));
            await TimeAsync("get", () => Task.FromResult(table!.Get(id)));
            await TimeAsync("first 1,000 events", () => Task.FromResult(table!.Events(id, 0, 1000)));
            var last = journal!.Reader.LastEvent(id);
            await TimeAsync("last events", () => Task.FromResult(table!.Events(id, last - 1000, 1000)));
            await TimeAsync("follow from the end", async () =>
            {
                await foreach (var _ in table!.FollowAsync(id, last - 1))
                {
                    break;
                }
            });
            await TimeAsync("read the history", () => Task.FromResult(table!.ReadHistory(id)));
            await TimeAsync("nice", () => table!.NiceAsync(id, ProcessPriority.Agent));
            await TimeAsync("say, the first time", () => table!.SayAsync(id, Message.User("And now?")));
            await table!.WaitAsync(id);
            await TimeAsync("say, the second time", () => table!.SayAsync(id, Message.User("And now?")));
            await table!.WaitAsync(id);
            await TimeAsync("search", () => Task.FromResult(table!.Search("lighthouse keeper", limit: 20)));
            await TimeAsync("fork", () => table!.ForkAsync(id));
            await table!.DisposeAsync();
            await journal!.DisposeAsync();
        }

        names.ForEach(what =>
        {
            times[what].Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name}: {what} | {times[what][Rounds / 2]:N1} |"));
        });

        async Task TimeAsync(string what, Func<Task> run)
        {
            var watch = Stopwatch.StartNew();
            await run();
            if (times.TryAdd(what, []))
            {
                names.Add(what);
            }

            times[what].Add(watch.Elapsed.TotalMilliseconds);
        }
    }

    static async Task FillAsync(string home, int conversations, int events)
    {
        await using var journal = Journal.Open(home);
        var random = new Random(1);
        foreach (var isPieces in (bool[])[false, true])
        {
            var id = await AddAsync("long");
            var batch = new List<JournalEvent>();
            for (var count = 0; count < events; count += batch.Count)
            {
                batch.Clear();
                while (batch.Count < 1000)
                {
                    batch.Add(new Said(Message.User(Words(20))));
                    batch.Add(new StateChanged(ProcessState.Running));
                    batch.Add(new RunBegan(7));
                    for (var piece = 0; isPieces && piece < 40; piece++)
                    {
                        batch.Add(new Wrote(Words(2), false, [1, 2, 3]));
                    }

                    batch.Add(new RunEnded(Message.Assistant(Words(80)), "stop", 7, [.. Enumerable.Range(0, 100)], new ProcessUsage(9, 9)));
                    batch.Add(new StateChanged(ProcessState.WaitingForPerson));
                }

                await journal.AppendAsync(id, batch);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, conversations).Select(async _ =>
        {
            var id = await AddAsync("chat");
            for (var turn = 0; turn < 3; turn++)
            {
                await journal.AppendAsync(
                    id,
                    [
                        new Said(Message.User(Words(20))), new RunBegan(7),
                        new RunEnded(Message.Assistant(Words(80)), "stop", 7, [1], new ProcessUsage(9, 9)),
                        new StateChanged(ProcessState.WaitingForPerson),
                    ]);
            }
        }));

        async Task<long> AddAsync(string name) => (await journal.AddProcessAsync(
            new ProcessRecord(0, null, "me", ProcessKind.Conversation)
            {
                Program = new ProcessProgram { Name = name, Instructions = "Be brief." },
                State = ProcessState.WaitingForPerson,
            })).Id;

        string Words(int count)
        {
            lock (random)
            {
                return string.Join(' ', Enumerable.Range(0, count).Select(_ => random.Next(200) == 0 ? "lighthouse" : s_words[random.Next(
                    s_words.Length)]));
            }
        }
    }

    static readonly string[] s_words =
        "the a of and to in is was for on that with as it by at from keeper sea storm lamp boat cliff night light wind".Split(' ');
}
