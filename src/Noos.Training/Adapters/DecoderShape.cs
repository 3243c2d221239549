using System.Globalization;
using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Training.Adapters;

/// <summary>
/// The numbers of a decoder whose weights stay frozen, as its GGUF file says them. The families are llama, qwen2, qwen3 and gemma3; what
/// they have or lack beyond these numbers (biases, norms of queries, a head of its own) shows in the tensors.
/// </summary>
sealed record DecoderShape
{
    const int Gemma27BlockCount = 62;

    static readonly string[] s_families = ["llama", "qwen2", "qwen3", "gemma3"];

    public required string Architecture { get; init; }

    public required int VocabularySize { get; init; }

    public required int ContextLength { get; init; }

    public required int EmbeddingLength { get; init; }

    public required int BlockCount { get; init; }

    public required int FeedForwardLength { get; init; }

    public required int HeadCount { get; init; }

    public required int KeyValueHeadCount { get; init; }

    public required int HeadLength { get; init; }

    public required float NormEpsilon { get; init; }

    /// <summary>Scores are multiplied with it before the softmax.</summary>
    public required float AttentionScale { get; init; }

    /// <summary>The vectors of the tokens are multiplied with it.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>The feed-forward layer is gelu(gate) · up instead of silu(gate) · up.</summary>
    public bool IsGeGlu { get; init; }

    /// <summary>Attention and feed-forward are normed once more before they join the residual stream.</summary>
    public bool HasPostNorms { get; init; }

    /// <summary>RoPE rotates elements 2i and 2i + 1 as a pair, instead of i and i + d/2.</summary>
    public bool IsInterleaved { get; init; }

    /// <summary>Radians per position for each rotated pair.</summary>
    public required double[] Frequencies { get; init; }

    /// <summary>The same for blocks with a sliding window.</summary>
    public double[] LocalFrequencies { get; init; } = [];

    /// <summary>Positions that a block with a sliding window sees, the token's own included; 0 where no block has one.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Of so many blocks in a row, all but the last have a sliding window.</summary>
    public int SlidingWindowPattern { get; init; } = 1;

    public int QueryLength => HeadCount * HeadLength;

    public int KeyValueLength => KeyValueHeadCount * HeadLength;

    /// <summary>Query, key and value side by side.</summary>
    public int ProjectedLength => QueryLength + (2 * KeyValueLength);

    public bool IsLocal(int block) => SlidingWindow > 0 && block % SlidingWindowPattern < SlidingWindowPattern - 1;

