using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

/// <summary>What a long answer costs beside the model: nobody is woken for each of its tokens.</summary>
public sealed class BeatTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    [Fact]
    public async Task Long_answer_is_taken_beat_by_beat_and_whole()
    {
        await using var cpu = new StreamingCpu(TimeSpan.FromSeconds(1.8));
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await system.SpawnAsync();

        await system.AskAsync(id, "Count.");

        Assert.Equal(["User: Count.", $"Assistant: {StreamingCpu.Text(cpu.Tokens)}"], system.Said(id));
        var batches = system.Journal.Reader.Events(id).Count(entry => entry.Event is Wrote);
        // A beat has 40 ms: 45 batches, and in the last 0.7 s two waits for each, for its first token and for what comes then.
        Assert.InRange(batches, 1, 60);
        Assert.InRange(cpu.LateWaits, 0, 60);
    }

    public void Dispose() => _home.Dispose();

    /// <summary>Writes a token every two milliseconds from a thread of its own, as an engine does.</summary>
    sealed class StreamingCpu(TimeSpan time) : ICpu
    {
        int _lateWaits;

        public CpuInfo Info { get; } = new("streaming", CpuFeatures.None);

        public int Tokens { get; private set; }

        /// <summary>How often the reader had to wait for a token after the first second.</summary>
        public int LateWaits => _lateWaits;

        public static string Text(int tokens) => string.Concat(Enumerable.Range(0, tokens).Select(token => $"{token} "));

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

        public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var tokens = Channel.CreateUnbounded<string>();
            var began = TimeProvider.System.GetTimestamp();
            var writer = new Thread(() =>
            {
                for (; TimeProvider.System.GetElapsedTime(began) < time; Tokens++)
                {
                    tokens.Writer.TryWrite($"{Tokens} ");
                    Thread.Sleep(2);
                }

                tokens.Writer.Complete();
            });
            writer.Start();
            yield return new RunStarted();
            while (true)
            {
                var next = tokens.Reader.WaitToReadAsync(cancellationToken);
                _lateWaits += next.IsCompleted || TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(1.1) ? 0 : 1;
                if (!await next)
                {
                    break;
                }

                while (tokens.Reader.TryRead(out var token))
                {
                    yield return new TextDelta(token);
                }
            }

            yield return new RunFinished(new TokenUsage(1, 0, Tokens), FinishReasons.Stop);
        }

        public object? GetService(Type serviceType) => null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
