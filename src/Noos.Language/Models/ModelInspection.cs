using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.Models;

/// <summary>
/// A report on a GGUF file of any architecture: its metadata, and the memory that running it takes. Null stands for what the file does not
/// say. Reads headers only, so it is as fast for a large model as for a small one.
/// </summary>
public sealed record ModelInspection
{
    // Far above any head length, and as a context length far above any model: bytes of a full cache still fit 64 bits.
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

    /// <summary>
    /// Values that take part in computing one token: all but the unused experts and, unless it is the output too, the embedding table.
    /// </summary>
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
    /// <exception cref="NoosException">A metadata value is of the wrong type (<see cref="ErrorKind.Damaged"/>).</exception>
    public static ModelInspection Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var metadata = new DecoderMetadata(file);
        return new ModelInspection
        {
            Path = file.Path,
            Architecture = metadata.Architecture ?? "unknown",
            Name = file.GetString("general.name"),
            Files = file.PartCount,
            FileBytes = file.Length,
            GgufVersion = file.Version,
            ParameterCount = file.Tensors.Sum(tensor => tensor.Count),
            ActiveParameterCount = Active(file, metadata, tensor => tensor.Count),
            WeightBytes = file.Tensors.Sum(tensor => tensor.ByteLength),
            ActiveWeightBytes = Active(file, metadata, tensor => tensor.ByteLength),
            Quantization = file.GetInteger("general.file_type") is { } type ? QuantizationMix.NameOf(type) : null,
            Types =
            [
                .. file.Tensors.GroupBy(tensor => tensor.Type)
                    .Select(group => new TensorTypeShare(
                        group.Key, group.Count(), group.Sum(tensor => tensor.Count), group.Sum(tensor => tensor.ByteLength)))
                    .OrderByDescending(share => share.Bytes),
            ],
            ContextLength = metadata.ContextLength,
            BlockCount = metadata.BlockCount,
            EmbeddingLength = metadata.EmbeddingLength,
            HeadCount = metadata.HeadCount,
            KeyValueHeadCount = metadata.KeyValueHeadCount,
            ExpertCount = metadata.ExpertCount,
            ExpertUsedCount = metadata.ExpertUsedCount,
            CacheValuesPerToken = CacheValues(metadata),
            VocabularySize = metadata.VocabularySize,
            TokenizerKind = file.GetString("tokenizer.ggml.model"),
            PreTokenizer = file.GetString("tokenizer.ggml.pre"),
            HasChatTemplate = file.GetString("tokenizer.chat_template") is not null,
        };
    }

    static long Active(GgufFile file, DecoderMetadata metadata, Func<GgufTensor, long> size)
    {
        var (experts, used) = (metadata.ExpertCount, metadata.ExpertUsedCount);
        var isTied = !file.TryGetTensor(TensorNames.Output, out _);
        return file.Tensors.Sum(tensor =>
            tensor.Name == TensorNames.TokenEmbedding && !isTied ? 0
            : experts is > 0 && used > 0 && used < experts && tensor.Name.Contains("_exps.", StringComparison.Ordinal)
                ? (long)((Int128)size(tensor) * used.Value / experts.Value)
            : size(tensor));
    }

    static long CacheValues(DecoderMetadata metadata)
    {
        var shared = metadata.KeyValueHeadCounts;
        if (shared.Count == 0 || metadata.HeadCount is null)
        {
            return 0;
        }

        // Nothing real comes near the limit; a damaged file must not overflow the sum.
        var perHead = Math.Clamp(metadata.KeyLength, 0, FullContextOfCache) + Math.Clamp(metadata.ValueLength, 0, FullContextOfCache);
        if (metadata.GetInteger("shortconv.l_cache") is > 0)
        {
            // Every block has room for the inputs of a convolution, or for its heads, whichever are more.
            var inputs = metadata.EmbeddingLength ?? 0;
            return (long)Int128.Clamp(
                (Int128)(metadata.BlockCount ?? 0) * Int128.Max((Int128)shared.Max() * perHead, inputs), 0,
                long.MaxValue / FullContextOfCache);
        }

        var heads = shared.Count == 1
            ? (Int128)(metadata.BlockCount ?? 0) * shared[0]
            : shared.Aggregate((Int128)0, (sum, count) => sum + count);
        return (long)Int128.Clamp(heads * perHead, 0, long.MaxValue / FullContextOfCache);
    }
}
