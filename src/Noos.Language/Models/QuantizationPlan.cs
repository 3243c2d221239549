using System.Globalization;
using Noos.Language.Gguf;

namespace Noos.Language.Models;

/// <summary>
/// Which type every tensor of a model gets in a <see cref="QuantizationMix"/>: llama.cpp's choices without an importance matrix
/// (llama-quant.cpp), so that either program makes the same file.
/// </summary>
/// <param name="Mix">What is asked for.</param>
/// <param name="Architecture">As in <c>general.architecture</c>.</param>
/// <param name="BlockCount">Transformer blocks.</param>
/// <param name="HeadsPerKeyValueHead">Query heads that share a key-value head.</param>
/// <param name="ExpertCount">0 or 1 for a model without experts.</param>
public sealed record QuantizationPlan(QuantizationMix Mix, string Architecture, int BlockCount, int HeadsPerKeyValueHead, int ExpertCount)
{
    /// <summary>The types of all tensors, by name.</summary>
    /// <param name="tensors">Names, dimensions (values of a row first) and present types of a whole model.</param>
    public IReadOnlyDictionary<string, GgufTensorType> Choose(
        IEnumerable<(string Name, IReadOnlyList<long> Dimensions, GgufTensorType Type)> tensors)
    {
        // llama.cpp counts what it has seen so far of some kinds, in this order.
        var ordered = tensors.OrderBy(tensor => Block(tensor.Name)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal).ToArray();
        var counters = new Counters
        {
            Values = ordered.Count(tensor => IsValueLike(KindOf(tensor.Name))),
            IsTied = !Array.Exists(ordered, tensor => tensor.Name == TensorNames.Output),
        };
        var types = new Dictionary<string, GgufTensorType>();
        foreach (var (name, dimensions, type) in ordered)
        {
            types.Add(name, !IsQuantizable(name, dimensions)
                ? type
                : IsPlain(Mix.Type)
                ? Mix.Type
                : Fit(Choose(name, dimensions, counters), dimensions[0]));
        }

        return types;
    }

    /// <summary>The type itself, or the nearest one whose blocks fit into rows of <paramref name="columns"/> values.</summary>
    public static GgufTensorType Fit(GgufTensorType type, long columns)
    {
        if (Fits(type))
        {
            return type;
        }

        var smaller = type switch
        {
            GgufTensorType.IQ4_XS => GgufTensorType.IQ4_NL,
            GgufTensorType.Q2_K or GgufTensorType.Q3_K => GgufTensorType.Q4_0,
            GgufTensorType.Q4_K => GgufTensorType.Q5_0,
            GgufTensorType.Q5_K => GgufTensorType.Q5_1,
            GgufTensorType.Q6_K => GgufTensorType.Q8_0,
            _ => type,
        };
        return Fits(smaller) ? smaller : GgufTensorType.F16;

        bool Fits(GgufTensorType candidate) => columns % GgufTensorLayout.For(candidate).BlockLength == 0;
    }

