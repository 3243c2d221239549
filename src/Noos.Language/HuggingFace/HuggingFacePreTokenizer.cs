using System.Text.Json;
using Noos.Core;
using Noos.Language.Tokenization.Splitting;

namespace Noos.Language.HuggingFace;

/// <summary>Finds GGUF's name for the pre-tokenizer in a <c>tokenizer.json</c> by its regular expression.</summary>
static class HuggingFacePreTokenizer
{
    const string CasedWords =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+{C}"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*{C}";

    const string Rest = @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        [Qwen2PreTokenizer.Pattern] = "qwen2",
        [Qwen2PreTokenizer.Pattern
            .Replace(@"\p{L}+|\p{N}|", @"[\p{L}\p{M}]+|\p{N}|", StringComparison.Ordinal)
            .Replace(@"[^\s\p{L}\p{N}]+", @"[^\s\p{L}\p{M}\p{N}]+", StringComparison.Ordinal)] = "qwen35",
        [Qwen2PreTokenizer.Pattern.Replace(@"\p{N}| ", @"\p{N}{1,3}| ", StringComparison.Ordinal)] = "llama-bpe",
        [CasedWords.Replace("{C}", "(?i:'s|'t|'re|'ve|'m|'ll|'d)?", StringComparison.Ordinal) + @"|\p{N}{1,3}" + Rest] = "gpt-4o",
        [CasedWords.Replace("{C}", "", StringComparison.Ordinal) + @"|\p{N}" + Rest] = "tekken",
    };

    /// <exception cref="NoosException">It is an unknown one.</exception>
    public static string NameOf(JsonFile tokenizer, string path)
    {
        var root = tokenizer.Find("pre_tokenizer", JsonValueKind.Object) ?? default;
        JsonElement[] steps = JsonFile.Find(root, "pretokenizers", JsonValueKind.Array) is { } list ? [.. list.EnumerateArray()] : [root];
        var patterns = steps.Where(step => Is(step, "Split"))
            .Select(step =>
                JsonFile.Find(step, "pattern", JsonValueKind.Object) is { } pattern ? JsonFile.Text(pattern, "Regex", path) : null)
            .ToArray();
        if (patterns is [{ } single] && s_names.TryGetValue(single, out var name))
        {
            return name;
        }

        // GPT-2's expression is built in, and some cut out every digit before.
        var isGpt2 = patterns.Length == 0
            && steps.Any(step => Is(step, "ByteLevel") && JsonFile.Find(step, "use_regex", JsonValueKind.False) is null);
        var digits = steps.Where(step => Is(step, "Digits")).ToArray();
        return (isGpt2, digits) switch
        {
            (true, []) => "gpt-2",
            (true, [var step]) when JsonFile.Find(step, "individual_digits", JsonValueKind.True) is not null => "smollm",
            _ => throw new NoosException(
                $"The file '{path}' cuts text by a rule that is not known here; choose a model with the tokenizer of Llama 3, Qwen, "
                + "SmolLM, GPT-2, GPT-4o or Tekken."),
        };

        bool Is(JsonElement step, string type) => JsonFile.Text(step, "type", path) == type;
    }
}
