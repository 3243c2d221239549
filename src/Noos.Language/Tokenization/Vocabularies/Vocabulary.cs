using System.Text;
using Noos.Core;
using Noos.Language.Tokenization.Merging;
using Noos.Language.Tokenization.Splitting;

namespace Noos.Language.Tokenization.Vocabularies;

/// <summary>A checked vocabulary with its encoder, built from the description in a file: the parts of a <see cref="Tokenizer"/>.</summary>
sealed class Vocabulary
{
    // The tokens of real vocabularies have at most some 50 bytes; all ways to cut one in two are tried.
    const int MaxScoredTokenBytes = 256;

    Vocabulary(VocabularyDescription description, TokenTable tokens, EndOfGeneration ends, Merge[] merges, TextEncoder encoder)
    {
        Description = description;
        Tokens = tokens;
        Ends = ends;
        Merges = merges;
        Encoder = encoder;
    }

    public VocabularyDescription Description { get; }

    public TokenTable Tokens { get; }

    public EndOfGeneration Ends { get; }

    /// <summary>The rules of the file by rank; empty for a vocabulary that merges by score.</summary>
    public Merge[] Merges { get; }

    /// <summary>Encodes what is between special tokens.</summary>
    public TextEncoder Encoder { get; }

    /// <exception cref="NoosException">
    /// The description contradicts itself (<see cref="ErrorKind.Damaged"/>), or asks for something unknown (<see
    /// cref="ErrorKind.Invalid"/>).
    /// </exception>
    public static Vocabulary Build(VocabularyDescription description)
    {
        var ids = new Dictionary<string, int>(description.Names.Length, StringComparer.Ordinal);
        for (var token = 0; token < description.Names.Length; token++)
        {
            if (!ids.TryAdd(description.Names[token], token))
            {
                throw new NoosException(ErrorKind.Damaged, $"{description.Origin} has the token '{description.Names[token]}' twice.");
            }
        }

        var ends = new EndOfGeneration(description, ids);
        var kinds = KindsWithEnds(description.Kinds, ends, ids);
        if (description.Model == TokenizerModel.ByteLevel)
        {
            var tokens = ByteLevelTokens(description, kinds);
            return ByteLevel(description, tokens, ends, FileMerges(description, ids));
        }

        var table = new TokenTable(MarkedTokens(description, kinds), kinds);
        return description.Model switch
        {
            TokenizerModel.SentencePiece => SentencePiece(description, table, ends),
            TokenizerModel.WordPiece => WordPiece(description, table, ends),
            _ => CharacterLevel(description, table, ends, FileMerges(description, ids)),
        };
    }

