namespace Noos.Core.Text;

/// <summary>
/// Pronounceable words that nobody has ever written: names that no model can know, so that a right answer about them was read and not
/// remembered. Every fifth of them is reserved for examinations.
/// </summary>
public static class InventedWords
{
    const int ReservedEvery = 5;

    static readonly string[] s_onsets =
    [
        "b", "bl", "br", "c", "ch", "d", "dr", "f", "fl", "fr", "g", "gl", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "pr", "qu", "r",
        "s",
        "sh", "sk", "sl", "sn", "st", "t", "th", "tr", "v", "w", "y", "z",
    ];

    static readonly string[] s_vowels = ["a", "a", "e", "e", "i", "i", "o", "o", "u", "u", "ai", "ea", "ee", "oo", "ou", "y"];

    static readonly string[] s_codas = ["", "", "", "", "n", "r", "l", "s", "m", "k", "t", "x", "nd", "rk", "lt", "sh", "ck"];

    /// <summary>A word of two or three syllables in lower case.</summary>
    /// <param name="random">Decides the word.</param>
    /// <param name="isReserved">Which of the two packs it is drawn from.</param>
    public static string Create(Random random, bool isReserved = false)
    {
        ArgumentNullException.ThrowIfNull(random);
        while (true)
        {
            var word = "";
            var syllables = random.Next(5) == 0 ? 3 : 2;
            for (var syllable = 0; syllable < syllables; syllable++)
            {
                // A coda in the middle makes clusters that cannot be said.
                var coda = syllable == syllables - 1 ? Pick(random, s_codas) : "";
                word += Pick(random, s_onsets) + Pick(random, s_vowels) + coda;
            }

            if (IsReserved(word) == isReserved)
            {
                return word;
            }
        }
    }

    /// <summary>As <see cref="Create"/>, with a capital letter.</summary>
    public static string CreateName(Random random, bool isReserved = false)
    {
        var word = Create(random, isReserved);
        return char.ToUpperInvariant(word[0]) + word[1..];
    }

    /// <summary>The word, if it is an invented one, may be used by examinations only.</summary>
    public static bool IsReserved(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return word.Sum(letter => char.ToLowerInvariant(letter)) % ReservedEvery == 3;
    }

    static string Pick(Random random, string[] items) => items[random.Next(items.Length)];
}
