using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Inference.Transformer;

/// <summary>
/// All weights of a decoder. <see cref="ModelFile.ReadConfig"/> has checked that every tensor is there with the sizes of the shape.
/// </summary>
sealed unsafe class TransformerWeights : IDisposable
{
    readonly WeightFile _file;

    public TransformerWeights(GgufFile file, TransformerConfig config, ThreadTeam team)
    {
        _file = new WeightFile(file);
        var width = config.EmbeddingLength;
        TokenEmbedding = _file.Embedding(TensorNames.TokenEmbedding, width);
        OutputNorm = _file.Vector(TensorNames.OutputNorm);
        Blocks = new BlockWeights[config.BlockCount];
        for (var block = 0; block < Blocks.Length; block++)
        {
            Blocks[block] = new BlockWeights
            {
                AttentionNorm = _file.Vector(TensorNames.AttentionNorm(block)),
                Query = _file.Matrix(TensorNames.Query(block), config.QueryLength, width),
                Key = _file.Matrix(TensorNames.Key(block), config.KeyValueLength, width),
                Value = _file.Matrix(TensorNames.Value(block), config.KeyValueLength, width),
                QueryNorm = _file.Vector(TensorNames.QueryNorm(block)),
                KeyNorm = _file.Vector(TensorNames.KeyNorm(block)),
                AttentionOutput = _file.Matrix(TensorNames.AttentionOutput(block), width, config.QueryLength),
                FeedForwardNorm = _file.Vector(TensorNames.FeedForwardNorm(block)),
                Gate = _file.Matrix(TensorNames.Gate(block), config.FeedForwardLength, width),
                Up = _file.Matrix(TensorNames.Up(block), config.FeedForwardLength, width),
                Down = _file.Matrix(TensorNames.Down(block), width, config.FeedForwardLength),
            };
        }

        Output = _file.Matrix(config.TiedEmbeddings ? TensorNames.TokenEmbedding : TensorNames.Output, config.VocabularySize, width);
        _file.Pack(team);
    }

    public EmbeddingTable TokenEmbedding { get; }

    public float* OutputNorm { get; }

    public WeightMatrix Output { get; }

    public BlockWeights[] Blocks { get; }

    public void Dispose() => _file.Dispose();
}
