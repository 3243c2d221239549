using System.Globalization;
using Noos.Core.Conversations;
using Noos.Cpus;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;
using Noos.Tools;

namespace Noos.Cli.Tests;

/// <summary>Runs of the model in the repository, recorded while others ran beside them, and made again after a restart.</summary>
public sealed class ShippedReplayTests
{
    const int Conversations = 10;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_recorded_runs_come_out_the_same_and_twenty_forks_have_the_same_past()
    {
        using var home = new TemporaryFolder();
        long[] ids;
        await using (var system = new RunningSystem(home.Path, new GenerationOptions { Temperature = 0.8f, MaxTokens = 40 }))
        {
            ids = await Task.WhenAll(Enumerable.Range(0, Conversations).Select(system.TalkAsync));
        }

        // Without the options of the first start: what acted is in the journal.
        await using var again = new RunningSystem(home.Path, GenerationOptions.Default);
        var runs = 0;
        foreach (var id in ids)
        {
            await foreach (var run in again.Table.ReplayAsync(id, Token))
            {
                Assert.Null(run.Difference);
                runs++;
            }
        }

        Assert.InRange(runs, 50, 1000);

        var random = new Random(1);
        for (var fork = 0; fork < 20; fork++)
        {
            var id = ids[random.Next(ids.Length)];
            var events = again.Journal.Reader.Events(id);
            var at = events[random.Next(events.Count)].Id;
            var before = again.Journal.Reader.History(id, at);
            var forked = (await again.Table.ForkAsync(id, at, cancellationToken: Token)).Id;
            await again.Table.WaitAsync(forked, Token);

            var messages = again.Table.ReadHistory(forked).Messages;
            Assert.Equal(before.Messages, messages.Take(before.Messages.Count));
            Assert.False(again.Table.ReadHistory(forked).IsAnswerDue);
        }
    }

    sealed class RunningSystem : IAsyncDisposable
    {
        readonly Assistant _assistant;

        public RunningSystem(string home, GenerationOptions defaults)
        {
            _assistant = new Assistant(
                ModelSource.OpenCpu(
                    new NoosOptions { Model = ShippedModelTests.Model("Llama-Noos-Nano.gguf"), Defaults = defaults, MaxConcurrency = 4 }),
                Toolbox.Create(new ToolboxOptions()));
            Journal = Journal.Open(home);
            Table = new ProcessTable(Journal, _assistant.Cpu, _assistant.Gate, _assistant.Tools);
        }

        public Journal Journal { get; }

        public ProcessTable Table { get; }

        /// <summary>Five questions, some of which need the calculator, and a sixth whose answer is stopped.</summary>
        public async Task<long> TalkAsync(int number)
        {
            var id = (await Table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token)).Id;
            for (var turn = 0; turn < 5; turn++)
            {
                var text = turn % 2 == 0
                    ? string.Create(CultureInfo.InvariantCulture, $"What is {number + 3}*{turn + 7}+{number}?")
                    : "Tell me something about the sea.";
                await Table.SayAsync(id, Message.User(text), Token);
                await Table.WaitAsync(id, Token);
            }

            await Table.SayAsync(id, Message.User("Tell me a story."), Token);
            await Task.Delay(number * 10, Token);
            await Table.StopAsync(id);
            return id;
        }

        public async ValueTask DisposeAsync()
        {
            await Table.DisposeAsync();
            await Journal.DisposeAsync();
            await _assistant.DisposeAsync();
        }
    }
}
