using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.Models;

/// <summary>
/// The hyperparameters of a decoder of any architecture in the metadata of a GGUF file: the keys under the prefix of the architecture
/// (gguf.md, "LLM"; <c>LLM_KV_NAMES</c> in llama.cpp's llama-arch.cpp). Reads only; what the numbers must be to make a model that can be
/// computed is for whoever computes it. Null or empty stands for what the file does not say. Thread-safe.
/// </summary>
/// <remarks>
/// Some architectures (OpenELM, Gemma 3n) have a number for each block where most have one for all. Every integer is therefore read as a
/// list of one or of <see cref="BlockCount"/> numbers; the properties give the first, as llama-quantize takes it.
/// </remarks>
public sealed class DecoderMetadata
{
    readonly GgufFile _file;

    /// <param name="file">Must stay open as long as this object is used.</param>
    /// <exception cref="NoosException">The architecture is no text (<see cref="ErrorKind.Damaged"/>).</exception>
    public DecoderMetadata(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
        Architecture = file.GetString("general.architecture");
    }

    /// <summary>As in <c>general.architecture</c>, such as "qwen3". Without it nothing else is found.</summary>
    public string? Architecture { get; }

    /// <summary>Transformer blocks.</summary>
    public long? BlockCount => GetInteger("block_count");

    /// <summary>Longest sequence that the model was made for, in tokens.</summary>
    public long? ContextLength => GetInteger("context_length");

    /// <summary>Width of the residual stream.</summary>
    public long? EmbeddingLength => GetInteger("embedding_length");

    /// <summary>Width of the hidden layer of the feed-forward network.</summary>
    public long? FeedForwardLength => GetInteger("feed_forward_length");

    /// <summary>Query heads of the first block.</summary>
    public long? HeadCount => GetInteger("attention.head_count");

    /// <summary>Key-value heads of the first block as the file says it; see <see cref="KeyValueHeadCounts"/> for the default.</summary>
    public long? KeyValueHeadCount => GetInteger("attention.head_count_kv");

    /// <summary>Key-value heads: one number for all blocks, or one for each. Where the file does not say, as many as query heads.</summary>
    public IReadOnlyList<long> KeyValueHeadCounts =>
        GetIntegers("attention.head_count_kv") is { Count: > 0 } shared ? shared : GetIntegers("attention.head_count");

    /// <summary>
    /// Width of a key head; by default the <see cref="EmbeddingLength"/> divided among the query heads, 0 where that is unknown too.
    /// </summary>
    public long KeyLength => GetInteger("attention.key_length") ?? DefaultHeadLength;

    /// <summary>Width of a value head, with the default of <see cref="KeyLength"/>.</summary>
    public long ValueLength => GetInteger("attention.value_length") ?? DefaultHeadLength;

    /// <summary>Experts of a block.</summary>
    public long? ExpertCount => GetInteger("expert_count");

    /// <summary>Experts that a token goes through.</summary>
    public long? ExpertUsedCount => GetInteger("expert_used_count");

    /// <summary>Tokens of the vocabulary in the file.</summary>
    public int? VocabularySize => _file.GetStrings("tokenizer.ggml.tokens")?.Count;

    long DefaultHeadLength => (EmbeddingLength ?? 0) / Math.Max(1, HeadCount ?? 0);

    /// <summary>The metadata key of a name without the prefix.</summary>
    public string Key(string name) => $"{Architecture}.{name}";

    /// <summary>The first of <see cref="GetIntegers"/>.</summary>
    /// <inheritdoc cref="GetIntegers"/>
    public long? GetInteger(string name) => GetIntegers(name) is [var first, ..] ? first : null;

    /// <summary>One number, or one for each block; empty when the key is missing.</summary>
    /// <param name="name">Without the prefix, such as "block_count".</param>
    /// <exception cref="NoosException">The value is of another type (<see cref="ErrorKind.Damaged"/>).</exception>
    public IReadOnlyList<long> GetIntegers(string name)
    {
        var key = Key(name);
        return !_file.Metadata.TryGetValue(key, out var value) ? []
            : value.ElementType is null ? [_file.GetInteger(key) ?? 0]
            : [.. _file.GetIntegers(key)!];
    }

    /// <summary>Null when the key is missing; integers count as numbers.</summary>
    /// <inheritdoc cref="GetIntegers"/>
    public double? GetFloat(string name) => _file.GetFloat(Key(name));

    /// <summary>Null when the key is missing.</summary>
    /// <inheritdoc cref="GetIntegers"/>
    public string? GetString(string name) => _file.GetString(Key(name));
}