    /// <exception cref="NoosException">The file holds no such decoder, or one that the trainer does not compute with.</exception>
    public static DecoderShape Read(GgufFile file)
    {
        var metadata = new DecoderMetadata(file);
        Require(
            s_families.Contains(metadata.Architecture),
            $"of architecture '{metadata.Architecture ?? "none"}', and adapters are trained for {string.Join(", ", s_families)}");
        Require((metadata.ExpertCount ?? 0) == 0, "a mixture of experts");
        Require((metadata.GetFloat("final_logit_softcapping") ?? 0) == 0, "one with capped logits");
        var (width, heads) = (Positive(metadata.EmbeddingLength), Positive(metadata.HeadCount));
        var counts = metadata.KeyValueHeadCounts;
        Require(counts.Count > 0 && counts.All(count => count == counts[0]), "one whose blocks have different numbers of heads");
        var keyHeads = Positive(counts[0]);
        var headLength = Positive(metadata.KeyLength);
        Require(metadata.ValueLength == headLength, "one with keys and values of different lengths");
        Require(heads % keyHeads == 0, $"one with {keyHeads} key-value heads for {heads} heads");
        Require(
            width % 16 == 0 && Positive(metadata.FeedForwardLength) % 16 == 0 && headLength % 2 == 0,
            "one whose widths are no multiples of 16");
        Require(file.TryGetTensor(TensorNames.TokenEmbedding, out var embedding), "without vectors of the tokens");
        var isGemma = metadata.Architecture == "gemma3";
        var blocks = Positive(metadata.BlockCount);
        var rotated = (int)(metadata.GetInteger("rope.dimension_count") ?? headLength);
        Require(rotated > 0 && rotated <= headLength && rotated % 2 == 0, $"one with {rotated} rotary dimensions of {headLength}");
        var frequencyBase = metadata.GetFloat("rope.freq_base") ?? 10_000;
        return new DecoderShape
        {
            Architecture = metadata.Architecture!,
            VocabularySize = Positive(embedding!.Dimensions[^1]),
            ContextLength = Positive(metadata.ContextLength),
            EmbeddingLength = width,
            BlockCount = blocks,
            FeedForwardLength = Positive(metadata.FeedForwardLength),
            HeadCount = heads,
            KeyValueHeadCount = keyHeads,
            HeadLength = headLength,
            NormEpsilon = (float)(metadata.GetFloat("attention.layer_norm_rms_epsilon") ?? throw Unfit("without an epsilon of its norms")),

            // The largest Gemma 3 divides its width among the heads, whatever their length.
            AttentionScale = 1 / MathF.Sqrt(isGemma && blocks == Gemma27BlockCount ? (float)width / heads : headLength),
            EmbeddingScale = isGemma ? MathF.Sqrt(width) : 1,
            IsGeGlu = isGemma,
            HasPostNorms = isGemma,
            IsInterleaved = metadata.Architecture == "llama",
            Frequencies = Rotations(frequencyBase, rotated, Factor(), Divisors(rotated / 2)),
            LocalFrequencies = Rotations(metadata.GetFloat("rope.freq_base_swa") ?? 10_000, rotated, 1, []),
            SlidingWindow = isGemma ? (int)(metadata.GetInteger("attention.sliding_window") ?? 0) : 0,
            SlidingWindowPattern = Pattern(),
        };

        double Factor()
        {
            // llama.cpp's defaults: without a type the factor is linear, "rope.scale_linear" is its name of 2023, and 0 stands for none.
            var type = metadata.GetString("rope.scaling.type") ?? "linear";
            Require(type is "none" or "linear", $"one whose context is stretched by '{type}'");
            var factor = type == "none" ? 1 : metadata.GetFloat("rope.scaling.factor") ?? metadata.GetFloat("rope.scale_linear") ?? 1;
            return factor == 0 ? 1 : factor;
        }

        float[] Divisors(int length)
        {
            if (!file.TryGetTensor("rope_freqs.weight", out var tensor))
            {
                return [];
            }

            Require(tensor.Type == GgufTensorType.F32 && tensor.Count == length, "one with divisors of frequencies of another length");
            return MemoryMarshal.Cast<byte, float>(file.Data(tensor)).ToArray();
        }

        int Pattern()
        {
            // 0 stands for a window in all blocks, and a list is passed over, as in llama.cpp.
            const string name = "attention.sliding_window_pattern";
            const int usual = 6;
            return metadata.GetIntegers(name) is not [var pattern] ? usual : pattern > 0 ? (int)pattern : int.MaxValue;
        }

        int Positive(long? value) => value is > 0 and <= 1 << 24
            ? (int)value
            : throw Unfit(string.Create(CultureInfo.InvariantCulture, $"with an impossible or missing number ({value})"));

        void Require(bool condition, string otherwise)
        {
            if (!condition)
            {
                throw Unfit(otherwise);
            }
        }

        NoosException Unfit(string what) => new(
            ErrorKind.Invalid, $"The model '{file.Path}' is {what}, which the trainer of adapters does not compute with; choose another "
            + "model.");
    }

    static double[] Rotations(double frequencyBase, int length, double factor, float[] divisors)
    {
        var frequencies = new double[length / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            frequencies[i] = Math.Pow(frequencyBase, -2.0 * i / length) / (divisors.Length > 0 ? divisors[i] : 1) / factor;
        }

        return frequencies;
    }
}
