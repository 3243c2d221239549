using System.Numerics.Tensors;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Tokenization;

namespace Noos.Language.Models;

/// <summary>
/// A decoder of architecture <c>qwen3</c> as a GGUF file: the one place that knows the metadata keys, which are llama.cpp's
/// (llama-arch.cpp), so that either program runs the files of the other.
/// </summary>
public static class ModelFile
{
    const string Architecture = "qwen3";

    // llama.cpp's token types.
    const int NormalToken = 1;
    const int ControlToken = 3;

    // The layout of Q8_0 and its kin since 2023; llama.cpp asks for it beside quantized tensors.
    internal const uint QuantizationVersion = 2;

    /// <summary>All tensors of a model with their sizes in GGUF order (values of a row first), in the order of the file.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<long> Dimensions)> Tensors(TransformerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        long width = config.EmbeddingLength;
        yield return (TensorNames.TokenEmbedding, [width, config.VocabularySize]);
        for (var block = 0; block < config.BlockCount; block++)
        {
            yield return (TensorNames.AttentionNorm(block), [width]);
            yield return (TensorNames.Query(block), [width, config.QueryLength]);
            yield return (TensorNames.Key(block), [width, config.KeyValueLength]);
            yield return (TensorNames.Value(block), [width, config.KeyValueLength]);
            yield return (TensorNames.QueryNorm(block), [config.HeadLength]);
            yield return (TensorNames.KeyNorm(block), [config.HeadLength]);
            yield return (TensorNames.AttentionOutput(block), [config.QueryLength, width]);
            yield return (TensorNames.FeedForwardNorm(block), [width]);
            yield return (TensorNames.Gate(block), [width, config.FeedForwardLength]);
            yield return (TensorNames.Up(block), [width, config.FeedForwardLength]);
            yield return (TensorNames.Down(block), [config.FeedForwardLength, width]);
        }

