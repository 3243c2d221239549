using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Cpu;

/// <summary>
/// What runs a model: the engine here, an endpoint elsewhere, a script in a test. Reads a conversation and generates one message; runs no
/// tools. Thread-safe.
/// </summary>
public interface ICpu : IAsyncDisposable
{
    /// <summary>What it is and can do.</summary>
    CpuInfo Info { get; }

    /// <summary>What answers a turn that asks for a model.</summary>
    /// <param name="model">Its name; null for the usual one.</param>
    /// <exception cref="NoosException">There is no such model here (NotFound).</exception>
    CpuInfo Describe(string? model) => string.IsNullOrEmpty(model) || string.Equals(model, Info.Name, StringComparison.OrdinalIgnoreCase)
        ? Info
        : throw new NoosException(ErrorKind.NotFound, $"There is no model '{model}' here; this is {Info.Name}.")
        {
            Parameter = "model",
            Code = NoosException.ModelNotFound,
        };

    /// <summary>The models that turns may ask for, the usual one first.</summary>
    IReadOnlyList<CpuListing> List() => [new CpuListing(Info, IsOpen: true)];

    /// <summary>What it keeps of what it has read, at this moment; null where it keeps nothing on this computer.</summary>
    CpuCache? Cache => null;

    /// <summary>The exact length of the prompt in tokens; null where only the model elsewhere knows.</summary>
    int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools);

    /// <summary>
    /// What a run of the turn would read, page by page: its tokens are exactly those that the run would count. Null where only the model
    /// elsewhere knows.
    /// </summary>
    /// <exception cref="NoosException">The conversation does not fit, or the model cannot read it.</exception>
    ContextMap? MapContext(Turn turn) => null;

    /// <summary>Generates one message and tells of it as it comes; the last event is a <see cref="RunFinished"/>.</summary>
    /// <exception cref="NoosException">The model cannot be run so; thrown by the enumeration.</exception>
    IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives the turns that run for a process another priority, from the next pass on; does nothing where none can be given.
    /// </summary>
    void SetPriority(long process, ProcessPriority priority)
    {
    }

    /// <summary>What it offers beyond this contract, such as a generator of embeddings; null where it has no such thing.</summary>
    object? GetService(Type serviceType)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }
}
