using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Language.Architectures;

namespace Noos.Inference.Encoders;

/// <summary>One worker's memory for a group of texts.</summary>
sealed class EncoderWorkspace : IDisposable
{
    /// <param name="config">The shape of the model.</param>
    /// <param name="tokens">Max tokens of a group.</param>
    public EncoderWorkspace(EncoderConfig config, int tokens)
    {
        Residual = new Activations(tokens, config.EmbeddingLength);
        Queries = new Activations(tokens, config.EmbeddingLength);
        Keys = new Activations(tokens, config.EmbeddingLength);
        Values = new Activations(tokens, config.EmbeddingLength);
        Attended = new Activations(tokens, config.EmbeddingLength);
        Projected = new Activations(tokens, config.EmbeddingLength);
        Hidden = new Activations(tokens, config.FeedForwardLength);
        Attention = new BidirectionalAttention(config.HeadLength, tokens);
    }

    public Activations Residual { get; }

    public Activations Queries { get; }

    public Activations Keys { get; }

    public Activations Values { get; }

    public Activations Attended { get; }

    public Activations Projected { get; }

    public Activations Hidden { get; }

    public BidirectionalAttention Attention { get; }

    public PanelScratch Scratch { get; } = new();

    public void Dispose()
    {
        foreach (var buffer in (ReadOnlySpan<Activations>)[Residual, Queries, Keys, Values, Attended, Projected, Hidden])
        {
            buffer.Dispose();
        }

        Attention.Dispose();
        Scratch.Dispose();
    }
}
