using System.Text.Json;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Core.Text;
using Noos.Language.Tokenization.Splitting;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.Tokenization;

/// <summary>The <c>tokenizer.json</c> file of Hugging Face's <c>tokenizers</c> library.</summary>
public sealed partial class Tokenizer
{
    const long MaxFileBytes = 256L << 20;

    /// <summary>
    /// Reads a byte-level BPE <c>tokenizer.json</c> with Qwen's pre-tokenizer. A Unicode normalizer in it is not applied, as in llama.cpp.
    /// </summary>
    /// <exception cref="NoosException">The file is missing, damaged, or of another kind.</exception>
    public static Tokenizer Load(string path)
    {
        var origin = $"The tokenizer file '{path}'";
        byte[] bytes;
        try
        {
            RegularFile.Require(path);
            if (new FileInfo(path) is { Exists: true, Length: > MaxFileBytes })
            {
                throw new NoosException(
                    ErrorKind.Refused, $"{origin} is larger than {MaxFileBytes >> 20} MB; give a Hugging Face tokenizer.json.");
            }

            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(FileErrors.KindOf(exception), $"{origin} cannot be read: {exception.Message}", exception);
        }

        return Parse(bytes, origin);
    }

    /// <summary>
    /// Writes a <c>tokenizer.json</c> that <c>transformers</c> and <c>tokenizers</c> load. The file appears whole or not at all.
    /// </summary>
    /// <exception cref="NoosException">The vocabulary is of another kind, or the file cannot be written.</exception>
    public void Save(string path)
    {
        if (!IsOurKind)
        {
            throw new NoosException(
                $"{_description.Origin} is of a kind that cannot be written as tokenizer.json; only vocabularies with Qwen's "
                + "pre-tokenizer can.");
        }

        AtomicFile.Write(path, Write);
    }