        yield return (TensorNames.OutputNorm, [width]);
        if (!config.TiedEmbeddings)
        {
            yield return (TensorNames.Output, [width, config.VocabularySize]);
        }
    }

    /// <summary>The shape of a model that <see cref="Write"/> could have written.</summary>
    /// <exception cref="NoosException">It is of another architecture, or has tensors that such models lack.</exception>
    public static TransformerConfig ReadConfig(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.GetString("general.architecture") is var found && found != Architecture)
        {
            throw new NoosException(
                $"'{file.Path}' is a model of the family {found ?? "unknown"}; only models of the family {Architecture} can be trained "
                + "here.");
        }

        var width = Number("embedding_length");
        var heads = Number("attention.head_count");
        var config = new TransformerConfig
        {
            VocabularySize = file.GetStrings("tokenizer.ggml.tokens")?.Count
                ?? throw new NoosException(ErrorKind.Damaged, $"'{file.Path}' has no vocabulary; export it again."),
            ContextLength = Number("context_length"),
            EmbeddingLength = width,
            BlockCount = Number("block_count"),
            FeedForwardLength = Number("feed_forward_length"),
            HeadCount = heads,
            KeyValueHeadCount = (int)(file.GetInteger(Key("attention.head_count_kv")) ?? heads),
            HeadLength = (int)(file.GetInteger(Key("attention.key_length")) ?? (width / heads)),
            RopeFrequencyBase = (float)(file.GetFloat(Key("rope.freq_base")) ?? 10_000),
            NormEpsilon = (float)(file.GetFloat(Key("attention.layer_norm_rms_epsilon")) ?? 1e-6),
            TiedEmbeddings = !file.TryGetTensor(TensorNames.Output, out _),
        };
        try
        {
            return config.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new NoosException(ErrorKind.Invalid, $"'{file.Path}' cannot be trained: {exception.Message}", exception);
        }

        int Number(string key) => file.GetInteger(Key(key)) is { } value and > 0 and <= int.MaxValue
            ? (int)value
            : throw new NoosException(ErrorKind.Damaged, $"'{file.Path}' does not say its {key}; export it again.");
    }

    /// <summary>
    /// Writes or replaces a model file. Tensors are asked for one at a time, so the model need not fit into memory twice.
    /// </summary>
    /// <param name="path">Where to.</param>
    /// <param name="config">The shape.</param>
    /// <param name="tokenizer">A vocabulary of <see cref="TransformerConfig.VocabularySize"/> tokens.</param>
    /// <param name="tensor">Gives the values of a tensor of <see cref="Tensors"/> by its name, row after row.</param>
    /// <param name="type">
    /// F32, F16 or Q8_0 for matrices; one whose rows are no multiple of the type's block becomes F16, vectors stay F32.
    /// </param>
    /// <param name="info">Name, licence and so on.</param>
    /// <exception cref="NoosException">The file cannot be written, or a tensor holds values that the type cannot.</exception>
    public static void Write(
        string path, TransformerConfig config, Tokenizer tokenizer, Func<string, float[]> tensor, GgufTensorType type, ModelInfo info)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(info);
        config.Validate();
        if (tokenizer.VocabularySize != config.VocabularySize)
        {
            throw new NoosException(
                $"The model has {config.VocabularySize:N0} tokens and the tokenizer {tokenizer.VocabularySize:N0}; give the tokenizer "
                + "that the model was trained with.");
        }

        var writer = new GgufWriter();
        AddGeneral(writer, info, type);
        AddShape(writer, config);
        AddVocabulary(writer, tokenizer, info.ChatTemplate);
        foreach (var (name, dimensions) in Tensors(config))
        {
            var stored = StoredType(type, dimensions);
            writer.AddTensor(name, stored, dimensions, () => Encode(name, stored, dimensions, tensor(name)));
        }

        writer.WriteTo(path);
    }

    static void AddGeneral(GgufWriter writer, ModelInfo info, GgufTensorType type)
    {
        writer.Add("general.architecture", Architecture);
        writer.Add("general.type", "model");
        writer.Add("general.name", info.Name);
        AddText("general.description", info.Description);
        AddText("general.author", info.Author);
        AddText("general.version", info.Version);
        AddText("general.license", info.License);
        writer.Add("general.file_type", FileType(type));
        writer.Add("general.quantization_version", QuantizationVersion);
        foreach (var (key, value) in info.Sampling?.ToMetadata() ?? [])
        {
            writer.Add(key, value);
        }

        if (info.Tools is { } tools)
        {
            writer.Add(ModelInfo.ToolsKey, tools.ToArray());
        }

        void AddText(string key, string? value)
        {
            if (value is not null)
            {
                writer.Add(key, value);
            }
        }
    }

    static void AddShape(GgufWriter writer, TransformerConfig config)
    {
        writer.Add(Key("vocab_size"), (uint)config.VocabularySize);
        writer.Add(Key("context_length"), (uint)config.ContextLength);
        writer.Add(Key("embedding_length"), (uint)config.EmbeddingLength);
        writer.Add(Key("block_count"), (uint)config.BlockCount);
        writer.Add(Key("feed_forward_length"), (uint)config.FeedForwardLength);
        writer.Add(Key("attention.head_count"), (uint)config.HeadCount);
        writer.Add(Key("attention.head_count_kv"), (uint)config.KeyValueHeadCount);
        writer.Add(Key("attention.key_length"), (uint)config.HeadLength);
        writer.Add(Key("attention.value_length"), (uint)config.HeadLength);
        writer.Add(Key("attention.layer_norm_rms_epsilon"), config.NormEpsilon);
        writer.Add(Key("rope.dimension_count"), (uint)config.HeadLength);
        writer.Add(Key("rope.freq_base"), config.RopeFrequencyBase);
    }

    static void AddVocabulary(GgufWriter writer, Tokenizer tokenizer, string? chatTemplate)
    {
        if (!tokenizer.IsOurKind)
        {
            throw new NoosException(
                "Models are written with a vocabulary of our own kind only, that is byte-level BPE with Qwen's pre-tokenizer; give the "
                + "tokenizer that the model was trained with.");
        }

        var tokens = new string[tokenizer.VocabularySize];
        var types = new int[tokens.Length];
        for (var token = 0; token < tokens.Length; token++)
        {
            tokens[token] = tokenizer.NameOf(token);
            types[token] = tokenizer.IsSpecial(token) ? ControlToken : NormalToken;
        }

        var merges = new string[tokenizer.MergeCount];
        for (var rank = 0; rank < merges.Length; rank++)
        {
            var (left, right) = tokenizer.MergeAt(rank);
            merges[rank] = $"{tokens[left]} {tokens[right]}";
        }

        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.pre", "qwen2");
        writer.Add("tokenizer.ggml.tokens", tokens);
        writer.Add("tokenizer.ggml.token_type", types);
        writer.Add("tokenizer.ggml.merges", merges);
        writer.Add("tokenizer.ggml.bos_token_id", (uint)tokenizer.EndOfText);
        writer.Add("tokenizer.ggml.eos_token_id", (uint)(chatTemplate is null ? tokenizer.EndOfText : tokenizer.EndOfTurn));
        writer.Add("tokenizer.ggml.padding_token_id", (uint)tokenizer.EndOfText);
        writer.Add("tokenizer.ggml.add_bos_token", true);
        if (chatTemplate is not null)
        {
            writer.Add("tokenizer.chat_template", chatTemplate);
        }
    }

    /// <summary>Vectors are few and sensitive, and llama.cpp multiplies by them in F32 only.</summary>
    static GgufTensorType StoredType(GgufTensorType type, IReadOnlyList<long> dimensions) =>
        dimensions.Count == 1 ? GgufTensorType.F32
        : dimensions[0] % GgufTensorLayout.For(type).BlockLength == 0 ? type
        : GgufTensorType.F16;

    static byte[] Encode(string name, GgufTensorType type, IReadOnlyList<long> dimensions, float[] values)
    {
        var count = dimensions.Aggregate((product, dimension) => product * dimension);
        if (values.Length != count)
        {
            throw new ArgumentException($"Tensor '{name}' should have {count:N0} values and was given {values.Length:N0}.");
        }

        var largest = MathF.Abs(TensorPrimitives.MaxMagnitude(values));
        if (!float.IsFinite(largest))
        {
            throw new NoosException(ErrorKind.Damaged,
                $"Tensor '{name}' holds values that are not finite, so the training has diverged; export an earlier checkpoint.");
        }

        // The largest 16-bit float, which is also the largest scale of a Q8_0 block.
        var max = type switch
        {
            GgufTensorType.F16 => (float)Half.MaxValue,
            GgufTensorType.Q8_0 => (float)Half.MaxValue * 127,
            _ => float.MaxValue,
        };
        if (largest > max)
        {
            throw new NoosException($"Tensor '{name}' holds values up to {largest:G4}, too large for type {type}; export to F32.");
        }

        var bytes = new byte[GgufTensorLayout.For(type).BytesOf(count)];
        Quantization.Quantize(type, values, bytes);
        return bytes;
    }

    /// <summary>llama.cpp's number for the type of most tensors (llama_ftype).</summary>
    static uint FileType(GgufTensorType type) => type switch
    {
        GgufTensorType.F32 => 0,
        GgufTensorType.F16 => 1,
        GgufTensorType.Q8_0 => 7,
        _ => throw new NoosException($"Models cannot be written as {type}; choose F32, F16 or Q8_0."),
    };

    static string Key(string name) => $"{Architecture}.{name}";
}
