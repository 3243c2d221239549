using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Testing;

/// <summary>
/// A CPU whose tokens follow from seed and conversation alone, so that it can replay; a test can hold it up. A question with "call" in it
/// makes it call its first tool once, with <c>{"n": 4}</c>.
/// </summary>
/// <param name="tokens">Tokens of an answer.</param>
public sealed class PacedCpu(int tokens = 6) : ICpu
{
    readonly SemaphoreSlim _permits = new(0);
    int _begun;
    bool _isHeld;

    public CpuInfo Info { get; init; } = new("paced", CpuFeatures.Replay);

    /// <summary>Added to every token: another number is another model.</summary>
    public int Offset { get; init; }

    /// <summary>Runs that have begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>From now on every token waits for <see cref="Let"/>.</summary>
    public void Hold() => _isHeld = true;

    /// <summary>Lets so many tokens of all runs pass.</summary>
    public void Let(int count) => _permits.Release(count);

    /// <summary>Holds nothing up any more.</summary>
    public void Release()
    {
        _isHeld = false;
        _permits.Release(1_000_000);
    }

    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => conversation?.Messages.Count;

    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(turn);
        Interlocked.Increment(ref _begun);
        yield return new RunStarted();
        var seed = turn.Options.Seed ?? 1;
        var ids = new List<int>();
        for (var index = 0; index < Math.Min(tokens, turn.Options.MaxTokens ?? int.MaxValue); index++)
        {
            if (_isHeld)
            {
                await _permits.WaitAsync(cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            ids.Add(TokenOf(seed, turn, index));
            yield return new TextDelta(string.Create(CultureInfo.InvariantCulture, $"t{ids[^1]} ")) { TokenIds = [ids[^1]] };
        }

        var calls = turn.Tools.Count > 0 && turn.Conversation.Messages[^1] is { Role: Role.User } question
            && question.Text().Contains("call", StringComparison.Ordinal);
        if (calls)
        {
            ids.Add(9999);
            yield return new ToolCalled(new ToolCallPart(turn.Tools[0].Name, JsonElement.Parse("""{"n":4}"""), "c1")) { TokenIds = [9999] };
        }

        yield return new RunFinished(
            new TokenUsage(turn.Conversation.Messages.Count, 0, ids.Count), calls ? FinishReasons.ToolCalls : FinishReasons.Stop, seed)
        {
            TokenIds = ids,
        };
    }

    public ValueTask DisposeAsync()
    {
        _permits.Dispose();
        return ValueTask.CompletedTask;
    }

    int TokenOf(ulong seed, Turn turn, int index)
    {
        // Any function of what the model reads will do, as long as it is the same tomorrow.
        var hash = seed;
        foreach (var letter in turn.Conversation.Messages.SelectMany(message => message.Text()))
        {
            hash = (hash * 31) + letter;
        }

        return (int)((hash + (ulong)(index * 7919)) % 1000) + Offset;
    }
}