    internal static Tokenizer Parse(ReadOnlyMemory<byte> json, string origin)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Parse(document.RootElement, origin);
        }
        catch (JsonException exception)
        {
            throw new NoosException(ErrorKind.Damaged, $"{origin} is not valid JSON: {JsonFault.Describe(exception)}.", exception);
        }
        catch (InvalidOperationException exception)
        {
            // A string with broken surrogates or bytes is found only when it is read.
            throw new NoosException(ErrorKind.Damaged, $"{origin} holds text that is not valid Unicode: {exception.Message}", exception);
        }
    }

    static Tokenizer Parse(JsonElement root, string origin)
    {
        var model = Member(root, "model", JsonValueKind.Object, origin);
        if (model.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() != "BPE")
        {
            throw new NoosException($"{origin} holds a {type.GetString()} model; only byte-level BPE is supported.");
        }

        RequirePreTokenizer(root, origin);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in Member(model, "vocab", JsonValueKind.Object, origin).EnumerateObject())
        {
            AddToken(ids, entry.Name, entry.Value, origin);
        }

        var specials = new HashSet<string>(StringComparer.Ordinal);
        if (root.TryGetProperty("added_tokens", out var added) && added.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in added.EnumerateArray())
            {
                var name = Member(entry, "content", JsonValueKind.String, origin).GetString()!;
                AddToken(ids, name, Member(entry, "id", JsonValueKind.Number, origin), origin);
                specials.Add(name);
            }
        }

        var names = new string?[ids.Count];
        foreach (var (name, id) in ids)
        {
            if (id >= names.Length || names[id] is not null)
            {
                throw new NoosException(ErrorKind.Damaged,
                    $"{origin} gives the token '{name}' the id {id}, but ids must run from 0 without gaps or repetitions.");
            }

            names[id] = name;
        }

        TokenKind[] kinds = [.. names.Select(name => specials.Contains(name!) ? TokenKind.Control : TokenKind.Normal)];
        RequireByteLevel(names!, kinds, origin);
        return new Tokenizer(Vocabulary.Build(OwnDescription(names!, kinds, MergeTexts(model, origin), origin)));
    }

    static void RequireByteLevel(string[] names, TokenKind[] kinds, string origin)
    {
        var hasByte = new bool[256];
        for (var id = 0; id < names.Length; id++)
        {
            if (kinds[id] != TokenKind.Normal)
            {
                continue;
            }

            if (!ByteAlphabet.TryRead(names[id], out var bytes) || bytes.Length == 0)
            {
                throw new NoosException(
                    $"{origin} has the token '{names[id]}', which is not written in the byte alphabet of GPT-2; use a byte-level BPE "
                    + "vocabulary.");
            }

            hasByte[bytes[0]] |= bytes.Length == 1;
        }

        if (Array.IndexOf(hasByte, false) is var missing and >= 0)
        {
            throw new NoosException(
                $"{origin} has no token for the byte {missing}; use a byte-level BPE vocabulary that covers all 256 bytes.");
        }
    }

    static void AddToken(Dictionary<string, int> ids, string name, JsonElement value, string origin)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var id) || id is < 0 or >= MaxVocabularySize)
        {
            throw new NoosException(ErrorKind.Damaged,
                $"{origin} gives the token '{name}' an id that is not a whole number from 0 to {MaxVocabularySize - 1}.");
        }

        if (!ids.TryAdd(name, id) && ids[name] != id)
        {
            throw new NoosException(ErrorKind.Damaged, $"{origin} gives the token '{name}' two ids, {ids[name]} and {id}.");
        }
    }

    static IEnumerable<(ReadOnlyMemory<char> Left, ReadOnlyMemory<char> Right)> MergeTexts(JsonElement model, string origin)
    {
        foreach (var entry in Member(model, "merges", JsonValueKind.Array, origin).EnumerateArray())
        {
            // Older files write "a b", newer ones ["a", "b"].
            if (entry.ValueKind == JsonValueKind.String)
            {
                yield return Vocabulary.SplitMerge(entry.GetString()!, origin);
            }
            else if (entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 2
                && entry[0].ValueKind == JsonValueKind.String && entry[1].ValueKind == JsonValueKind.String)
            {
                yield return (entry[0].GetString().AsMemory(), entry[1].GetString().AsMemory());
            }
            else
            {
                throw new NoosException(ErrorKind.Damaged, $"{origin} has a merge that is neither \"a b\" nor [\"a\", \"b\"].");
            }
        }
    }

    static void RequirePreTokenizer(JsonElement root, string origin)
    {
        if (root.TryGetProperty("pre_tokenizer", out var preTokenizer) && preTokenizer.ValueKind == JsonValueKind.Object
            && preTokenizer.TryGetProperty("pretokenizers", out var steps) && steps.ValueKind == JsonValueKind.Array)
        {
            foreach (var step in steps.EnumerateArray())
            {
                if (step.ValueKind == JsonValueKind.Object
                    && step.TryGetProperty("pattern", out var pattern)
                    && pattern.ValueKind == JsonValueKind.Object
                    && pattern.TryGetProperty("Regex", out var regex)
                        && regex.ValueKind == JsonValueKind.String
                        && regex.GetString() == Qwen2PreTokenizer.Pattern)
                {
                    return;
                }
            }
        }

        throw new NoosException(
            $"{origin} does not use Qwen's pre-tokenizer pattern, the only one supported; choose a Qwen 2 or 3 tokenizer, or train one.");
    }

    static JsonElement Member(JsonElement element, string name, JsonValueKind kind, string origin) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : throw new NoosException(ErrorKind.Damaged,
                $"{origin} has no {kind.ToString().ToLowerInvariant()} '{name}' where one is needed; give a Hugging Face tokenizer.json.");

    void Write(Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        writer.WriteStartArray("added_tokens");
        for (var token = 0; token < VocabularySize; token++)
        {
            if (IsSpecial(token))
            {
                WriteAddedToken(writer, token);
            }
        }

        writer.WriteEndArray();
        writer.WriteNull("normalizer");
        writer.WriteStartObject("pre_tokenizer");
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WriteStartObject("pattern");
        writer.WriteString("Regex", Qwen2PreTokenizer.Pattern);
        writer.WriteEndObject();
        writer.WriteString("behavior", "Isolated");
        writer.WriteBoolean("invert", false);
        writer.WriteEndObject();
        WriteByteLevel(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteNull("post_processor");
        writer.WritePropertyName("decoder");
        WriteByteLevel(writer);
        WriteModel(writer);
        writer.WriteEndObject();
    }

    void WriteAddedToken(Utf8JsonWriter writer, int token)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", token);
        writer.WriteString("content", NameOf(token));
        writer.WriteBoolean("single_word", false);
        writer.WriteBoolean("lstrip", false);
        writer.WriteBoolean("rstrip", false);
        writer.WriteBoolean("normalized", false);
        writer.WriteBoolean("special", true);
        writer.WriteEndObject();
    }

    static void WriteByteLevel(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("trim_offsets", false);
        writer.WriteBoolean("use_regex", false);
        writer.WriteEndObject();
    }

    void WriteModel(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteNull("unk_token");
        writer.WriteNull("continuing_subword_prefix");
        writer.WriteNull("end_of_word_suffix");
        writer.WriteBoolean("fuse_unk", false);
        writer.WriteBoolean("byte_fallback", false);
        writer.WriteBoolean("ignore_merges", false);
        // Special tokens stand in the vocabulary too: their ids come first, and the library numbers tokens outside it only from its end.
        writer.WriteStartObject("vocab");
        for (var token = 0; token < VocabularySize; token++)
        {
            writer.WriteNumber(NameOf(token), token);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach (var merge in _merges)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(NameOf(merge.Left));
            writer.WriteStringValue(NameOf(merge.Right));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
