using System.Buffers;
using System.Globalization;
using System.Text;

namespace Noos.Language.Tokenization.Merging;

/// <summary>
/// WordPiece (Schuster and Nakajima 2012) as BERT uses it (Devlin et al., arXiv:1810.04805): the text is cleaned, cut into words and
/// punctuation marks, and each word is covered from its beginning by the longest tokens there are; a word that cannot be covered is one
/// unknown token. Same results as <c>BertTokenizer</c> of Hugging Face.
/// </summary>
/// <param name="starts">Tokens that begin a word, without the mark of a space.</param>
/// <param name="continuations">Tokens that go on with a word.</param>
/// <param name="unknown">Stands for a word that cannot be covered.</param>
/// <param name="isCased">Capitals and accents stay as they are.</param>
/// <param name="maxLength">UTF-16 units of the longest token.</param>
sealed class WordPieceEncoder(
    Dictionary<string, int> starts, Dictionary<string, int> continuations, int unknown, bool isCased, int maxLength) : TextEncoder
{
    // BertTokenizer's max_input_chars_per_word.
    const int MaxWordLength = 100;

    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _starts = starts.GetAlternateLookup<ReadOnlySpan<char>>();
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations =
        continuations.GetAlternateLookup<ReadOnlySpan<char>>();

    public override void Encode(ReadOnlySpan<byte> text, List<int> output)
    {
        var word = new StringBuilder();
        while (!text.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(text, out var rune, out var length) == OperationStatus.Done;
            text = text[length..];
            if (!isValid || IsRemoved(rune))
            {
                continue;
            }

            if (IsSpace(rune))
            {
                EndWord(word, output);
            }
            else if (IsPunctuation(rune) || IsIdeograph(rune.Value))
            {
                EndWord(word, output);
                Append(word, rune);
                EndWord(word, output);
            }
            else
            {
                Append(word, rune);
            }
        }

        EndWord(word, output);
    }

    void Append(StringBuilder word, Rune rune)
    {
        Span<char> units = stackalloc char[2];
        Span<char> letters = stackalloc char[3];
        if (isCased)
        {
            word.Append(units[..rune.EncodeToUtf16(units)]);
            return;
        }

        if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark)
        {
            return;
        }

        foreach (var unit in units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)])
        {
            word.Append(letters[..AccentTable.Decompose(unit, letters)]);
        }
    }

    void EndWord(StringBuilder builder, List<int> output)
    {
        if (builder.Length == 0)
        {
            return;
        }

        var word = builder.ToString().AsSpan();
        builder.Clear();
        var (first, position) = (output.Count, 0);
        while (position < word.Length && CharacterCount(word) <= MaxWordLength)
        {
            var (token, length) = Longest(word[position..], position == 0 ? _starts : _continuations);
            if (length == 0)
            {
                break;
            }

            output.Add(token);
            position += length;
        }

        if (position < word.Length)
        {
            output.RemoveRange(first, output.Count - first);
            output.Add(unknown);
        }
    }

    (int Token, int Length) Longest(ReadOnlySpan<char> rest, Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> tokens)
    {
        for (var length = Math.Min(rest.Length, maxLength); length > 0; length--)
        {
            if (tokens.TryGetValue(rest[..length], out var token))
            {
                return (token, length);
            }
        }

        return (unknown, 0);
    }

    static int CharacterCount(ReadOnlySpan<char> word)
    {
        var count = 0;
        foreach (var unit in word)
        {
            count += char.IsLowSurrogate(unit) ? 0 : 1;
        }

        return count;
    }

    // What BertTokenizer cleans away: nothing, what could not be decoded, and control characters that are no white space.
    static bool IsRemoved(Rune rune) => rune.Value is 0 or 0xFFFD || (!IsSpace(rune) && Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    static bool IsSpace(Rune rune) =>
        rune.Value is ' ' or '\t' or '\n' or '\r' || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator || IsLineBreak(rune);

    static bool IsLineBreak(Rune rune) => rune.Value is 0x0B or 0x0C or 0x85 or 0x2028 or 0x2029;

    static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : Rune.IsPunctuation(rune);

    // The blocks that BERT's own code names.
    static bool IsIdeograph(int value) => value is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x2F800 and <= 0x2FA1F);
}
