using Noos.Core;
using Noos.Language.Architectures;
using Noos.Language.Tokenization;

namespace Noos.Inference.Embeddings;

/// <summary>A model that makes vectors of texts: an encoder, or a decoder whose states are pooled. Thread-safe.</summary>
public interface IEmbeddingModel : IDisposable
{
    /// <summary>The name of its file, without ending.</summary>
    string Name { get; }

    Tokenizer Tokenizer { get; }

    /// <summary>Numbers of a vector.</summary>
    int EmbeddingLength { get; }

    /// <summary>Longest text, in tokens.</summary>
    int ContextLength { get; }

    /// <summary>Text embeddings, each of length one. A vector depends on its text alone, bit for bit.</summary>
    /// <param name="texts">Tokens, at least one per text.</param>
    /// <param name="pooling">Null for what the model's file says.</param>
    /// <param name="cancellationToken">Checked between groups of texts.</param>
    /// <returns>[texts][embedding length]</returns>
    /// <exception cref="NoosException">A text has no tokens, or more than the model reads.</exception>
    Task<float[][]> EmbedAsync(IReadOnlyList<int[]> texts, Pooling? pooling = null, CancellationToken cancellationToken = default);
}
