using System.Text;

namespace Noos.Corpus.Cleaning.Languages;

/// <summary>
/// The n-grams of letters of a text: of one to four letters within a word, in lower case. Names of n-grams are 32-bit hashes (FNV-1a with a
/// finalizer); with a quarter of a million n-grams, a few dozen share one.
/// </summary>
static class LetterGrams
{
    public const int MaxLength = 4;

    /// <summary>Calls back for every n-gram of the beginning of a text.</summary>
    /// <param name="text">Any.</param>
    /// <param name="maxLetters">How many letters are looked at.</param>
    /// <param name="visit">Given the hash and the length.</param>
    /// <returns>How many letters were looked at.</returns>
    public static int Visit(ReadOnlySpan<char> text, int maxLetters, Action<uint, int> visit)
    {
        Span<int> window = stackalloc int[MaxLength];
        var (inWord, letters) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            // Marks are parts of letters in the scripts of India and of South East Asia.
            if (!Rune.IsLetter(rune) && Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.NonSpacingMark
                or System.Globalization.UnicodeCategory.SpacingCombiningMark))
            {
                inWord = 0;
                continue;
            }

            if (letters++ >= maxLetters)
            {
                break;
            }

            window[..^1].CopyTo(window[1..]);
            window[0] = Rune.ToLowerInvariant(rune).Value;
            inWord = Math.Min(inWord + 1, MaxLength);
            for (var length = 1; length <= inWord; length++)
            {
                var hash = 2166136261u;
                for (var i = length - 1; i >= 0; i--)
                {
                    hash = Mix(hash, window[i]);
                }

                visit(Finish(hash), length);
            }
        }

        return letters;
    }

    /// <summary>The name of an n-gram.</summary>
    public static uint Hash(string gram)
    {
        var hash = 2166136261u;
        foreach (var rune in gram.EnumerateRunes())
        {
            hash = Mix(hash, rune.Value);
        }

        return Finish(hash);
    }

    static uint Mix(uint hash, int letter)
    {
        hash = (hash ^ (uint)(letter & 0xFF)) * 16777619;
        hash = (hash ^ (uint)((letter >> 8) & 0xFF)) * 16777619;
        return (hash ^ (uint)(letter >> 16)) * 16777619;
    }

    static uint Finish(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x7FEB352D;
        hash = (hash ^ (hash >> 15)) * 0x846CA68B;
        return hash ^ (hash >> 16);
    }
}
