using System.Runtime.CompilerServices;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Testing;

/// <summary>
/// A CPU that says what the script says: one reply per run, in order, the last one again and again. Keeps what it was asked.
/// </summary>
public sealed class ScriptedCpu(params IReadOnlyList<CpuEvent>[] replies) : ICpu
{
    int _run;

    public CpuInfo Info { get; init; } = new("scripted");

    /// <summary>It was disposed.</summary>
    public bool IsDisposed { get; private set; }

    public List<Turn> Turns { get; } = [];

    /// <summary>The run that is under way fails with this, after what its reply says.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The next run fails with this before it says anything.</summary>
    public Exception? FailureAtOnce { get; set; }

    public static ToolCalled Call(string id, string name, string arguments) =>
        new(new ToolCallPart(name, JsonElement.Parse(arguments), id));

    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => conversation.Messages.Count;

    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Turns.Add(turn);
        if (FailureAtOnce is { } refusal)
        {
            FailureAtOnce = null;
            throw refusal;
        }

        var reply = replies[Math.Min(_run++, replies.Length - 1)];
        foreach (var item in reply)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }

        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }

        yield return new RunFinished(
            new TokenUsage(10, 4, reply.Count), reply.Any(item => item is ToolCalled)
                ? FinishReasons.ToolCalls
                : FinishReasons.Stop, turn.Options.Seed ?? 42)
        {
            TokenIds = [.. reply.SelectMany(item => item.TokenIds)],
        };
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
