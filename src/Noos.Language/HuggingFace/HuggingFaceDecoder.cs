using System.Text.Json;
using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.HuggingFace;

/// <summary>
/// A family of decoders at Hugging Face: where its tensors differ from Llama's, and what its <c>config.json</c> says beyond that of all.
/// Names in GGUF are those of llama.cpp's converter.
/// </summary>
/// <param name="Architecture">The name in GGUF.</param>
sealed record HuggingFaceDecoder(string Architecture)
{
    const int HunyuanContext = 256 * 1024;

    static readonly (string Name, string Source)[] s_before = [("attn_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm")];

    static readonly (string Name, string Source)[] s_behind =
        [("post_attention_norm", "post_attention_layernorm"), ("post_ffw_norm", "post_feedforward_layernorm")];

    static readonly (string Name, string Source)[] s_glm =
    [
        ("attn_norm", "input_layernorm"), ("post_attention_norm", "post_self_attn_layernorm"), ("ffn_norm", "post_attention_layernorm"),
        ("post_ffw_norm", "post_mlp_layernorm"),
    ];

    static readonly HuggingFaceDecoder s_llama = new("llama") { InterleavesRotation = true };

    static readonly HuggingFaceDecoder s_olmo = new("olmo2")
    {
        Norms = s_behind,
        HeadNorms = ("q_norm", "k_norm"),
        NormsHeadsTogether = true,
        Metadata = file => Windows(file, isRotatedEverywhere: true),
    };

    static readonly HuggingFaceDecoder s_ministral = new("mistral3") { InterleavesRotation = true, Metadata = Ministral };

    static readonly HuggingFaceDecoder s_ernie = new("ernie4_5");

    /// <summary>By the name among the <c>architectures</c> of <c>config.json</c>.</summary>
    public static IReadOnlyDictionary<string, HuggingFaceDecoder> Known { get; } = new Dictionary<string, HuggingFaceDecoder>(
        StringComparer.Ordinal)
    {
        ["LlamaForCausalLM"] = s_llama,
        ["LLaMAForCausalLM"] = s_llama,
        ["MistralForCausalLM"] = s_llama,
        ["Ministral3ForCausalLM"] = s_ministral,
        ["Mistral3ForConditionalGeneration"] = s_ministral,
        ["Qwen2ForCausalLM"] = new("qwen2"),
        ["Qwen3ForCausalLM"] = new("qwen3") { HeadNorms = ("q_norm", "k_norm") },
        ["SmolLM3ForCausalLM"] = new("smollm3") { InterleavesRotation = true, Metadata = SmolLm },
        ["Olmo2ForCausalLM"] = s_olmo,
        ["Olmo3ForCausalLM"] = s_olmo,
        ["GraniteForCausalLM"] = new("granite") { InterleavesRotation = true, IgnoresHeadLength = true, Metadata = Granite },
        ["Glm4ForCausalLM"] = new("glm4") { Norms = s_glm, FusesGateAndUp = true, RotatedPart = 0.5 },
        ["Ernie4_5ForCausalLM"] = s_ernie,
        ["Ernie4_5_ForCausalLM"] = s_ernie,
        ["Exaone4ForCausalLM"] = new("exaone4")
        {
            Norms = s_behind,
            HeadNorms = ("q_norm", "k_norm"),
            Metadata = file => Windows(file, isRotatedEverywhere: false),
        },
        ["SeedOssForCausalLM"] = new("seed_oss")
        {
            Norms = [("attn_norm", "input_layernorm"), ("post_attention_norm", "post_attention_layernorm")],
        },
        ["HunYuanDenseV1ForCausalLM"] = new("hunyuan-dense") { HeadNorms = ("query_layernorm", "key_layernorm"), Metadata = Hunyuan },
    };

    /// <summary>
    /// Queries and keys rotate neighbouring values in GGUF, and those of the two halves of a head at Hugging Face, so that their rows
    /// change places.
    /// </summary>
    public bool InterleavesRotation { get; init; }

    /// <summary>The norms of a block, in GGUF and at Hugging Face.</summary>
    public IReadOnlyList<(string Name, string Source)> Norms { get; init; } = s_before;

    /// <summary>The norms of queries and keys at Hugging Face; null for none.</summary>
    public (string Query, string Key)? HeadNorms { get; init; }

    /// <summary>They are of all heads together.</summary>
    public bool NormsHeadsTogether { get; init; }

    /// <summary>Gate and up are one tensor.</summary>
    public bool FusesGateAndUp { get; init; }

    /// <summary>The part of each head that rotates where the config does not say, and so may; 1 for families that rotate all.</summary>
    public double RotatedPart { get; init; } = 1;

    /// <summary>A <c>head_dim</c> means nothing.</summary>
    public bool IgnoresHeadLength { get; init; }

