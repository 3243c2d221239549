using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Testing.RandomModels;

/// <summary>The numbers that make a model of one of the known architectures; see <see cref="RandomModelFile"/>.</summary>
public sealed record RandomModelShape
{
    /// <summary>A family that the engine computes with, as <c>general.architecture</c> names it.</summary>
    public required string Architecture { get; init; }

    public int ContextLength { get; init; } = 2048;

    public int EmbeddingLength { get; init; } = 256;

    public int BlockCount { get; init; } = 4;

    public int FeedForwardLength { get; init; } = 512;

    public int HeadCount { get; init; } = 4;

    public int KeyValueHeadCount { get; init; } = 2;

    public int HeadLength { get; init; } = 64;

    public float RopeFrequencyBase { get; init; } = 10_000;

    public float NormEpsilon { get; init; } = 1e-6f;

    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>Queries, keys and values have biases though the family has none, as in some derivatives of Llama.</summary>
    public bool HasAttentionBiases { get; init; }

    /// <summary>0 for a model without experts.</summary>
    public int ExpertCount { get; init; }

    public int ExpertUsedCount { get; init; }

    public int ExpertFeedForwardLength { get; init; }

    /// <summary>Blocks at the beginning without experts.</summary>
    public int DenseBlockCount { get; init; }

    /// <summary>Width of the expert that every token goes through; 0 for none.</summary>
    public int SharedExpertLength { get; init; }

    /// <summary>0 when every block sees the whole context.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Rotary frequencies stretched as in Llama 3.1 and later, stored as the tensor rope_freqs.</summary>
    public bool Llama3Rope { get; init; }

    /// <summary>Rotary frequencies stretched by this factor as YaRN does; 1 for none.</summary>
    public float YarnFactor { get; init; } = 1;

    /// <summary>Context length before YaRN.</summary>
    public int OriginalContextLength { get; init; } = 4096;

    /// <summary>Positions of a short convolution, which two of three blocks have instead of attention; 0 for none.</summary>
    public int ConvolutionLength { get; init; }

    /// <summary>Leading elements of a head that rotate; 0 for all.</summary>
    public int RotaryLength { get; init; }

    /// <summary>What the family has beside the numbers of all, under its prefix.</summary>
    public IReadOnlyDictionary<string, GgufValue> Extra { get; init; } = new Dictionary<string, GgufValue>();

    /// <summary>Tokens of a synthetic vocabulary; a vocabulary from a file brings its own number.</summary>
    public int VocabularySize { get; init; } = 2048;