    /// <summary>A byte-level vocabulary whose tokens and merges are already known.</summary>
    public static Vocabulary ByteLevel(VocabularyDescription description, IReadOnlyList<byte[]> tokens, Merge[] merges)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var token = 0; token < tokens.Count; token++)
        {
            ids.TryAdd(description.Names[token], token);
        }

        return ByteLevel(description, new TokenTable(tokens, description.Kinds), new EndOfGeneration(description, ids), merges);
    }

    /// <summary>The text is two tokens and a space between them.</summary>
    public static bool IsMerge(string text) =>
        text.Length > 1 && text.IndexOf(' ', 1) is var space && space > 0 && space < text.Length - 1;

    /// <summary>A merge as files write it: two tokens and a space between them.</summary>
    /// <exception cref="NoosException">It is not that.</exception>
    public static (ReadOnlyMemory<char> Left, ReadOnlyMemory<char> Right) SplitMerge(string text, string origin)
    {
        // A token may begin with a space.
        var space = text.Length == 0 ? -1 : text.IndexOf(' ', 1);
        return space > 0 && space < text.Length - 1
            ? (text.AsMemory(0, space), text.AsMemory(space + 1))
            : throw new NoosException(ErrorKind.Damaged, $"{origin} has the merge '{text}', which is not two tokens separated by a space.");
    }

    static Vocabulary ByteLevel(VocabularyDescription description, TokenTable tokens, EndOfGeneration ends, Merge[] merges)
    {
        var rule = PreTokenizerTable.Find(description.PreTokenizer)
            ?? throw new NoosException(
                $"{description.Origin} splits text with the rule '{description.PreTokenizer}', which is not supported; choose another "
                + "model.");
        var outOfVocabulary = new OutOfVocabularySymbols(tokens.Count);
        var bytes = new int[256];
        Array.Fill(bytes, -1);
        for (var token = 0; token < tokens.Count; token++)
        {
            if (tokens.Kinds[token] is TokenKind.Normal or TokenKind.Byte && tokens[token].Length == 1)
            {
                bytes[tokens[token][0]] = token;
            }
        }

        if (bytes.AsSpan(' ', '~' - ' ' + 1).Contains(-1) || bytes['\n'] < 0)
        {
            throw new NoosException(ErrorKind.Damaged,
                $"{description.Origin} lacks tokens for single bytes of ordinary text, so much of it could not be encoded; export the "
                + "model again with its vocabulary.");
        }

        if (bytes.AsSpan().Contains(-1))
        {
            // Bytes that occur in no UTF-8, or in hardly any, have no token in some vocabularies; there is nothing to write them with.
            var nothing = outOfVocabulary.Add([]);
            bytes.AsSpan().Replace(-1, nothing);
        }

        var whole = rule.PrefersWholePieces ? new TokenLookup(tokens, token => tokens.Kinds[token] == TokenKind.Normal) : null;
        return new Vocabulary(
            description, tokens, ends, merges, rule.Encoder(new ByteSymbols(bytes), new MergeTable(merges), whole, outOfVocabulary));
    }

    static Vocabulary SentencePiece(VocabularyDescription description, TokenTable tokens, EndOfGeneration ends)
    {
        var outOfVocabulary = new OutOfVocabularySymbols(tokens.Count);
        var lookup = new TokenLookup(tokens, token => IsMergeable(tokens, token));
        var initialSymbols = Characters(description, tokens, lookup, outOfVocabulary);
        var merges = new List<Merge>();
        var ranks = new List<int>();
        var rankOf = RanksByScore(description.Scores);
        var part = new int[MaxScoredTokenBytes];
        for (var token = 0; token < tokens.Count; token++)
        {
            var bytes = tokens[token];
            if (!IsMergeable(tokens, token) || lookup.Find(bytes) != token)
            {
                continue;
            }

            if (bytes.Length > MaxScoredTokenBytes)
            {
                throw new NoosException(ErrorKind.Damaged,
                    $"{description.Origin} has a token of {bytes.Length} bytes, the longest may have {MaxScoredTokenBytes}; export the "
                    + "model again with its vocabulary.");
            }

            // SentencePiece has no list of merges: any two symbols join whose union is a token, the union of the best score first. Each way
            // to cut a token between characters is therefore a rule with the rank of that token.
            for (var cut = 1; cut < bytes.Length; cut++)
            {
                if ((bytes[cut] & 0xC0) != 0x80
                    && SymbolOf(bytes[..cut]) is var left and >= 0
                    && SymbolOf(bytes[cut..]) is var right and >= 0)
                {
                    merges.Add(new Merge(left, right, token));
                    ranks.Add(rankOf[token]);
                }
            }
        }

        var encoder = new BpeTextEncoder<SpaceSplitter, CharacterSymbols>(
            new SpaceSplitter(BytesBeforeSpaces(tokens), cutsLines: false), initialSymbols, new MergeTable(merges, ranks), whole: null,
            outOfVocabulary);
        return new Vocabulary(description, tokens, ends, [], new MetaspaceEncoder(encoder));

        // A token, or a single character that is only a part of tokens.
        int SymbolOf(ReadOnlySpan<byte> text) => lookup.Find(text) is var found and >= 0
            ? found
            : Rune.DecodeFromUtf8(text, out _, out var length) == System.Buffers.OperationStatus.Done
                && length == text.Length
                && initialSymbols.Read(text, part) == 1 ? part[0] : -1;
    }

    static Vocabulary CharacterLevel(VocabularyDescription description, TokenTable tokens, EndOfGeneration ends, Merge[] merges)
    {
        var outOfVocabulary = new OutOfVocabularySymbols(tokens.Count);
        var initialSymbols = Characters(description, tokens, new TokenLookup(tokens, token => IsMergeable(tokens, token)), outOfVocabulary);
        var lines = new TokenLookup(tokens, token =>
            tokens.Kinds[token] == TokenKind.Normal && !tokens[token].ContainsAnyExcept((byte)'\n'));
        var encoder = new BpeTextEncoder<SpaceSplitter, CharacterSymbols>(
            new SpaceSplitter(BytesBeforeSpaces(tokens), cutsLines: true), initialSymbols, new MergeTable(merges), lines, outOfVocabulary);
        return new Vocabulary(description, tokens, ends, merges, new MetaspaceEncoder(encoder));
    }

    static Vocabulary WordPiece(VocabularyDescription description, TokenTable tokens, EndOfGeneration ends)
    {
        var starts = new Dictionary<string, int>(StringComparer.Ordinal);
        var continuations = new Dictionary<string, int>(StringComparer.Ordinal);
        var (isCased, maxLength) = (false, 0);
        for (var token = 0; token < tokens.Count; token++)
        {
            if (tokens.Kinds[token] != TokenKind.Normal)
            {
                continue;
            }

            var text = Encoding.UTF8.GetString(tokens[token]);
            var (group, name) = text.StartsWith(' ') ? (starts, text[1..]) : (continuations, text);
            if (name.Length > 0)
            {
                group.TryAdd(name, token);
                maxLength = Math.Max(maxLength, name.Length);
                // Nothing in a file says whether capitals count; a vocabulary that has them was made for them.
                isCased |= name.Length > 1 && name.All(char.IsAsciiLetter) && name.Any(char.IsAsciiLetterUpper);
            }
        }

        var unknown = Array.IndexOf(tokens.Kinds, TokenKind.Unknown) is var marked and >= 0
            ? marked
            : Array.IndexOf(description.Names, "[UNK]");
        return unknown >= 0
            ? new Vocabulary(description, tokens, ends, [], new WordPieceEncoder(starts, continuations, unknown, isCased, maxLength))
            : throw new NoosException(ErrorKind.Damaged,
                $"{description.Origin} has no token for what is unknown; export the model again with its vocabulary.");
    }

    static TokenKind[] KindsWithEnds(TokenKind[] kinds, EndOfGeneration ends, Dictionary<string, int> ids)
    {
        TokenKind[] result = [.. kinds];
        foreach (var end in ends.All)
        {
            result[end] = TokenKind.Control;
        }

        if (ids.TryGetValue("</s>", out var html) && ids.TryGetValue("<|tool_response>", out _) && !ends.Contains(html))
        {
            result[html] = TokenKind.Normal;
        }

        return result;
    }

    static TokenTable ByteLevelTokens(VocabularyDescription description, TokenKind[] kinds)
    {
        var tokens = new byte[kinds.Length][];
        for (var token = 0; token < tokens.Length; token++)
        {
            if (kinds[token] is TokenKind.Normal or TokenKind.Byte)
            {
                if (ByteAlphabet.TryRead(description.Names[token], out tokens[token]) && tokens[token].Length > 0)
                {
                    continue;
                }

                kinds[token] = TokenKind.Literal;
            }

            tokens[token] = Encoding.UTF8.GetBytes(description.Names[token]);
        }

        return new TokenTable(tokens, kinds);
    }

    /// <summary>The bytes of tokens that write a space as a mark and a byte as its number.</summary>
    static byte[][] MarkedTokens(VocabularyDescription description, TokenKind[] kinds)
    {
        var tokens = new byte[kinds.Length][];
        for (var token = 0; token < tokens.Length; token++)
        {
            var name = description.Names[token];
            tokens[token] = kinds[token] switch
            {
                TokenKind.Byte =>
                    [ByteOf(name)
                        ?? throw new NoosException(ErrorKind.Damaged,
                            $"{description.Origin} has the byte token '{name}', which is not written as <0x00> to <0xFF>.")],
                TokenKind.Normal or TokenKind.UserDefined => Encoding.UTF8.GetBytes(name.Replace('\u2581', ' ')),
                _ => Encoding.UTF8.GetBytes(name),
            };
        }

        return tokens;
    }

    static byte? ByteOf(string name) =>
        name.Length == 6 && name.StartsWith("<0x", StringComparison.Ordinal) && name[5] == '>'
        && byte.TryParse(name.AsSpan(3, 2), System.Globalization.NumberStyles.AllowHexSpecifier, provider: null, out var value)
            ? value
            : null;

    static Merge[] FileMerges(VocabularyDescription description, Dictionary<string, int> ids)
    {
        var merges = new List<Merge>();
        var tokens = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var union = new char[256];
        foreach (var (leftText, rightText) in description.Merges)
        {
            var left = leftText.Span;
            var right = rightText.Span;
            var length = left.Length + right.Length;
            if (union.Length < length)
            {
                union = new char[length * 2];
            }

            left.CopyTo(union);
            right.CopyTo(union.AsSpan(left.Length));
            if (!tokens.TryGetValue(left, out var leftId)
                || !tokens.TryGetValue(right, out var rightId)
                || !tokens.TryGetValue(union.AsSpan(0, length), out var result))
            {
                if (description.PassesOverUnknownMerges)
                {
                    // Parts that are no tokens never stand side by side, so the rule never applies.
                    continue;
                }

                throw new NoosException(ErrorKind.Damaged,
                    $"{description.Origin} merges '{left}' and '{right}', but one of them or their union is not in the vocabulary.");
            }

            merges.Add(new Merge(leftId, rightId, result));
        }

        return [.. merges];
    }

    /// <summary>True if merging may end in the token: structure and bytes are never made from text.</summary>
    static bool IsMergeable(TokenTable tokens, int token) =>
        tokens.Kinds[token] is TokenKind.Normal or TokenKind.UserDefined && tokens[token].Length > 0;

    static CharacterSymbols Characters(
        VocabularyDescription description, TokenTable tokens, TokenLookup lookup, OutOfVocabularySymbols outOfVocabulary)
    {
        var bytes = new int[256];
        Array.Fill(bytes, -1);
        for (var token = 0; token < tokens.Count; token++)
        {
            if (tokens.Kinds[token] == TokenKind.Byte)
            {
                bytes[tokens[token][0]] = token;
            }
        }

        for (var value = 0; value < bytes.Length; value++)
        {
            // Where a file has no kinds of tokens, those of bytes are known by their names, as in llama.cpp.
            bytes[value] = bytes[value] >= 0 ? bytes[value] : Array.IndexOf(description.Names, $"<0x{value:X2}>");
        }

        if (bytes.AsSpan().Contains(-1))
        {
            var unknown = Array.IndexOf(tokens.Kinds, TokenKind.Unknown);
            bytes.AsSpan().Replace(-1, unknown >= 0
                ? unknown
                : throw new NoosException(ErrorKind.Damaged,
                    $"{description.Origin} has neither a token for each byte nor one for what is unknown; export the model again with "
                    + "its vocabulary."));
        }

        var ascii = new int[128];
        for (var value = 0; value < ascii.Length; value++)
        {
            ascii[value] = lookup.Find([(byte)value]) is var found and >= 0 ? found : -1;
        }

        var characters = new Dictionary<int, int>();
        for (var token = 0; token < tokens.Count; token++)
        {
            if (IsMergeable(tokens, token))
            {
                AddCharacters(tokens[token]);
            }
        }

        for (var value = 0; value < ascii.Length; value++)
        {
            ascii[value] = ascii[value] >= 0 ? ascii[value] : bytes[value];
        }

        return new CharacterSymbols(bytes, ascii, characters);

        void AddCharacters(ReadOnlySpan<byte> text)
        {
            while (Rune.DecodeFromUtf8(text, out var rune, out var length) == System.Buffers.OperationStatus.Done)
            {
                var character = text[..length];
                text = text[length..];
                if (rune.IsAscii ? ascii[rune.Value] >= 0 : characters.ContainsKey(rune.Value))
                {
                    continue;
                }

                var symbol = lookup.Find(character) is var found and >= 0
                    ? found
                    : outOfVocabulary.Add(Array.ConvertAll(character.ToArray(), value => bytes[value]));
                if (rune.IsAscii)
                {
                    ascii[rune.Value] = symbol;
                }
                else
                {
                    characters.Add(rune.Value, symbol);
                }
            }
        }
    }

    static bool[] BytesBeforeSpaces(TokenTable tokens)
    {
        var joins = new bool[256];
        for (var token = 0; token < tokens.Count; token++)
        {
            if (!IsMergeable(tokens, token))
            {
                continue;
            }

            var bytes = tokens[token];
            for (var position = 1; position < bytes.Length; position++)
            {
                joins[bytes[position - 1]] |= bytes[position] == (byte)' ' && bytes[position - 1] != (byte)' ';
            }
        }

        return joins;
    }

    /// <summary>The place of each token among the different scores, the highest first.</summary>
    static int[] RanksByScore(IReadOnlyList<float> scores)
    {
        var ranks = new int[scores.Count];
        var order = Enumerable.Range(0, scores.Count).OrderByDescending(token => scores[token]).ToArray();
        for (var index = 1; index < order.Length; index++)
        {
            ranks[order[index]] = ranks[order[index - 1]] + (scores[order[index]].Equals(scores[order[index - 1]]) ? 0 : 1);
        }

        return ranks;
    }
}