    /// <summary>Matrices only, and not those that are small and sensitive.</summary>
    public static bool IsQuantizable(string name, IReadOnlyList<long> dimensions)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(dimensions);
        return dimensions.Skip(1).Any(dimension => dimension > 1)
            && name.EndsWith("weight", StringComparison.Ordinal)
            && !Array.Exists(s_kept, part => name.Contains(part, StringComparison.Ordinal));
    }

    // Norms, the gates of experts, positions, convolutions and other tables of models that llama.cpp knows.
    static readonly string[] s_kept =
    [
        "_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight", "altup", "laurel", "per_layer_model_proj", "position_embd.weight",
        "token_types.weight", "ssm_conv1d", "shortconv.conv.weight", "indexer.k_proj.weight", "indexer.q_proj.weight", "attn_rel_b.weight",
    ];

    static bool IsPlain(GgufTensorType type) => type is GgufTensorType.F32 or GgufTensorType.F16 or GgufTensorType.BF16;

    GgufTensorType Choose(string name, IReadOnlyList<long> dimensions, Counters counters)
    {
        var kind = KindOf(name);
        if (kind == Kind.Output || (kind == Kind.Embedding && counters.IsTied))
        {
            return OutputType(dimensions[0]);
        }

        if (Mix.Name == "mxfp4_moe")
        {
            return dimensions.Count > 2 && dimensions[2] > 1 ? GgufTensorType.MXFP4 : GgufTensorType.Q8_0;
        }

        if (IsValueLike(kind))
        {
            return ValueType(counters);
        }

        return kind switch
        {
            Kind.Key when ExpertCount == 8 => GgufTensorType.Q8_0,
            Kind.Down => DownType(ExpertCount > 1 ? Block(name) : counters.Down++),
            Kind.AttentionOutput => AttentionOutputType(),
            _ => Mix.Type,
        };
    }

    GgufTensorType OutputType(long columns)
    {
        var isWhole = columns % GgufTensorLayout.For(Mix.Type).BlockLength == 0;
        return !isWhole || Architecture == "falcon" || Mix.Name is "mxfp4_moe" or "q8_0" ? GgufTensorType.Q8_0 : GgufTensorType.Q6_K;
    }

    GgufTensorType ValueType(Counters counters)
    {
        var index = counters.Value++;
        if (ExpertCount == 8)
        {
            return GgufTensorType.Q8_0;
        }

        var type = Mix.Name switch
        {
            "q2_k" => HeadsPerKeyValueHead >= 4 ? GgufTensorType.Q4_K : GgufTensorType.Q3_K,
            "q3_k_m" => index < 2 ? GgufTensorType.Q5_K : GgufTensorType.Q4_K,
            "q3_k_l" => GgufTensorType.Q5_K,
            "iq4_nl" or "iq4_xs" when HeadsPerKeyValueHead >= 4 => GgufTensorType.Q5_K,
            "q4_k_m" or "q5_k_m" when DeservesMoreBits(index, counters.Values) => GgufTensorType.Q6_K,
            "q4_k_s" when index < 4 => GgufTensorType.Q5_K,
            _ => Mix.Type,
        };

        // Llama 70B: eight query heads share a value head, so its matrix is small.
        return Architecture == "llama"
            && BlockCount == 80
            && HeadsPerKeyValueHead != 1
            && type is GgufTensorType.Q3_K or GgufTensorType.Q4_K
            ? GgufTensorType.Q5_K
            : type;
    }

    GgufTensorType DownType(int block) => Mix.Name switch
    {
        "q2_k" => GgufTensorType.Q3_K,
        "q3_k_m" => block < BlockCount / 16 ? GgufTensorType.Q5_K
            : Architecture != "falcon" || DeservesMoreBits(block, BlockCount) ? GgufTensorType.Q4_K
            : GgufTensorType.Q3_K,
        "q3_k_l" => Architecture == "falcon" ? GgufTensorType.Q4_K : GgufTensorType.Q5_K,
        "q4_k_m" when Architecture == "falcon" => block < BlockCount / 16 ? GgufTensorType.Q6_K
            : DeservesMoreBits(block, BlockCount) ? GgufTensorType.Q5_K
            : GgufTensorType.Q4_K,
        "q4_k_m" or "q5_k_m" when DeservesMoreBits(block, BlockCount) => GgufTensorType.Q6_K,
        "iq4_nl" or "iq4_xs" when block < BlockCount / 8 => GgufTensorType.Q5_K,
        "q4_k_s" when Architecture != "falcon" && block < BlockCount / 8 => GgufTensorType.Q5_K,
        _ => Mix.Type,
    };

    GgufTensorType AttentionOutputType()
    {
        if (Architecture == "falcon")
        {
            return Mix.Name == "q3_k_l" ? GgufTensorType.Q4_K : Mix.Type;
        }

        if (ExpertCount == 8)
        {
            return Mix.Name is "q2_k" or "q3_k_s" or "q3_k_m" or "q4_k_s" or "q4_k_m" or "iq4_nl" or "iq4_xs"
                ? GgufTensorType.Q5_K
                : Mix.Type;
        }

        return Mix.Name switch
        {
            "q2_k" => GgufTensorType.Q3_K,
            "q3_k_m" => GgufTensorType.Q4_K,
            "q3_k_l" => GgufTensorType.Q5_K,
            _ => Mix.Type,
        };
    }

    /// <summary>The first and the last eighth, and every third block between.</summary>
    static bool DeservesMoreBits(int block, int blocks) => block < blocks / 8 || block >= 7 * blocks / 8 || (block - (blocks / 8)) % 3 == 2;

    /// <summary>-1 outside the blocks.</summary>
    static int Block(string name)
    {
        var parts = name.Split('.');
        return parts.Length > 2
            && parts[0] == "blk"
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var block) ? block : -1;
    }

    static bool IsValueLike(Kind kind) => kind is Kind.Value or Kind.Fused or Kind.Compressed;

    static Kind KindOf(string name)
    {
        return name switch
        {
            TensorNames.Output => Kind.Output,
            TensorNames.TokenEmbedding or "per_layer_token_embd.weight" => Kind.Embedding,
            _ when Has("attn_qkv.weight") => Kind.Fused,
            _ when Has("attn_kv_b.weight") => Kind.Compressed,
            _ when Has("attn_v.weight") => Kind.Value,
            _ when Has("attn_k.weight") => Kind.Key,
            _ when Has("attn_output.weight") => Kind.AttentionOutput,
            _ when Has("ffn_down") => Kind.Down,
            _ => Kind.Other,
        };

        bool Has(string part) => name.Contains(part, StringComparison.Ordinal);
    }

    enum Kind
    {
        Other,
        Embedding,
        Output,
        Fused,
        Compressed,
        Value,
        Key,
        AttentionOutput,
        Down,
    }

    sealed class Counters
    {
        public required bool IsTied { get; init; }

        public required int Values { get; init; }

        public int Value { get; set; }

        public int Down { get; set; }
    }
}
