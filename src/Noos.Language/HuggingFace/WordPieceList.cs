using System.Text.Json;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.HuggingFace;

/// <summary>
/// The vocabulary of a BERT model at Hugging Face (<c>vocab.txt</c>, or <c>tokenizer.json</c> of the type WordPiece), written as
/// llama.cpp's converter does: a token that begins a word has a mark before it, one that goes on with a word has not.
/// </summary>
sealed class WordPieceList
{
    const string Continuation = "##";

    static readonly (string Role, string Usual, string Key)[] s_specials =
    [
        ("unk", "[UNK]", "unknown"), ("sep", "[SEP]", "seperator"), ("pad", "[PAD]", "padding"), ("cls", "[CLS]", "cls"),
        ("mask", "[MASK]", "mask"),
    ];

    readonly string[] _names;
    readonly TokenKind[] _kinds;
    readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    WordPieceList(IReadOnlyDictionary<string, int> tokens, int size, JsonFile? settings, string path)
    {
        _names = [.. Enumerable.Range(0, size).Select(id => $"[PAD{id}]")];
        _kinds = new TokenKind[size];
        Array.Fill(_kinds, TokenKind.Unused);
        foreach (var (token, id) in tokens)
        {
            if (id >= size)
            {
                throw new NoosException(ErrorKind.Damaged,
                    $"The file '{path}' gives the token '{token}' an id outside the model's {size:N0} tokens; download the model again.");
            }

            var isUnused = token.StartsWith("[unused", StringComparison.Ordinal);
            (_names[id], _kinds[id]) = isUnused ? (token, TokenKind.Unused)
                : token.Length > Continuation.Length && token.StartsWith(Continuation, StringComparison.Ordinal)
                    ? (token[Continuation.Length..], TokenKind.Normal)
                    : ("\u2581" + token, TokenKind.Normal);
        }

        foreach (var (role, usual, _) in s_specials)
        {
            var name = SpecialTokenName.Find(settings, role) ?? usual;
            if (tokens.TryGetValue(name, out var id))
            {
                _ids[role] = id;
                (_names[id], _kinds[id]) = (name, role == "unk" ? TokenKind.Unknown : TokenKind.Control);
            }
        }
    }

    /// <param name="folder">Where the files are.</param>
    /// <param name="size">Tokens of the model; the vocabulary is filled up to it.</param>
    /// <param name="settings"><c>tokenizer_config.json</c>.</param>
    /// <exception cref="NoosException">The files are missing, damaged, or of another kind.</exception>
    public static WordPieceList Read(string folder, int size, JsonFile? settings)
    {
        var path = Path.Combine(folder, "vocab.txt");
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        if (File.Exists(path))
        {
            foreach (var line in File.ReadLines(path))
            {
                tokens.TryAdd(line.TrimEnd('\r'), tokens.Count);
            }

            return new WordPieceList(tokens, size, settings, path);
        }

        path = Path.Combine(folder, "tokenizer.json");
        if (JsonFile.Read(path).Find("model", JsonValueKind.Object) is not { } model
            || JsonFile.Text(model, "type", path) != "WordPiece"
            || JsonFile.Find(model, "vocab", JsonValueKind.Object) is not { } vocabulary)
        {
            throw new NoosException($"The file '{path}' holds no WordPiece vocabulary; choose another model.");
        }

        foreach (var entry in vocabulary.EnumerateObject())
        {
            tokens[entry.Name] = entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out var id) && id >= 0
                ? id
                : throw new NoosException(
                    ErrorKind.Damaged, $"The file '{path}' gives the token '{entry.Name}' no id; download the model again.");
        }

        return new WordPieceList(tokens, size, settings, path);
    }

    public VocabularyDescription Describe(string origin) => new()
    {
        Origin = origin,
        Model = TokenizerModel.WordPiece,
        PreTokenizer = "default",
        Names = _names,
        Kinds = _kinds,
        Ids = new SpecialTokenIds(Begin: IdOf("cls"), End: IdOf("sep")),
        AddsBegin = true,
        AddsEnd = true,
    };

    /// <summary>The ids of special tokens under their keys in GGUF.</summary>
    public List<(string Key, GgufValue Value)> ToMetadata() =>
    [
        .. from special in s_specials
           where _ids.ContainsKey(special.Role)
           select ($"tokenizer.ggml.{special.Key}_token_id", (GgufValue)(uint)_ids[special.Role]),
    ];

    int? IdOf(string role) => _ids.TryGetValue(role, out var id) ? id : null;
}