    /// <summary>Shapes by name: tiny-ARCHITECTURE for each architecture, and some real models.</summary>
    public static IReadOnlyDictionary<string, RandomModelShape> Known { get; } = new Dictionary<string, RandomModelShape>(
        StringComparer.OrdinalIgnoreCase)
    {
        ["tiny-llama"] = new()
        {
            Architecture = "llama",
            TiedEmbeddings = false,
            RopeFrequencyBase = 500_000,
            Llama3Rope = true,
            NormEpsilon = 1e-5f,
        },
        ["tiny-llama-biased"] = new()
        {
            Architecture = "llama",
            HasAttentionBiases = true,
            NormEpsilon = 1e-5f,
        },
        ["tiny-qwen2"] = new()
        {
            Architecture = "qwen2",
            RopeFrequencyBase = 1_000_000,
        },
        ["tiny-qwen3"] = new()
        {
            Architecture = "qwen3",
            RopeFrequencyBase = 1_000_000,
            HeadLength = 128,
        },
        ["tiny-gemma3"] = new()
        {
            Architecture = "gemma3",
            BlockCount = 8,
            RopeFrequencyBase = 1_000_000,
            KeyValueHeadCount = 1,
            HeadLength = 128,
            SlidingWindow = 32,
        },
        ["tiny-phi3"] = new()
        {
            Architecture = "phi3",
            TiedEmbeddings = false,
            NormEpsilon = 1e-5f,
            KeyValueHeadCount = 4,
        },
        ["tiny-qwen3moe"] = new()
        {
            Architecture = "qwen3moe",
            RopeFrequencyBase = 1_000_000,
            HeadLength = 128,
            ExpertCount = 16,
            ExpertUsedCount = 4,
            ExpertFeedForwardLength = 256,
            TiedEmbeddings = false,
        },
        ["tiny-gpt-oss"] = new()
        {
            Architecture = "gpt-oss",
            RopeFrequencyBase = 150_000,
            NormEpsilon = 1e-5f,
            ExpertCount = 8,
            ExpertUsedCount = 2,
            ExpertFeedForwardLength = 256,
            SlidingWindow = 32,
            YarnFactor = 32,
            TiedEmbeddings = false,
        },
        ["tiny-smollm3"] = Small("smollm3") with { BlockCount = 5 },
        ["tiny-olmo2"] = Small("olmo2") with { EmbeddingLength = 128, TiedEmbeddings = false },
        ["tiny-olmo3"] = Small("olmo2") with
        {
            EmbeddingLength = 128,
            BlockCount = 5,
            SlidingWindow = 16,
            YarnFactor = 8,
            OriginalContextLength = 32,
            TiedEmbeddings = false,
        },
        ["tiny-granite"] = Small("granite") with { Extra = GraniteScales },
        ["tiny-granite-nope"] = Small("granite") with
        {
            Extra = new Dictionary<string, GgufValue>(GraniteScales) { ["rope.scaling.finetuned"] = false },
        },
        ["tiny-granitemoe"] = Small("granitemoe") with
        {
            FeedForwardLength = 64,
            ExpertCount = 8,
            ExpertUsedCount = 2,
            ExpertFeedForwardLength = 64,
            SharedExpertLength = 96,
            Extra = GraniteScales,
        },
        ["tiny-glm4"] = Small("glm4") with { RotaryLength = 16, HasAttentionBiases = true, TiedEmbeddings = false },
        ["tiny-ernie4_5"] = Small("ernie4_5"),
        ["tiny-seed_oss"] = Small("seed_oss") with { HasAttentionBiases = true, TiedEmbeddings = false },
        ["tiny-exaone4"] = Small("exaone4") with { EmbeddingLength = 128 },
        // Only the model of 64 blocks has windows.
        ["tiny-exaone4-windows"] = Small("exaone4") with
        {
            EmbeddingLength = 128,
            BlockCount = 64,
            SlidingWindow = 16,
            TiedEmbeddings = false,
        },
        ["tiny-hunyuan-dense"] = Small("hunyuan-dense"),
        ["tiny-lfm2"] = Small("lfm2") with { BlockCount = 6, EmbeddingLength = 128, ConvolutionLength = 3 },
        ["tiny-glm4moe"] = SmallExperts("glm4moe") with
        {
            RotaryLength = 16,
            HasAttentionBiases = true,
            DenseBlockCount = 1,
            SharedExpertLength = 64,
            Extra = new Dictionary<string, GgufValue>
            {
                ["expert_shared_count"] = 1u,
                ["expert_gating_func"] = 2u,
                ["expert_weights_norm"] = true,
                ["expert_weights_scale"] = 1.5f,
            },
        },
        ["tiny-ernie4_5-moe"] = SmallExperts("ernie4_5-moe") with
        {
            DenseBlockCount = 1,
            SharedExpertLength = 96,
            Extra = new Dictionary<string, GgufValue> { ["interleave_moe_layer_step"] = 1u, ["expert_shared_count"] = 1u },
        },
        ["tiny-hunyuan-moe"] = SmallExperts("hunyuan-moe") with { FeedForwardLength = 64, SharedExpertLength = 96 },
        ["tiny-lfm2moe"] = SmallExperts("lfm2moe") with
        {
            BlockCount = 6,
            EmbeddingLength = 128,
            ConvolutionLength = 3,
            DenseBlockCount = 2,
            Extra = new Dictionary<string, GgufValue> { ["expert_gating_func"] = 2u },
        },
        ["tiny-mistral3"] = Small("mistral3") with
        {
            YarnFactor = 16,
            OriginalContextLength = 24,
            TiedEmbeddings = false,
            Extra = new Dictionary<string, GgufValue>
            {
                ["attention.temperature_scale"] = 0.1f,
                ["rope.scaling.yarn_log_multiplier"] = 0.7f,
            },
        },
        ["tiny-gemma2"] = Small("gemma2") with
        {
            SlidingWindow = 16,
            KeyValueHeadCount = 1,
            Extra = new Dictionary<string, GgufValue>
            {
                // Small enough to matter for random weights.
                ["attn_logit_softcapping"] = 2f,
                ["final_logit_softcapping"] = 3f,
            },
        },
        ["smollm2-135m"] = new()
        {
            Architecture = "llama",
            ContextLength = 8192,
            EmbeddingLength = 576,
            BlockCount = 30,
            FeedForwardLength = 1536,
            HeadCount = 9,
            KeyValueHeadCount = 3,
            RopeFrequencyBase = 100_000,
            NormEpsilon = 1e-5f,
            VocabularySize = 49_152,
        },
        ["qwen2.5-0.5b"] = new()
        {
            Architecture = "qwen2",
            ContextLength = 32_768,
            EmbeddingLength = 896,
            BlockCount = 24,
            FeedForwardLength = 4864,
            HeadCount = 14,
            KeyValueHeadCount = 2,
            RopeFrequencyBase = 1_000_000,
            VocabularySize = 151_936,
        },
        ["qwen3-0.6b"] = new()
        {
            Architecture = "qwen3",
            ContextLength = 40_960,
            EmbeddingLength = 1024,
            BlockCount = 28,
            FeedForwardLength = 3072,
            HeadCount = 16,
            KeyValueHeadCount = 8,
            HeadLength = 128,
            RopeFrequencyBase = 1_000_000,
            VocabularySize = 151_936,
        },
        ["llama-3.2-1b"] = new()
        {
            Architecture = "llama",
            ContextLength = 131_072,
            EmbeddingLength = 2048,
            BlockCount = 16,
            FeedForwardLength = 8192,
            HeadCount = 32,
            KeyValueHeadCount = 8,
            RopeFrequencyBase = 500_000,
            NormEpsilon = 1e-5f,
            Llama3Rope = true,
            VocabularySize = 128_256,
        },
        ["gemma-3-270m"] = new()
        {
            Architecture = "gemma3",
            ContextLength = 32_768,
            EmbeddingLength = 640,
            BlockCount = 18,
            FeedForwardLength = 2048,
            HeadCount = 4,
            KeyValueHeadCount = 1,
            HeadLength = 256,
            RopeFrequencyBase = 1_000_000,
            SlidingWindow = 512,
            VocabularySize = 262_144,
        },
    };

