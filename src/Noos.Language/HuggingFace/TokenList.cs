using System.Text.Json;
using Noos.Core;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.HuggingFace;

/// <summary>Collects the tokens of a Hugging Face folder; what no file names stays an unused filler.</summary>
sealed class TokenList
{
    // As llama.cpp's converter has them.
    const float ScoreOfFiller = -10_000;
    const float ScoreOfAdded = -1_000;

    public TokenList(int size)
    {
        Names = [.. Enumerable.Range(0, size).Select(id => $"[PAD{id}]")];
        Kinds = new TokenKind[size];
        Array.Fill(Kinds, TokenKind.Unused);
        Scores = new float[size];
        Array.Fill(Scores, ScoreOfFiller);
    }

    public string[] Names { get; }

    public TokenKind[] Kinds { get; }

    public float[] Scores { get; }

    public List<(ReadOnlyMemory<char> Left, ReadOnlyMemory<char> Right)> Merges { get; } = [];

    /// <summary>The pieces of a <c>tokenizer.model</c>.</summary>
    public void AddPieces(List<(string Piece, float Score, int Kind)> pieces)
    {
        for (var id = 0; id < Math.Min(pieces.Count, Names.Length); id++)
        {
            var (piece, score, kind) = pieces[id];
            var known = kind is >= (int)TokenKind.Normal and <= (int)TokenKind.Byte ? (TokenKind)kind : TokenKind.Normal;
            Set(id, piece, known == TokenKind.UserDefined ? TokenKind.Normal : known, score);
        }
    }

    /// <summary>The tokens and merges of a <c>tokenizer.json</c>.</summary>
    /// <exception cref="NoosException">They are missing or broken.</exception>
    public void AddVocabulary(JsonFile tokenizer, string path)
    {
        if (tokenizer.Find("model", JsonValueKind.Object) is not { } model || JsonFile.Text(model, "type", path) is not "BPE"
            || JsonFile.Find(model, "vocab", JsonValueKind.Object) is not { } vocabulary
                || JsonFile.Find(model, "merges", JsonValueKind.Array) is not { } merges)
        {
            throw new NoosException($"The file '{path}' holds no byte-pair encoding; choose another model.");
        }

        var hasByteTokens = JsonFile.Find(model, "byte_fallback", JsonValueKind.True) is not null;
        var unknown = JsonFile.Text(model, "unk_token", path);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in vocabulary.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || id < 0 || id >= Names.Length)
            {
                throw new NoosException(ErrorKind.Damaged,
                    $"The file '{path}' gives the token '{entry.Name}' an id outside the model's {Names.Length:N0} tokens; download "
                    + "the model again.");
            }

            var isByte = hasByteTokens && entry.Name is ['<', '0', 'x', _, _, '>'];
            ids[entry.Name] = id;
            Set(id, entry.Name, isByte ? TokenKind.Byte : hasByteTokens && entry.Name == unknown ? TokenKind.Unknown : TokenKind.Normal, 0);
        }

        foreach (var entry in merges.EnumerateArray())
        {
            Merges.Add(
                entry.ValueKind == JsonValueKind.String ? Vocabulary.SplitMerge(entry.GetString()!, $"The file '{path}'")
                : entry.ValueKind == JsonValueKind.Array
                    && entry.GetArrayLength() == 2
                    && entry[0].ValueKind == JsonValueKind.String
                    && entry[1].ValueKind == JsonValueKind.String
                    ? (entry[0].GetString().AsMemory(), entry[1].GetString().AsMemory())
                    : throw new NoosException(
                        ErrorKind.Damaged, $"The file '{path}' has a merge that is neither \"a b\" nor [\"a\", \"b\"]."));
        }

        // SentencePiece's scores in the order in which the merges were derived from them: the first merge of a token is its place.
        for (var rank = Merges.Count - 1; rank >= 0; rank--)
        {
            if (ids.TryGetValue($"{Merges[rank].Left}{Merges[rank].Right}", out var id))
            {
                Scores[id] = -rank;
            }
        }
    }

    /// <summary>The added tokens of either file.</summary>
    public void AddAdded(JsonElement? list, JsonElement? decoder, Dictionary<string, int> ids, string path)
    {
        foreach (var entry in list?.EnumerateArray() ?? default)
        {
            Add(JsonFile.Number(entry, "id"), entry);
        }

        foreach (var entry in decoder?.EnumerateObject() ?? default)
        {
            Add(int.TryParse(entry.Name, out var id) ? id : null, entry.Value);
        }

        void Add(double? number, JsonElement token)
        {
            if (JsonFile.Text(token, "content", path) is not { Length: > 0 } name
                || number is not { } id
                || id < 0
                || id >= Names.Length
                || id != Math.Floor(id))
            {
                return;
            }

            ids[name] = (int)id;
            var isControl = JsonFile.Find(token, "special", JsonValueKind.True) is not null || LooksSpecial(name);
            // The unknown token stays what it is; user-defined tokens are found in the text itself, which has spaces.
            var kind = Kinds[(int)id] == TokenKind.Unknown ? TokenKind.Unknown : isControl ? TokenKind.Control : TokenKind.UserDefined;
            Set((int)id, isControl ? name : name.Replace('\u2581', ' '), kind, ScoreOfAdded);
        }
    }

    static bool LooksSpecial(string name) =>
        name is "<pad>" or "<mask>" or "<2mass>" or "[@BOS@]"
        || (name.StartsWith("<|", StringComparison.Ordinal) && name.EndsWith("|>", StringComparison.Ordinal))
        || (name.StartsWith("<｜", StringComparison.Ordinal) && name.EndsWith("｜>", StringComparison.Ordinal))
        || (name.StartsWith("<unused", StringComparison.Ordinal) && name.EndsWith('>'));

    void Set(int id, string name, TokenKind kind, float score)
    {
        Names[id] = name;
        Kinds[id] = kind;
        Scores[id] = score;
    }
}
