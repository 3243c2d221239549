namespace Noos.Corpus.Index;

/// <summary>
/// The stem of an English word: M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, with his later rules "bli" and
/// "logi", as the tokenizer <c>porter</c> of SQLite's FTS5 has it.
/// </summary>
static class PorterStemmer
{
    const int MaxLength = 64;

    static readonly (string Suffix, string Stem)[] s_step2 =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"), ("alli", "al"),
        ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"),
        ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("logi", "log"),
    ];

    static readonly (string Suffix, string Stem)[] s_step3 =
    [
        ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
    ];

    static readonly string[] s_step4 =
    [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive",
        "ize",
    ];

    /// <summary>The stem of a word in lower case; a word with other characters than a to z stays as it is.</summary>
    public static string Stem(string word)
    {
        if (word.Length is < 3 or > MaxLength || word.AsSpan().ContainsAnyExceptInRange('a', 'z'))
        {
            return word;
        }

        var stem = Plural(word);
        stem = Participle(stem);
        if (stem.EndsWith('y') && HasVowel(stem.AsSpan(0, stem.Length - 1)))
        {
            stem = stem[..^1] + 'i';
        }

        stem = Replace(stem, s_step2);
        stem = Replace(stem, s_step3);
        return Final(Remove(stem));
    }

    static string Plural(string word) =>
        word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("ies", StringComparison.Ordinal) ? word[..^2]
            : word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) ? word[..^1]
            : word;

    static string Participle(string word)
    {
        if (word.EndsWith("eed", StringComparison.Ordinal))
        {
            return Measure(word.AsSpan(0, word.Length - 3)) > 0 ? word[..^1] : word;
        }

        var end = word.EndsWith("ed", StringComparison.Ordinal) ? 2 : word.EndsWith("ing", StringComparison.Ordinal) ? 3 : 0;
        if (end == 0 || !HasVowel(word.AsSpan(0, word.Length - end)))
        {
            return word;
        }

        var stem = word[..^end];
        return stem.EndsWith("at", StringComparison.Ordinal) || stem.EndsWith("bl", StringComparison.Ordinal)
            || stem.EndsWith("iz", StringComparison.Ordinal) ? stem + 'e'
            : EndsInDouble(stem) && stem[^1] is not ('l' or 's' or 'z') ? stem[..^1]
            : Measure(stem) == 1 && EndsInShort(stem) ? stem + 'e'
            : stem;
    }

    static string Replace(string word, (string Suffix, string Stem)[] rules)
    {
        foreach (var (suffix, stem) in rules)
        {
            if (word.EndsWith(suffix, StringComparison.Ordinal))
            {
                var begin = word.AsSpan(0, word.Length - suffix.Length);
                return Measure(begin) > 0 ? string.Concat(begin, stem) : word;
            }
        }

        return word;
    }

    static string Remove(string word)
    {
        var longest = "";
        foreach (var suffix in s_step4)
        {
            longest = suffix.Length > longest.Length && word.EndsWith(suffix, StringComparison.Ordinal) ? suffix : longest;
        }

        var begin = word.AsSpan(0, word.Length - longest.Length);
        var fits = longest.Length > 0 && Measure(begin) > 1 && (longest != "ion" || begin is [.., 's' or 't']);
        return fits ? begin.ToString() : word;
    }

    static string Final(string word)
    {
        if (word.EndsWith('e'))
        {
            var begin = word.AsSpan(0, word.Length - 1);
            var measure = Measure(begin);
            word = measure > 1 || (measure == 1 && !EndsInShort(begin)) ? word[..^1] : word;
        }

        return word.EndsWith("ll", StringComparison.Ordinal) && Measure(word) > 1 ? word[..^1] : word;
    }

    static bool IsConsonant(ReadOnlySpan<char> word, int index) => word[index] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => index == 0 || !IsConsonant(word, index - 1),
        _ => true,
    };

    static bool HasVowel(ReadOnlySpan<char> word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (!IsConsonant(word, i))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many times a consonant follows a vowel: m in [C](VC)^m[V].</summary>
    static int Measure(ReadOnlySpan<char> word)
    {
        var count = 0;
        for (var i = 1; i < word.Length; i++)
        {
            count += IsConsonant(word, i) && !IsConsonant(word, i - 1) ? 1 : 0;
        }

        return count;
    }

    static bool EndsInDouble(ReadOnlySpan<char> word) =>
        word.Length > 1 && word[^1] == word[^2] && IsConsonant(word, word.Length - 1);

    /// <summary>Consonant, vowel, consonant, and the last is none of w, x, y.</summary>
    static bool EndsInShort(ReadOnlySpan<char> word) =>
        word.Length > 2 && IsConsonant(word, word.Length - 1) && !IsConsonant(word, word.Length - 2)
            && IsConsonant(word, word.Length - 3) && word[^1] is not ('w' or 'x' or 'y');
}
