using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Kernel.Cpu;

/// <summary>A model that could not be opened: every run fails with the reason, so that another answers.</summary>
/// <param name="name">What it was called.</param>
/// <param name="reason">Why it could not.</param>
public sealed class UnavailableCpu(string name, NoosException reason) : ICpu
{
    public CpuInfo Info { get; } = new(name);

    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.FromException(new NoosException(reason.Kind, reason.Message, reason));
        yield break;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