    static Dictionary<string, GgufValue> GraniteScales => new()
    {
        ["embedding_scale"] = 12f,
        ["residual_scale"] = 0.22f,
        ["attention.scale"] = 0.25f,
        ["logit_scale"] = 8f,
    };

    /// <summary>Whether a block has a short convolution instead of attention.</summary>
    public bool IsConvolution(int block) => ConvolutionLength > 0 && block % 3 != 1;

    /// <exception cref="NoosException">There is none of that name.</exception>
    public static RandomModelShape Parse(string name) => Known.TryGetValue(name, out var shape)
        ? shape
        : throw new NoosException($"There is no shape '{name}'; choose one of: {string.Join(", ", Known.Keys)}.");

    /// <summary>So small that a text is read in a moment.</summary>
    static RandomModelShape Small(string architecture) => new()
    {
        Architecture = architecture,
        EmbeddingLength = 64,
        FeedForwardLength = 96,
        HeadLength = 32,
        VocabularySize = 320,
        NormEpsilon = 1e-5f,
        RopeFrequencyBase = 50_000,
    };

    static RandomModelShape SmallExperts(string architecture) => Small(architecture) with
    {
        ExpertCount = 8,
        ExpertUsedCount = 2,
        ExpertFeedForwardLength = 64,
    };
}
