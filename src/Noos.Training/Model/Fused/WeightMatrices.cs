using Noos.Language.Models;

namespace Noos.Training.Model.Fused;

/// <summary>The matrices that a forward pass multiplies with.</summary>
sealed class WeightMatrices
{
    const int PerBlock = 4;

    readonly List<WeightMatrix> _all = [];

    public WeightMatrices(ParameterLayout layout)
    {
        var config = layout.Config;
        var width = config.EmbeddingLength;
        for (var block = 0; block < config.BlockCount; block++)
        {
            // Query, key and value are neighbours in the flat buffer, gate and up too: one product for each group.
            Add(TensorNames.Query(block), config.QueryLength + (2 * config.KeyValueLength), width);
            Add(TensorNames.AttentionOutput(block), width, config.QueryLength);
            Add(TensorNames.Gate(block), 2 * config.FeedForwardLength, width);
            Add(TensorNames.Down(block), width, config.FeedForwardLength);
        }

        Add(TensorNames.TokenEmbedding, config.VocabularySize, width);

        void Add(string first, int rows, int columns) =>
            _all.Add(new WeightMatrix(_all.Count, layout[first].Offset, rows, columns));
    }

    public IReadOnlyList<WeightMatrix> All => _all;

    /// <summary>Token embedding, which is the output head too.</summary>
    public WeightMatrix Embedding => _all[^1];

    /// <summary>Query, key and value.</summary>
    public WeightMatrix Projection(int block) => _all[block * PerBlock];

    public WeightMatrix AttentionOutput(int block) => _all[(block * PerBlock) + 1];

    public WeightMatrix GateUp(int block) => _all[(block * PerBlock) + 2];

    public WeightMatrix Down(int block) => _all[(block * PerBlock) + 3];
}
