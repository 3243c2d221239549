using System.Globalization;
using System.Text;

namespace Noos.Corpus.Index;

/// <summary>A word of a text as the index compares it.</summary>
/// <param name="Text">In lower case, without accents.</param>
/// <param name="Stem">What other forms of the word share; <c>1st</c> and <c>first</c> are the same.</param>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="Length">Its characters there.</param>
readonly record struct IndexWord(string Text, string Stem, int Start, int Length)
{
    // Latin-1 and Latin Extended-A from U+00C0 on, without accents; a space for what is no letter or becomes two.
    const string Folded =
        "aaaaaa ceeeeiiii nooooo ouuuuy  aaaaaa ceeeeiiii nooooo ouuuuy y"
        + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkk llllll "
        + " llnnnnnn   oooooo  rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

    static readonly string[] s_ordinals =
    [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
        "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
    ];

    static readonly Dictionary<string, string> s_words = Enumerable.Range(1, s_ordinals.Length)
        .ToDictionary(number => $"{number}{Ending(number)}", number => s_ordinals[number - 1], StringComparer.Ordinal);

    static readonly Dictionary<string, string> s_digits =
        s_words.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>
    /// The words of a text: runs of letters and digits, as the tokenizer <c>unicode61</c> of FTS5 finds them.
    /// </summary>
    public static IEnumerable<IndexWord> Read(string text)
    {
        var word = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            while (i < text.Length && LetterAt(text, i) is var length and > 0)
            {
                Append(word, text.AsSpan(i, length));
                i += length;
            }

            if (word.Length > 0)
            {
                var found = word.ToString();
                word.Clear();
                yield return new IndexWord(found, StemOf(found), start, i - start);
            }
            else if (i == start)
            {
                i++;
            }
        }
    }

    /// <summary>The other spelling of an ordinal, <c>1st</c> of <c>first</c>; null for any other word.</summary>
    public static string? OtherSpelling(string word) => s_words.GetValueOrDefault(word) ?? s_digits.GetValueOrDefault(word);

    static string StemOf(string word) => PorterStemmer.Stem(s_words.GetValueOrDefault(word) ?? word);

    static string Ending(int number) =>
        number is 11 or 12 or 13 ? "th" : (number % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };

    /// <summary>How many characters the letter or digit at a place has; 0 where there is none.</summary>
    static int LetterAt(string text, int index)
    {
        var status = Rune.DecodeFromUtf16(text.AsSpan(index), out var rune, out var length);
        return status == System.Buffers.OperationStatus.Done && Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
            or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.NonSpacingMark ? length : 0;
    }

    static void Append(StringBuilder word, ReadOnlySpan<char> letter)
    {
        var first = letter[0];
        if (first is >= '\u00C0' and < '\u0180' && Folded[first - '\u00C0'] is not ' ' and var plain)
        {
            word.Append(plain);
        }
        else if (first is < '\u0300' or > '\u036F')
        {
            // Combining accents are left out.
            foreach (var character in letter)
            {
                word.Append(char.ToLowerInvariant(character));
            }
        }
    }
}