    /// <summary>What the config says beyond that of all, under the architecture's name; replaces keys that all have.</summary>
    public Func<JsonFile, IEnumerable<(string Key, GgufValue Value)>> Metadata { get; init; } = _ => [];

    /// <summary>The rotary parameters, those of blocks without a window where a config has both.</summary>
    public static JsonElement RotaryOf(JsonFile file)
    {
        var rope = file.Find("rope_parameters", JsonValueKind.Object) ?? file.Find("rope_scaling", JsonValueKind.Object) ?? default;
        return JsonFile.Find(rope, "full_attention", JsonValueKind.Object) ?? rope;
    }

    static IEnumerable<(string Key, GgufValue Value)> SmolLm(JsonFile file)
    {
        var layers = file.Find("no_rope_layers", JsonValueKind.Array)?.EnumerateArray().Select(layer => layer.GetRawText() != "0").ToArray()
            ?? [];
        var isUsual = layers.Length == 0
            ? (file.Count("no_rope_layer_interval") ?? 4) == 4
            : layers.Index().All(layer => layer.Item == ((layer.Index + 1) % 4 != 0));
        if (!isUsual || file.Flag("use_sliding_window") == true)
        {
            throw new NoosException(
                "The model rotates other blocks than three of four or has sliding windows, which cannot be converted; choose another "
                + "model.");
        }

        return [];
    }

    /// <summary>Sliding windows in three of four blocks.</summary>
    static IEnumerable<(string Key, GgufValue Value)> Windows(JsonFile file, bool isRotatedEverywhere)
    {
        // The smaller models of both families have no windows and say null, or nothing.
        if (file.Count("sliding_window") is not { } window)
        {
            return [];
        }

        var blocks = file.Count("num_hidden_layers") ?? 0;
        bool[] locals = file.Find("layer_types", JsonValueKind.Array) is { } types
            ? [.. types.EnumerateArray().Select(type => JsonFile.TextOf(type, "config.json") == "sliding_attention")]
            : [.. Enumerable.Range(0, Math.Min(blocks, 10_000)).Select(block => (block + 1) % 4 != 0)];
        // llama.cpp passes over the list, and knows EXAONE's windows by the number of blocks.
        return locals.Index().All(block => block.Item == ((block.Index + 1) % 4 != 0)) && (isRotatedEverywhere || blocks == 64)
            ? [("attention.sliding_window", (uint)window), ("attention.sliding_window_pattern", locals)]
            : throw new NoosException(
                "The model has sliding windows in other blocks than three of four, which cannot be converted; choose another model.");
    }

    static IEnumerable<(string Key, GgufValue Value)> Granite(JsonFile file)
    {
        foreach (var (key, source) in (IEnumerable<(string, string)>)[
            ("attention.scale", "attention_multiplier"), ("embedding_scale", "embedding_multiplier"),
            ("residual_scale", "residual_multiplier")])
        {
            if (JsonFile.Number(file.Root, source) is { } value && value != 0)
            {
                yield return (key, (float)value);
            }
        }

        // llama.cpp requires it.
        yield return ("logit_scale", (float)(JsonFile.Number(file.Root, "logits_scaling") is { } scale && scale != 0 ? scale : 1));
    }

    static IEnumerable<(string Key, GgufValue Value)> Ministral(JsonFile file)
    {
        var rope = RotaryOf(file);
        if (JsonFile.Number(rope, "mscale_all_dim") is { } slope)
        {
            yield return ("rope.scaling.yarn_log_multiplier", (float)slope);
        }

        if (JsonFile.Number(rope, "llama_4_scaling_beta") is { } scale)
        {
            yield return ("attention.temperature_scale", (float)scale);
        }
    }

    /// <summary>A larger base instead of a scaling (NTK-aware), made for 262,144 positions whatever the config says.</summary>
    static IEnumerable<(string Key, GgufValue Value)> Hunyuan(JsonFile file)
    {
        var rope = RotaryOf(file);
        if ((JsonFile.Text(rope, "rope_type", "config.json") ?? JsonFile.Text(rope, "type", "config.json")) != "dynamic")
        {
            yield break;
        }

        double length = file.Count("head_dim") ?? throw file.Lacks("head_dim");
        var rotaryBase = JsonFile.Number(rope, "rope_theta") ?? JsonFile.Number(file.Root, "rope_theta") ?? 10_000;
        var alpha = JsonFile.Number(rope, "alpha") ?? 50;
        yield return ("rope.freq_base", (float)(rotaryBase * Math.Pow(alpha, length / (length - 2))));
        yield return ("rope.scaling.type", "none");
        yield return ("rope.scaling.factor", 1f);
        yield return ("rope.scaling.original_context_length", (uint)HunyuanContext);
        yield return ("context_length", (uint)HunyuanContext);
    }
}
