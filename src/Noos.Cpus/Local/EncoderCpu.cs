using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Cpus.Library;
using Noos.Inference.Encoders;
using Noos.Kernel.Cpu;

namespace Noos.Cpus.Local;

/// <summary>
/// An encoder (BERT) that runs on this computer: it makes vectors of texts, by its <see cref="LocalEmbeddingGenerator"/>, or ranks them, by
/// its <see cref="LocalReranker"/>, and refuses every turn, since it generates nothing. Thread-safe.
/// </summary>
public sealed class EncoderCpu : ICpu
{
    readonly EncoderModel _model;
    readonly LocalEmbeddingGenerator _generator;
    readonly LocalReranker? _reranker;

    /// <param name="model">Owned from now on: disposed with the CPU.</param>
    /// <param name="name">What the model is called; null for the name of its file.</param>
    /// <param name="timeProvider">Says when a vector was made.</param>
    public EncoderCpu(EncoderModel model, string? name = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _generator = new LocalEmbeddingGenerator(model, ownsModel: false, timeProvider: timeProvider);
        _reranker = model.Config.LabelCount == 1 ? new LocalReranker(model, ownsModel: false) : null;
        Info = new CpuInfo(name ?? model.Name, MaxTokens: model.ContextLength) { Title = model.Title, IsEncoder = true };
    }

    public CpuInfo Info { get; }

    /// <exception cref="NoosException">Always: there is no prompt.</exception>
    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => throw Info.CannotChat();

    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.FromException(Info.CannotChat());
        yield break;
    }

    /// <summary>
    /// The <see cref="EncoderModel"/>, a <see cref="LocalEmbeddingGenerator"/> over it that need not be disposed, a
    /// <see cref="LocalReranker"/> where it is one, or its <see cref="ModelDetails"/>.
    /// </summary>
    public object? GetService(Type serviceType)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceType == typeof(EncoderModel) ? _model
            : serviceType == typeof(LocalEmbeddingGenerator) || serviceType == typeof(IEmbeddingGenerator<string, Embedding<float>>)
                ? _generator
            : serviceType == typeof(LocalReranker) ? _reranker
            : serviceType == typeof(ModelDetails) ? ModelDetails.Read(_model.Path)
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Waits for the vectors under way, then frees the model.</summary>
    public ValueTask DisposeAsync()
    {
        _model.Dispose();
        return ValueTask.CompletedTask;
    }
}
