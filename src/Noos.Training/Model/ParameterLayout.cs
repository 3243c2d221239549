using Noos.Language.Models;

namespace Noos.Training.Model;

/// <summary>One trained tensor: its name, where it lies in the flat buffer, and its shape (rows first; a vector has one row).</summary>
/// <param name="Decays">Whether weight decay applies.</param>
public sealed record ParameterSlot(string Name, long Offset, int Rows, int Columns, bool Decays)
{
    public long Length => (long)Rows * Columns;

    public bool IsMatrix => Rows > 1;
}

/// <summary>
/// Places every parameter of a model in one flat buffer, so that an optimizer step, a reduction or a norm is one call. Query, key and value
/// of a block lie side by side, gate and up too: each group is one matrix product.
/// </summary>
public sealed class ParameterLayout
{
    readonly Dictionary<string, ParameterSlot> _byName;

    /// <param name="heads">
    /// Parameters that an objective adds; they come last, so that the offsets of the transformer's own never change.
    /// </param>
    public ParameterLayout(TransformerConfig config, IReadOnlyList<HeadParameter>? heads = null)
    {
        heads ??= [];
        Config = config.Validate();
        var slots = new List<ParameterSlot>();
        long offset = 0;

        // Weight decay applies to the matrices of the blocks alone; they come first, so that each optimizer group is one range.
        for (var block = 0; block < config.BlockCount; block++)
        {
            Add(TensorNames.Query(block), config.QueryLength, config.EmbeddingLength, decays: true);
            Add(TensorNames.Key(block), config.KeyValueLength, config.EmbeddingLength, decays: true);
            Add(TensorNames.Value(block), config.KeyValueLength, config.EmbeddingLength, decays: true);
            Add(TensorNames.AttentionOutput(block), config.EmbeddingLength, config.QueryLength, decays: true);
            Add(TensorNames.Gate(block), config.FeedForwardLength, config.EmbeddingLength, decays: true);
            Add(TensorNames.Up(block), config.FeedForwardLength, config.EmbeddingLength, decays: true);
            Add(TensorNames.Down(block), config.EmbeddingLength, config.FeedForwardLength, decays: true);
        }

        DecayLength = offset;
        Add(TensorNames.TokenEmbedding, config.VocabularySize, config.EmbeddingLength, decays: false);
        for (var block = 0; block < config.BlockCount; block++)
        {
            Add(TensorNames.AttentionNorm(block), 1, config.EmbeddingLength, decays: false);
            Add(TensorNames.QueryNorm(block), 1, config.HeadLength, decays: false);
            Add(TensorNames.KeyNorm(block), 1, config.HeadLength, decays: false);
            Add(TensorNames.FeedForwardNorm(block), 1, config.EmbeddingLength, decays: false);
        }

        Add(TensorNames.OutputNorm, 1, config.EmbeddingLength, decays: false);
        foreach (var head in heads)
        {
            Add(head.Name, head.Rows, head.Columns, decays: false);
        }

        Heads = heads;
        Slots = slots;
        Length = offset;
        _byName = slots.ToDictionary(slot => slot.Name, StringComparer.Ordinal);

        void Add(string name, int rows, int columns, bool decays)
        {
            slots.Add(new ParameterSlot(name, offset, rows, columns, decays));
            offset += (long)rows * columns;
        }
    }

    public TransformerConfig Config { get; }

    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>The parameters that are not the transformer's own, the last of <see cref="Slots"/>.</summary>
    public IReadOnlyList<HeadParameter> Heads { get; }

    /// <summary>The transformer's own parameters, by their GGUF names.</summary>
    public IEnumerable<ParameterSlot> TransformerSlots => Slots.Take(Slots.Count - Heads.Count);

    /// <summary>Number of values in all.</summary>
    public long Length { get; }

    /// <summary>The first so many values are under weight decay.</summary>
    public long DecayLength { get; }

    public ParameterSlot this[string name] => _byName[name];
}
