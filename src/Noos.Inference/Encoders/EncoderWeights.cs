using Noos.Inference.Kernels.Panels;
using Noos.Inference.Threading;
using Noos.Inference.Weights;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Inference.Encoders;

/// <summary>All weights of an encoder, packed for the kernels.</summary>
sealed unsafe class EncoderWeights : IDisposable
{
    readonly WeightFile _file;

    /// <param name="file">The mapped file; must outlive this.</param>
    /// <param name="config">The shape of the model.</param>
    /// <param name="maxTier">The fastest kernels that may be chosen.</param>
    /// <param name="team">Packs the weights.</param>
    /// <exception cref="Core.NoosException">A tensor is missing, or cannot be computed with.</exception>
    public EncoderWeights(GgufFile file, EncoderConfig config, KernelTier maxTier, ThreadTeam team)
    {
        _file = new WeightFile(file, maxTier);
        var (width, hidden) = (config.EmbeddingLength, config.FeedForwardLength);
        TokenEmbedding = _file.Embedding(TensorNames.TokenEmbedding, config.VocabularySize, width);
        PositionEmbedding = _file.Embedding(TensorNames.PositionEmbedding, config.ContextLength, width);
        TokenTypes = config.TokenTypeCount > 0 ? _file.Embedding(TensorNames.TokenTypes, config.TokenTypeCount, width) : null;
        EmbeddingNorm = Norm("token_embd_norm", width);
        Blocks = new EncoderBlock[config.BlockCount];
        for (var block = 0; block < Blocks.Length; block++)
        {
            var prefix = $"blk.{block}.";
            Blocks[block] = new EncoderBlock(
                Layer(prefix + "attn_q", width, width),
                Layer(prefix + "attn_k", width, width),
                Layer(prefix + "attn_v", width, width),
                Layer(prefix + "attn_output", width, width),
                Norm(prefix + "attn_output_norm", width),
                Layer(prefix + "ffn_up", hidden, width),
                Layer(prefix + "ffn_down", width, hidden),
                Norm(prefix + "layer_output_norm", width));
        }

        _file.RequireAllRead();
        _file.Pack(team);
    }

    public EmbeddingTable TokenEmbedding { get; }

    public EmbeddingTable PositionEmbedding { get; }

    public EmbeddingTable? TokenTypes { get; }

    public NormWeights EmbeddingNorm { get; }

    public EncoderBlock[] Blocks { get; }

    public void Dispose() => _file.Dispose();

    LinearLayer Layer(string name, int rows, int columns) =>
        new(_file.Matrix(name + ".weight", rows, columns), _file.Vector(name + ".bias", rows));

    NormWeights Norm(string name, int width) => new(_file.Vector(name + ".weight", width), _file.Vector(name + ".bias", width));
}
