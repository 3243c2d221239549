using System.Runtime.CompilerServices;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;

namespace Noos.Testing;

/// <summary>
/// A real CPU that reads what it is given, and says what a script says: everything but the words is the engine's, its counts above all.
/// </summary>
/// <param name="engine">Reads. Owned from now on.</param>
/// <param name="script">What is said to a turn.</param>
public sealed class PuppetCpu(ICpu engine, Func<Turn, IReadOnlyList<CpuEvent>> script) : ICpu
{
    public CpuInfo Info => engine.Info;

    /// <summary>Every run: what the page table said before it, and what the engine counted.</summary>
    public List<(ContextMap Map, RunFinished Finished)> Runs { get; } = [];

    /// <summary>Every turn, in the order in which they came.</summary>
    public List<Turn> Asked { get; } = [];

    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => engine.CountTokens(conversation, tools);

    public ContextMap? MapContext(Turn turn) => engine.MapContext(turn);

    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(turn);
        Asked.Add(turn);
        var asked = turn with { Options = turn.Options with { MaxTokens = 1 } };
        var map = engine.MapContext(asked)!;
        RunFinished? finished = null;
        await foreach (var item in engine.RunAsync(asked, cancellationToken))
        {
            finished = item as RunFinished ?? finished;
        }

        Runs.Add((map, finished!));
        var said = script(turn);
        foreach (var item in said)
        {
            yield return item;
        }

        yield return finished! with { FinishReason = said.Any(item => item is ToolCalled) ? FinishReasons.ToolCalls : FinishReasons.Stop };
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();
}
