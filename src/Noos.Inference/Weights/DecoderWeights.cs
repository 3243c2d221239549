using Noos.Inference.Kernels.Panels;
using Noos.Inference.Threading;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Inference.Weights;

/// <summary>All weights of a decoder, packed for the kernels.</summary>
sealed unsafe class DecoderWeights : IDisposable
{
    readonly WeightFile _file;
    readonly DecoderConfig _config;
    readonly Architecture _architecture;

    /// <param name="file">The mapped file; must outlive this.</param>
    /// <param name="config">The shape of the model.</param>
    /// <param name="architecture">Where its tensors are.</param>
    /// <param name="maxTier">The fastest kernels that may be chosen.</param>
    /// <param name="team">Packs the weights; null only checks that all are there and of the right shape.</param>
    /// <exception cref="Core.NoosException">A tensor is missing, or cannot be computed with.</exception>
    public DecoderWeights(GgufFile file, DecoderConfig config, Architecture architecture, KernelTier maxTier, ThreadTeam? team)
    {
        _file = new WeightFile(file, maxTier);
        _config = config;
        _architecture = architecture;
        var width = config.EmbeddingLength;
        TokenEmbedding = _file.Embedding(TensorNames.TokenEmbedding, config.VocabularySize, width);
        OutputNorm = _file.Vector(architecture.OutputNorm, width);
        Blocks = new BlockWeights[config.BlockCount];
        for (var block = 0; block < Blocks.Length; block++)
        {
            Blocks[block] = Block($"blk.{block}.", config.ConvolutionBlocks.Contains(block), config.HasExperts(block));
        }

        Output = _file.Matrix(
            _file.Has(TensorNames.Output) ? TensorNames.Output : TensorNames.TokenEmbedding, config.VocabularySize, width);
        // Llama 3.1 has one such tensor, Phi two, for contexts up to the original length and beyond.
        FrequencyDivisors = Divisors("rope_freqs.weight") ?? Divisors("rope_factors_short.weight") ?? [];
        LongFrequencyDivisors = Divisors("rope_factors_long.weight") ?? FrequencyDivisors;
        _file.RequireAllRead(name => TensorNames.BlockOf(name) is var block
            && block >= config.BlockCount && block < config.BlockCount + config.FurtherBlockCount);
        if (team is not null)
        {
            _file.Pack(team);
        }
    }

    /// <summary>The matrices and what they were made of.</summary>
    public IReadOnlyList<PackedTensor> Matrices => _file.Matrices;

    public EmbeddingTable TokenEmbedding { get; }

    public float* OutputNorm { get; }

    public WeightMatrix Output { get; }

    public BlockWeights[] Blocks { get; }

    /// <summary>Divisor per rotary frequency (Llama 3.1, LongRoPE); empty for none.</summary>
    public float[] FrequencyDivisors { get; }

    /// <summary>The same for contexts longer than the original one.</summary>
    public float[] LongFrequencyDivisors { get; }

    public void Dispose() => _file.Dispose();

    BlockWeights Block(string prefix, bool isConvolution, bool hasExperts)
    {
        var width = _config.EmbeddingLength;
        return new BlockWeights
        {
            AttentionNorm = Norm(prefix, _architecture.AttentionNorm),
            Attention = isConvolution ? null : Attention(prefix),
            Convolution = isConvolution ? Convolution(prefix) : null,
            PostAttentionNorm = Norm(prefix, _architecture.PostAttentionNorm),
            FeedForwardNorm = Norm(prefix, _architecture.FeedForwardNorm),
            Router = hasExperts ? _file.Matrix(prefix + "ffn_gate_inp.weight", _config.ExpertCount, width) : null,
            RouterBias = _file.OptionalVector(prefix + "ffn_gate_inp.bias", Math.Max(1, _config.ExpertCount)),
            ChoiceBias = _file.OptionalVector(prefix + "exp_probs_b.bias", Math.Max(1, _config.ExpertCount)),
            FeedForward = hasExperts
                ? [.. Enumerable.Range(0, _config.ExpertCount).Select(expert => Expert(prefix, expert))]
                : [FeedForward(prefix)],
            SharedExpert = hasExperts && _config.SharedExpertLength > 0 ? SharedExpert(prefix) : null,
            PostFeedForwardNorm = Norm(prefix, _architecture.PostFeedForwardNorm),
        };
    }

