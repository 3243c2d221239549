using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.Models;

/// <summary>What a GGUF file of any architecture says about itself, and what running it takes. Null stands for what the file does not say.</summary>
public sealed record ModelInspection
{
    const int FullContextOfCache = 1 << 24;

    public required string Path { get; init; }

    /// <summary>Such as "llama"; "unknown" when the file does not say.</summary>
    public required string Architecture { get; init; }

    public string? Name { get; init; }

    /// <summary>Files that the model is in.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of all files.</summary>
    public required long FileBytes { get; init; }

    public required int GgufVersion { get; init; }

    /// <summary>Number of values of all tensors.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Values that take part in computing one token: all but the unused experts and, unless it is the output too, the embedding table.</summary>
    public required long ActiveParameterCount { get; init; }

    /// <summary>Bytes of all tensors.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes of weights that are read for one token.</summary>
    public required long ActiveWeightBytes { get; init; }

    /// <summary>The name of the way it was quantized, such as "q4_k_m".</summary>
    public string? Quantization { get; init; }

    /// <summary>Tensors of each type, the type with most bytes first.</summary>
    public required IReadOnlyList<TensorTypeShare> Types { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    public long? ContextLength { get; init; }

    public long? BlockCount { get; init; }

    public long? EmbeddingLength { get; init; }

    public long? HeadCount { get; init; }

    public long? KeyValueHeadCount { get; init; }

    public long? ExpertCount { get; init; }

    public long? ExpertUsedCount { get; init; }

    /// <summary>Key and value numbers that one token adds to the cache, over all blocks.</summary>
    public required long CacheValuesPerToken { get; init; }

    /// <summary>Number of tokens.</summary>
    public int? VocabularySize { get; init; }

    /// <summary>As in <c>tokenizer.ggml.model</c>: "gpt2" is byte-level BPE, "llama" is SentencePiece.</summary>
    public string? TokenizerKind { get; init; }

    /// <summary>The rule that splits text before the merges.</summary>
    public string? PreTokenizer { get; init; }

    public required bool HasChatTemplate { get; init; }

    /// <summary>Reads headers only.</summary>
    /// <exception cref="NoosException">A metadata value is of the wrong type.</exception>
    public static ModelInspection Of(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var architecture = file.GetString("general.architecture") ?? "unknown";
        var experts = First("expert_count");
        var used = First("expert_used_count");
        return new ModelInspection
        {
            Path = file.Path,
            Architecture = architecture,
            Name = file.GetString("general.name"),
            Files = file.PartCount,
            FileBytes = file.Length,
            GgufVersion = file.Version,
            ParameterCount = file.Tensors.Sum(tensor => tensor.Count),
            ActiveParameterCount = Active(file, experts, used, tensor => tensor.Count),
            WeightBytes = file.Tensors.Sum(tensor => tensor.ByteLength),
            ActiveWeightBytes = Active(file, experts, used, tensor => tensor.ByteLength),
            Quantization = file.GetInteger("general.file_type") is { } type ? QuantizationMix.NameOf(type) : null,
            Types =
            [
                .. file.Tensors.GroupBy(tensor => tensor.Type)
                    .Select(group => new TensorTypeShare(group.Key, group.Count(), group.Sum(tensor => tensor.Count), group.Sum(tensor => tensor.ByteLength)))
                    .OrderByDescending(share => share.Bytes),
            ],
            ContextLength = First("context_length"),
            BlockCount = First("block_count"),
            EmbeddingLength = First("embedding_length"),
            HeadCount = First("attention.head_count"),
            KeyValueHeadCount = First("attention.head_count_kv"),
            ExpertCount = experts,
            ExpertUsedCount = used,
            CacheValuesPerToken = CacheValues(file, architecture),
            VocabularySize = file.GetStrings("tokenizer.ggml.tokens")?.Count,
            TokenizerKind = file.GetString("tokenizer.ggml.model"),
            PreTokenizer = file.GetString("tokenizer.ggml.pre"),
            HasChatTemplate = file.GetString("tokenizer.chat_template") is not null,
        };

        long? First(string name) => Numbers(file, $"{architecture}.{name}") is [var first, ..] ? first : null;
    }

    static long Active(GgufFile file, long? experts, long? used, Func<GgufTensor, long> size)
    {
        var isTied = !file.TryGetTensor(TensorNames.Output, out _);
        return file.Tensors.Sum(tensor =>
            tensor.Name == TensorNames.TokenEmbedding && !isTied ? 0
            : experts is > 0 && used > 0 && used < experts && tensor.Name.Contains("_exps.", StringComparison.Ordinal) ? (long)((Int128)size(tensor) * used.Value / experts.Value)
            : size(tensor));
    }

    static long CacheValues(GgufFile file, string architecture)
    {
        var blocks = Of("block_count");
        var heads = Numbers(file, $"{architecture}.attention.head_count");
        var shared = Numbers(file, $"{architecture}.attention.head_count_kv") is { Count: > 0 } some ? some : heads;
        if (shared.Count == 0 || heads.Count == 0)
        {
            return 0;
        }

        var byDefault = Of("embedding_length") / Math.Max(1, heads[0]);
        var key = Of("attention.key_length", byDefault);
        var value = Of("attention.value_length", byDefault);

        // Nothing real comes near the limit; a damaged file must not overflow the sum.
        var perHead = Math.Clamp(key, 0, FullContextOfCache) + Math.Clamp(value, 0, FullContextOfCache);
        var ofAllBlocks = shared.Count == 1 ? (Int128)blocks * shared[0] : shared.Aggregate((Int128)0, (sum, count) => sum + count);
        return (long)Int128.Clamp(ofAllBlocks * perHead, 0, long.MaxValue / FullContextOfCache);

        long Of(string name, long otherwise = 0) => Numbers(file, $"{architecture}.{name}") is [var first, ..] ? first : otherwise;
    }

    /// <summary>One number, or one for each block; none when the key is missing.</summary>
    static IReadOnlyList<long> Numbers(GgufFile file, string key) =>
        !file.Metadata.TryGetValue(key, out var value) ? []
        : value.ElementType is null ? [file.GetInteger(key) ?? 0]
        : [.. file.GetIntegers(key)!];
}
