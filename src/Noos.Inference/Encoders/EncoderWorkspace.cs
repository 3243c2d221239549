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
        Normed = config.IsPreNorm ? new Activations(tokens, config.EmbeddingLength) : Residual;
        Gated = config.Activation == EncoderActivation.Gelu ? null : new Activations(tokens, config.FeedForwardLength);
        if (config.Positions == EncoderPositions.Rotary)
        {
            Rotations = Table(config.RotaryBase, config.HeadLength, tokens);
            WindowRotations = config.WindowPattern > 0 ? Table(config.WindowRotaryBase, config.HeadLength, tokens) : null;
        }

        Attention = new BidirectionalAttention(config.HeadLength, tokens);
    }

    public Activations Residual { get; }

    public Activations Queries { get; }

    public Activations Keys { get; }

    public Activations Values { get; }

    public Activations Attended { get; }

    public Activations Projected { get; }

    public Activations Hidden { get; }

    /// <summary>What norms before a layer give it; the residual stream itself where they stand behind.</summary>
    public Activations Normed { get; }

    /// <summary>What the hidden layer is multiplied with; null for none.</summary>
    public Activations? Gated { get; }

    /// <summary>Cosines and sines by position [tokens, head length]; null for no rotary positions.</summary>
    public Activations? Rotations { get; }

    /// <summary>The same of blocks with a window; null for none.</summary>
    public Activations? WindowRotations { get; }

    public BidirectionalAttention Attention { get; }

    public PanelScratch Scratch { get; } = new();

    public void Dispose()
    {
        foreach (var buffer in (ReadOnlySpan<Activations>)[Residual, Queries, Keys, Values, Attended, Projected, Hidden])
        {
            buffer.Dispose();
        }

        if (!ReferenceEquals(Normed, Residual))
        {
            Normed.Dispose();
        }

        Gated?.Dispose();
        Rotations?.Dispose();
        WindowRotations?.Dispose();
        Attention.Dispose();
        Scratch.Dispose();
    }

    static unsafe Activations Table(float frequencyBase, int headLength, int tokens)
    {
        var (frequencies, _) = new RotaryConfig { FrequencyBase = frequencyBase, Length = headLength }.Frequencies([]);
        var table = new Activations(tokens, headLength);
        for (var position = 0; position < tokens; position++)
        {
            RotaryEmbedding.ComputeCosSin(position, frequencies, 1, table.Row(position));
        }

        return table;
    }
}