    AttentionWeights Attention(string prefix)
    {
        var width = _config.EmbeddingLength;
        var (query, key) = (_config.QueryLength, _config.KeyValueLength);
        var order = _config.Rotary.IsInterleaved ? new RowOrder(0, _config.HeadLength, _config.Rotary.Length) : default;
        return new AttentionWeights
        {
            Query = Part(prefix, "attn_qkv.weight", "attn_q.weight", query, order, query + (2 * key)),
            Key = Part(prefix, "attn_qkv.weight", "attn_k.weight", key, order with { First = query }, query + (2 * key)),
            Value = Part(prefix, "attn_qkv.weight", "attn_v.weight", key, new RowOrder(query + key), query + (2 * key)),
            QueryBias = _file.OptionalVector(prefix + "attn_q.bias", query, order),
            KeyBias = _file.OptionalVector(prefix + "attn_k.bias", key, order),
            ValueBias = _file.OptionalVector(prefix + "attn_v.bias", key),
            QueryNorm = _file.OptionalVector(
                prefix + "attn_q_norm.weight", _config.NormsHeadsTogether ? query : _config.HeadLength, order),
            KeyNorm = _file.OptionalVector(prefix + "attn_k_norm.weight", _config.NormsHeadsTogether ? key : _config.HeadLength, order),
            Sinks = _file.OptionalVector(prefix + "attn_sinks.weight", _config.HeadCount),
            Output = _file.Matrix(prefix + "attn_output.weight", width, query),
            OutputBias = _file.OptionalVector(prefix + "attn_output.bias", width),
        };
    }

    ConvolutionWeights Convolution(string prefix)
    {
        var width = _config.EmbeddingLength;
        return new ConvolutionWeights
        {
            Input = _file.Matrix(prefix + "shortconv.in_proj.weight", 3 * width, width),
            Taps = _file.Vectors(prefix + "shortconv.conv.weight", width, _config.ConvolutionLength),
            Output = _file.Matrix(prefix + "shortconv.out_proj.weight", width, width),
        };
    }

    float* Norm(string prefix, string? name) => name is null ? null : _file.Vector(prefix + name, _config.EmbeddingLength);

    FeedForwardWeights FeedForward(string prefix)
    {
        var (width, hidden) = (
            _config.EmbeddingLength, _config.DenseBlockCount > 0 ? _config.DenseLength : _config.FeedForwardLength);
        var isFused = _architecture.FusesGateAndUp;
        return new FeedForwardWeights
        {
            Gate = isFused
                ? _file.Matrix(prefix + "ffn_up.weight", hidden, width, default, 2 * hidden)
                : _file.Matrix(prefix + "ffn_gate.weight", hidden, width),
            Up = isFused ? _file.Matrix(prefix + "ffn_up.weight", hidden, width, new RowOrder(hidden), 2 * hidden)
                : _file.Matrix(prefix + "ffn_up.weight", hidden, width),
            Down = _file.Matrix(prefix + "ffn_down.weight", width, hidden),
            GateBias = _file.OptionalVector(prefix + "ffn_gate.bias", hidden),
            UpBias = isFused ? null : _file.OptionalVector(prefix + "ffn_up.bias", hidden),
            DownBias = _file.OptionalVector(prefix + "ffn_down.bias", width),
        };
    }

    FeedForwardWeights SharedExpert(string prefix)
    {
        var (width, hidden) = (_config.EmbeddingLength, _config.SharedExpertLength);
        return new FeedForwardWeights
        {
            Gate = _file.Matrix(prefix + "ffn_gate_shexp.weight", hidden, width),
            Up = _file.Matrix(prefix + "ffn_up_shexp.weight", hidden, width),
            Down = _file.Matrix(prefix + "ffn_down_shexp.weight", width, hidden),
        };
    }

    FeedForwardWeights Expert(string prefix, int expert)
    {
        var (width, hidden, experts) = (_config.EmbeddingLength, _config.FeedForwardLength, _config.ExpertCount);
        return new FeedForwardWeights
        {
            Gate = _file.Matrix(prefix + "ffn_gate_exps.weight", hidden, width, new RowOrder(expert * hidden), experts * hidden),
            Up = _file.Matrix(prefix + "ffn_up_exps.weight", hidden, width, new RowOrder(expert * hidden), experts * hidden),
            Down = _file.Matrix(prefix + "ffn_down_exps.weight", width, hidden, new RowOrder(expert * width), experts * width),
            GateBias = Bias("ffn_gate_exps.bias", hidden),
            UpBias = Bias("ffn_up_exps.bias", hidden),
            DownBias = Bias("ffn_down_exps.bias", width),
        };

        float* Bias(string name, int length)
        {
            var biases = _file.OptionalVectors(prefix + name, experts, length);
            return biases is null ? null : biases + ((long)expert * length);
        }
    }

    WeightMatrix Part(string prefix, string whole, string part, int rows, RowOrder order, int allRows) => _file.Has(prefix + whole)
        ? _file.Matrix(prefix + whole, rows, _config.EmbeddingLength, order, allRows)
        : _file.Matrix(prefix + part, rows, _config.EmbeddingLength, order with { First = 0 });

    float[]? Divisors(string name)
    {
        var length = _config.Rotary.Length / 2;
        var divisors = _file.OptionalVector(name, length);
        return divisors is null ? null : new ReadOnlySpan<float>(divisors, length).ToArray();
    }
}
