using System.Runtime.InteropServices;
using Noos.Core;
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
    readonly float* _zeros;

    /// <param name="file">The mapped file; must outlive this.</param>
    /// <param name="config">The shape of the model.</param>
    /// <param name="maxTier">The fastest kernels that may be chosen.</param>
    /// <param name="team">Packs the weights.</param>
    /// <exception cref="NoosException">A tensor is missing, or cannot be computed with.</exception>
    public EncoderWeights(GgufFile file, EncoderConfig config, KernelTier maxTier, ThreadTeam team)
    {
        _file = new WeightFile(file, maxTier);
        var width = config.EmbeddingLength;
        _zeros = (float*)NativeMemory.AlignedAlloc((nuint)width * sizeof(float), 64);
        new Span<float>(_zeros, width).Clear();
        try
        {
            TokenEmbedding = _file.Embedding(TensorNames.TokenEmbedding, config.VocabularySize, width);
            PositionEmbedding = config.Positions == EncoderPositions.Learned
                ? _file.Embedding(TensorNames.PositionEmbedding, config.ContextLength, width)
                : null;
            TokenTypes = config.TokenTypeCount > 0 ? _file.Embedding(TensorNames.TokenTypes, config.TokenTypeCount, width) : null;
            EmbeddingNorm = Norm("token_embd_norm", width);
            Blocks = new EncoderBlock[config.BlockCount];
            for (var block = 0; block < Blocks.Length; block++)
            {
                Blocks[block] = Block(config, $"blk.{block}.");
            }

            OutputNorm = config.IsPreNorm ? Norm("output_norm", width) : null;
            Head = config.LabelCount > 0 ? ReadHead(config) : null;
            _file.RequireAllRead();
            _file.Pack(team);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public EmbeddingTable TokenEmbedding { get; }

    /// <summary>Null where attention knows of positions.</summary>
    public EmbeddingTable? PositionEmbedding { get; }

    public EmbeddingTable? TokenTypes { get; }

    public NormWeights EmbeddingNorm { get; }

    public EncoderBlock[] Blocks { get; }

    /// <summary>Behind the last block; null where each block ends with its own.</summary>
    public NormWeights? OutputNorm { get; }

    /// <summary>Null for a model that makes vectors.</summary>
    public ScoreHead? Head { get; }

    public void Dispose()
    {
        _file.Dispose();
        NativeMemory.AlignedFree(_zeros);
    }

    EncoderBlock Block(EncoderConfig config, string prefix)
    {
        var (width, hidden) = (config.EmbeddingLength, config.FeedForwardLength);
        var isFused = _file.Has(prefix + "attn_qkv.weight");
        LinearLayer? gate = null;
        LinearLayer up;
        if (config.Activation == EncoderActivation.Gelu)
        {
            up = Layer(prefix + "ffn_up", hidden, width);
        }
        else if (_file.Has(prefix + "ffn_gate.weight"))
        {
            (gate, up) = (Layer(prefix + "ffn_gate", hidden, width), Layer(prefix + "ffn_up", hidden, width));
        }
        else
        {
            // One tensor, the gate in its first half.
            (gate, up) = (Part(prefix + "ffn_up", 0, hidden, width, 2), Part(prefix + "ffn_up", 1, hidden, width, 2));
        }

        return new EncoderBlock(
            isFused ? Part(prefix + "attn_qkv", 0, width, width, 3) : Layer(prefix + "attn_q", width, width),
            isFused ? Part(prefix + "attn_qkv", 1, width, width, 3) : Layer(prefix + "attn_k", width, width),
            isFused ? Part(prefix + "attn_qkv", 2, width, width, 3) : Layer(prefix + "attn_v", width, width),
            Layer(prefix + "attn_output", width, width),
            up,
            Layer(prefix + "ffn_down", width, hidden))
        {
            Gate = gate,
            InputNorm = config.IsPreNorm && _file.Has(prefix + "attn_norm.weight") ? Norm(prefix + "attn_norm", width) : null,
            AttentionNorm = config.IsPreNorm ? null : Norm(prefix + "attn_output_norm", width),
            FeedForwardNorm = config.IsPreNorm ? Norm(prefix + "ffn_norm", width) : null,
            OutputNorm = config.IsPreNorm ? null : Norm(prefix + "layer_output_norm", width),
        };
    }

    ScoreHead ReadHead(EncoderConfig config)
    {
        var width = config.EmbeddingLength;
        var hasOutput = _file.Has(TensorNames.ClassifierOutput);
        return new ScoreHead(
            _file.Has(TensorNames.Classifier) ? Layer("cls", hasOutput ? width : config.LabelCount, width) : null,
            _file.Has("cls.norm.weight") ? Norm("cls.norm", width) : null,
            hasOutput ? Layer("cls.output", config.LabelCount, width) : null);
    }

    LinearLayer Layer(string name, int rows, int columns) =>
        new(_file.Matrix(name + ".weight", rows, columns), _file.OptionalVector(name + ".bias", rows));

    /// <summary>Some rows of a tensor that has several matrices, one below the other.</summary>
    LinearLayer Part(string name, int part, int rows, int columns, int parts)
    {
        var bias = _file.OptionalVector(name + ".bias", parts * rows);
        return new LinearLayer(
            _file.Matrix(name + ".weight", rows, columns, new RowOrder(part * rows), parts * rows),
            bias is null ? null : bias + (part * rows));
    }

    NormWeights Norm(string name, int width)
    {
        var bias = _file.OptionalVector(name + ".bias", width);
        return new NormWeights(_file.Vector(name + ".weight", width), bias is null ? _zeros : bias);
    }
}
