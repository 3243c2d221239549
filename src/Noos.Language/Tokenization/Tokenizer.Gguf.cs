using Noos.Language.Gguf;

namespace Noos.Language.Tokenization;

/// <summary>The vocabulary inside a GGUF model.</summary>
public sealed partial class Tokenizer
{
    // Token types of GGUF: only these two stand for bytes of text written in the byte alphabet.
    const int Normal = 1;
    const int Byte = 6;

    /// <summary>Reads the <c>tokenizer.ggml</c> keys of a model with a byte-level BPE vocabulary and Qwen's pre-tokenizer.</summary>
    /// <exception cref="NoosException">The model has another kind of vocabulary, or a broken one.</exception>
    public static Tokenizer FromGguf(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var origin = $"The model '{file.Path}'";
        if (file.GetString("tokenizer.ggml.model") is var model and not "gpt2")
        {
            throw new NoosException($"{origin} has a vocabulary of kind '{model ?? "none"}'; only byte-level BPE ('gpt2') is supported.");
        }

        if (file.GetString("tokenizer.ggml.pre") is var pre and not "qwen2")
        {
            throw new NoosException($"{origin} splits text with the rule '{pre ?? "none"}'; only 'qwen2' is supported.");
        }

        var names = file.GetStrings("tokenizer.ggml.tokens") ?? throw Missing("tokenizer.ggml.tokens");
        var types = file.GetIntegers("tokenizer.ggml.token_type") ?? throw Missing("tokenizer.ggml.token_type");
        var merges = file.GetStrings("tokenizer.ggml.merges") ?? throw Missing("tokenizer.ggml.merges");
        if (types.Count != names.Count || names.Count > MaxVocabularySize)
        {
            throw new NoosException($"{origin} has {names.Count} tokens and {types.Count} token types; they must be equally many, at most {MaxVocabularySize}.");
        }

        return Create([.. names], [.. types.Select(type => type is not (Normal or Byte))], merges.Select(merge => SplitMerge(merge, origin)), origin);

        NoosException Missing(string key) => new($"{origin} has no '{key}'; export the model again with its vocabulary.");
    }
}
