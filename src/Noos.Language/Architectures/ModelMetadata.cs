using System.Collections.Frozen;
using System.Globalization;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;

namespace Noos.Language.Architectures;

/// <summary>The metadata of a model under its architecture's prefix, with a clear sentence for what is missing or impossible.</summary>
public sealed class ModelMetadata(GgufFile file, string architecture)
{
    /// <summary>The <c>pooling_type</c> of models that score pairs of texts instead of making vectors.</summary>
    const int RankPooling = 4;

    public string? GetText(string name) => file.GetString(Key(name));

    /// <summary>Refuses a model that has tokens without weights.</summary>
    /// <param name="file">The model.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    /// <param name="size">Tokens in its weights.</param>
    public static void RequireVocabulary(GgufFile file, Tokenizer tokenizer, int size)
    {
        if (tokenizer.VocabularySize > size)
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"The model file '{file.Path}' has {tokenizer.VocabularySize:N0} tokens in its vocabulary but "
                + $"{size:N0} in its weights; export it again.");
        }
    }

    /// <summary>A number, or a list with the same number for each block.</summary>
    public int GetInteger(string name, int? fallback = null)
    {
        var value = Shared(name) ?? fallback ?? throw Missing(name);
        return value is >= 0 and <= 1 << 24 ? (int)value : throw Impossible(name, value);
    }

    public float GetNumber(string name, float? fallback = null)
    {
        var value = file.GetFloat(Key(name)) ?? file.GetInteger(Key(name)) ?? fallback ?? throw Missing(name);
        return double.IsFinite(value) && value >= 0 ? (float)value : throw Impossible(name, value);
    }

    /// <summary>What every architecture has under the same names.</summary>
    /// <param name="isInterleaved">See <see cref="RotaryConfig.IsInterleaved"/>.</param>
    /// <param name="keyValueHeads">Key-value heads of the blocks that have some; null where all have.</param>
    public DecoderConfig Common(bool isInterleaved = false, int? keyValueHeads = null)
    {
        RequireCausal();
        var width = Positive("embedding_length", 1 << 17);
        var heads = Positive("attention.head_count", 1 << 12);
        var keyHeads = keyValueHeads ?? GetInteger("attention.head_count_kv", heads);
        var headLength = GetInteger("attention.key_length", width / heads);
        Require(keyHeads > 0 && heads % keyHeads == 0, $"{keyHeads} key-value heads for {heads} heads");
        Require(headLength is > 0 and <= 1024 && headLength % 2 == 0, $"heads of length {headLength}");
        Require(GetInteger("attention.value_length", headLength) == headLength, "keys and values of different lengths");
        var experts = GetInteger("expert_count", 0);
        var used = GetInteger("expert_used_count", 0);
        Require(experts <= 1024 && (experts == 0 ? used == 0 : used > 0 && used <= experts), $"{used} used of {experts} experts");
        var rotaryLength = GetInteger("rope.dimension_count", headLength);
        Require(
            rotaryLength > 0 && rotaryLength <= headLength && rotaryLength % 2 == 0,
            $"{rotaryLength} rotary dimensions of {headLength}");
        return new DecoderConfig
        {
            Architecture = architecture,
            VocabularySize = VocabularySize(),
            ContextLength = Positive("context_length", 1 << 24),
            EmbeddingLength = width,
            BlockCount = Positive("block_count", 1024),
            FeedForwardLength = experts > 0
                ? GetInteger("expert_feed_forward_length", GetInteger("feed_forward_length", 0))
                : Positive("feed_forward_length", 1 << 19),
            HeadCount = heads,
            KeyValueHeadCount = keyHeads,
            HeadLength = headLength,
            NormEpsilon = GetNumber("attention.layer_norm_rms_epsilon"),
            AttentionScale = 1 / MathF.Sqrt(headLength),
            ExpertCount = experts,
            ExpertUsedCount = used,
            Rotary = Rotary(rotaryLength, isInterleaved),
            // 0 is none; 4 is for models that rank, whose last layer this engine does not have.
            Pooling = GetInteger("pooling_type", 0) is var pooling and > 0 and < 4 ? (Pooling)pooling : null,
        };
    }

    /// <summary>Key-value heads of the blocks that have attention, and the blocks that have none, for which the list says 0.</summary>
    public (int Heads, IReadOnlySet<int> WithoutAttention) KeyValueHeads()
    {
        const string name = "attention.head_count_kv";
        if (!file.Metadata.TryGetValue(Key(name), out var value) || value.ElementType is null)
        {
            return (GetInteger(name), FrozenSet<int>.Empty);
        }

        var numbers = file.GetIntegers(Key(name))!;
        var heads = numbers.DefaultIfEmpty(0).Max();
        Require(
            numbers.Count == file.GetInteger(Key("block_count")) && heads is > 0 and <= 1 << 12
            && numbers.All(number => number == 0 || number == heads),
            $"numbers that differ among the blocks, or too few of them, as '{Key(name)}'");
        return (heads, numbers.Index().Where(block => block.Item == 0).Select(block => block.Index).ToFrozenSet());
    }

    /// <summary>A model with short convolutions, as far as the KV cache can hold what they read.</summary>
    /// <param name="config">All else.</param>
    /// <param name="length">Positions that they read.</param>
    /// <param name="blocks">Where they are.</param>
    public DecoderConfig WithConvolutions(DecoderConfig config, int length, IReadOnlySet<int> blocks)
    {
        Require(
            length is > 1 and <= 32 && config.EmbeddingLength % (2 * config.HeadLength) == 0,
            $"convolutions over {length} positions of width {config.EmbeddingLength} beside heads of length {config.HeadLength}");
        return config with { ConvolutionLength = length, ConvolutionBlocks = blocks };
    }

    /// <summary>A model whose first blocks may have no experts, and whose experts may be chosen in other ways than by a softmax.</summary>
    /// <param name="config">All else.</param>
    /// <param name="isSigmoid">Where the file does not say.</param>
    /// <param name="normalizes">Whether shares sum up to one where the file does not say.</param>
    public DecoderConfig WithExperts(DecoderConfig config, bool isSigmoid, bool normalizes)
    {
        // llama.cpp's numbers: 1 is a softmax, 2 the sigmoid, 0 stands for what is usual.
        var gating = GetInteger("expert_gating_func", 0);
        Require(gating <= 2, $"experts that are chosen by function {gating}");
        Require(GetInteger("expert_group_count", 0) <= 1, "experts in groups");
        var dense = GetInteger("leading_dense_block_count", 0);
        return config with
        {
            DenseBlockCount = dense,
            DenseLength = dense > 0 ? Positive("feed_forward_length", 1 << 19) : 0,
            GatesBySigmoid = gating == 0 ? isSigmoid : gating == 2,
            NormalizesShares = GetFlag("expert_weights_norm", normalizes),
            ExpertScale = GetNumber("expert_weights_scale", 0) is var scale && scale == 0 ? 1 : scale,
        };
    }

    /// <summary>A model without the last blocks of its file, which predict further tokens.</summary>
    public DecoderConfig WithoutFurtherBlocks(DecoderConfig config)
    {
        var more = GetInteger("nextn_predict_layers", 0);
        Require(more < config.BlockCount, $"{more} of {config.BlockCount} blocks for further tokens");
        return config with { BlockCount = config.BlockCount - more, FurtherBlockCount = more };
    }

    /// <summary>The base of rotary frequencies.</summary>
    public float RotaryBase(string name, float usual)
    {
        var value = GetNumber(name, usual);
        Require(value > 1, $"rotary positions of base {value}");
        return value;
    }

    /// <summary>What an encoder of BERT's kind has.</summary>
    public EncoderConfig Encoder()
    {
        Require(!(file.GetBool(Key("attention.causal")) ?? true), "attention in one direction only");
        var width = Positive("embedding_length", 1 << 17);
        var heads = Positive("attention.head_count", 1 << 12);
        // The attention of an encoder computes in panels of 32 columns.
        Require(width % heads == 0 && width / heads % 32 == 0 && width / heads <= 1024, $"{heads} heads for a width of {width}");
        return new EncoderConfig
        {
            Architecture = architecture,
            VocabularySize = VocabularySize(),
            ContextLength = Positive("context_length", 1 << 20),
            EmbeddingLength = width,
            BlockCount = Positive("block_count", 1024),
            FeedForwardLength = Positive("feed_forward_length", 1 << 19),
            HeadCount = heads,
            TokenTypeCount =
                file.TryGetTensor(TensorNames.TokenTypes, out var types) && types.Dimensions is [_, > 0 and <= 1024 and var count]
                    ? (int)count
                    : 0,
            NormEpsilon = GetNumber("attention.layer_norm_epsilon"),
            Pooling = GetInteger("pooling_type", (int)Pooling.Mean) is var pooling and > 0 and < 4 ? (Pooling)pooling : Pooling.Mean,
            LabelCount = GetInteger("pooling_type", (int)Pooling.Mean) == RankPooling ? LabelCount() : 0,
        };
    }

    /// <summary>
    /// Scores of the last layer of a model that ranks. Those of Jina's first rerankers have one layer only, which then gives the score.
    /// </summary>
    int LabelCount()
    {
        if (!file.TryGetTensor(TensorNames.ClassifierOutput, out var head) && !file.TryGetTensor(TensorNames.Classifier, out head))
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"The model '{file.Path}' ranks texts but lacks the tensor '{TensorNames.ClassifierOutput}'; export or download it again.");
        }

        var labels = head.Dimensions is [_, var rows] ? rows : 1;
        Require(labels is > 0 and <= 1024, $"a head with {labels} scores");
        return (int)labels;
    }

    /// <summary>Refuses a model that has a number which the engine does not compute with, where it is not the usual one.</summary>
    public void RequireDefault(string name, float usual)
    {
        var value = GetNumber(name, usual);
        Require(value.Equals(usual), string.Create(CultureInfo.InvariantCulture, $"{value} as '{Key(name)}'"));
    }

    /// <summary>A yes or no; <paramref name="fallback"/> where the file does not say.</summary>
    public bool GetFlag(string name, bool fallback) => file.GetBool(Key(name)) ?? fallback;

    /// <summary>Refuses a model that has a key of something which the engine does not compute with.</summary>
    /// <param name="name">The key.</param>
    /// <param name="what">What it means, as in "the model has ...".</param>
    public void RequireAbsent(string name, string what) => Require(!file.Metadata.ContainsKey(Key(name)), what);

    /// <summary>
    /// Of so many blocks in a row all but the last have a sliding window; 0 stands for all, and a list is passed over, as in llama.cpp.
    /// </summary>
    public int SlidingWindowPattern(int usual)
    {
        const string name = "attention.sliding_window_pattern";
        return file.Metadata.TryGetValue(Key(name), out var value) && value.ElementType is not null ? usual
            : GetInteger(name, usual) is var pattern and > 0 ? pattern
            : int.MaxValue;
    }

    /// <summary>Refuses a model whose tokens see those behind them, as those of BERT do.</summary>
    public void RequireCausal() => Require(file.GetBool(Key("attention.causal")) ?? true, "attention in both directions");

    /// <summary>Converters may write one number per block where all are equal; blocks that differ are not computed with.</summary>
    long? Shared(string name)
    {
        if (!file.Metadata.TryGetValue(Key(name), out var value) || value.ElementType is null)
        {
            return file.GetInteger(Key(name));
        }

        var numbers = file.GetIntegers(Key(name))!;
        Require(
            numbers.Count > 0 && numbers.Count == file.GetInteger(Key("block_count")) && numbers.All(number => number == numbers[0]),
            $"numbers that differ among the blocks, or too few of them, as '{Key(name)}'");
        return numbers[0];
    }

    RotaryConfig Rotary(int length, bool isInterleaved)
    {
        // llama.cpp's defaults: without a type the factor is linear, "rope.scale_linear" is its name of 2023, and 0 stands for none.
        var type = GetText("rope.scaling.type") ?? "linear";
        Require(type is "none" or "linear" or "yarn" or "longrope", $"the scaling '{type}' of rotary positions");
        var factor = type == "none" ? 1 : GetNumber("rope.scaling.factor", GetNumber("rope.scale_linear", 1));
        factor = factor == 0 ? 1 : factor;
        var frequencyBase = GetNumber("rope.freq_base", 10_000);
        Require(factor > 0 && frequencyBase > 1, $"rotary positions of base {frequencyBase} stretched by {factor}");
        return new RotaryConfig
        {
            FrequencyBase = frequencyBase,
            Length = length,
            IsInterleaved = isInterleaved,
            Factor = factor,
            IsYarn = type == "yarn",
            OriginalContextLength = Math.Max(1, GetInteger("rope.scaling.original_context_length", GetInteger("context_length"))),
            YarnBetaFast = GetNumber("rope.scaling.yarn_beta_fast", 32),
            YarnBetaSlow = GetNumber("rope.scaling.yarn_beta_slow", 1),
            Magnitude = GetNumber("rope.scaling.attn_factor", 1),
        };
    }

    int VocabularySize() =>
        file.TryGetTensor(TensorNames.TokenEmbedding, out var embedding) && embedding.Dimensions is [_, > 0 and <= 1 << 22 and var rows]
        ? (int)rows
        : throw new NoosException(ErrorKind.Damaged,
            $"The model '{file.Path}' has no usable tensor '{TensorNames.TokenEmbedding}'; download or export it again.");

    int Positive(string name, int most)
    {
        var value = GetInteger(name);
        return value > 0 && value <= most ? value : throw Impossible(name, value);
    }

    void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new NoosException(
                $"The model '{file.Path}' has {otherwise}, which Noos does not compute with; choose another model.");
        }
    }

    string Key(string name) => $"{architecture}.{name}";

    NoosException Missing(string name) =>
        new(ErrorKind.Damaged, $"The model '{file.Path}' lacks the metadata value '{Key(name)}'; download or export it again.");

    NoosException Impossible(string name, double value) =>
        new(ErrorKind.Damaged, $"The model '{file.Path}' has {value} as '{Key(name)}', which is impossible; download or export it again.");
}
