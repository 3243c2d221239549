using Noos.Language.Gguf;
using Noos.Language.Tokenization;

namespace Noos.Testing.RandomModels;

/// <summary>The <c>tokenizer</c> keys of a random model: made up, or taken from another file.</summary>
public static class RandomVocabulary
{
    const int Normal = 1;
    const int Control = 3;

    /// <summary>The reserved tokens of Noos, the 256 bytes, then pairs and triples of bytes.</summary>
    public static void AddSynthetic(GgufWriter writer, int size)
    {
        var letters = Enumerable.Range(0, 256).Select(value => ByteAlphabetLetter((byte)value)).ToArray();
        var specials = SpecialTokens.All;
        var tokens = new List<string>(specials);
        tokens.AddRange(letters);
        var merges = new List<string>();
        for (var i = 0; tokens.Count < size; i++)
        {
            // Every byte before every byte, then every pair before every byte.
            var left = i < 65_536 ? letters[i % 256] : letters[i % 256] + letters[i / 256 % 256];
            var right = i < 65_536 ? letters[i / 256] : letters[(i / 65_536) - 1];
            merges.Add($"{left} {right}");
            tokens.Add(left + right);
        }

        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.pre", "qwen2");
        writer.Add("tokenizer.ggml.tokens", tokens.ToArray());
        writer.Add("tokenizer.ggml.token_type", tokens.Select((_, index) => index < specials.Count ? Control : Normal).ToArray());
        writer.Add("tokenizer.ggml.merges", merges.ToArray());
        writer.Add("tokenizer.ggml.bos_token_id", 0u);
        writer.Add("tokenizer.ggml.eos_token_id", 0u);
        writer.Add("tokenizer.ggml.add_bos_token", false);
    }

    /// <summary>Copies the keys and gives the number of tokens.</summary>
    /// <param name="writer">Gets them.</param>
    /// <param name="path">A GGUF file.</param>
    /// <param name="hasTemplate">The chat template too.</param>
    public static int AddFrom(GgufWriter writer, string path, bool hasTemplate = true)
    {
        using var file = GgufFile.Open(path);
        foreach (var (key, value) in file.Metadata.Where(pair => pair.Key.StartsWith("tokenizer.", StringComparison.Ordinal)
            && (hasTemplate || pair.Key != "tokenizer.chat_template")))
        {
            writer.Add(key, value);
        }

        return file.GetStrings("tokenizer.ggml.tokens")?.Count
            ?? throw new Noos.Core.NoosException($"The file '{path}' holds no vocabulary.");
    }

    /// <summary>The printable letter for a byte in GPT-2's vocabularies.</summary>
    static string ByteAlphabetLetter(byte value)
    {
        var isPrintable = value is (>= (byte)'!' and <= (byte)'~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
        var hidden = value < '!' ? value : value is >= 0x7F and <= 0xA0 ? value - 0x7F + 33 : 67;
        return char.ToString(isPrintable ? (char)value : (char)(256 + hidden));
    }
}
