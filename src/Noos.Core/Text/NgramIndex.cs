namespace Noos.Core.Text;

/// <summary>
/// Texts by the hashes of their n-grams of words (13, as GPT-3 and later decontaminations take), so that another text that holds a passage
/// of one is found. Case and marks between words do not count. Immutable; thread-safe.
/// </summary>
public sealed class NgramIndex
{
    /// <summary>Words of an n-gram, unless told otherwise.</summary>
    public const int DefaultLength = 13;

    /// <summary>A shorter text than an n-gram counts as a whole, if it has so many words: fewer in a row are everybody's.</summary>
    public const int MinLength = 8;

    const ulong Multiplier = 0x9E3779B97F4A7C15;

    readonly Dictionary<ulong, int> _grams = [];
    readonly SortedSet<int> _lengths = [];

    /// <param name="texts">What is looked for; a text of less than <see cref="MinLength"/> words is passed over.</param>
    /// <param name="length">Words of an n-gram.</param>
    public NgramIndex(IEnumerable<string> texts, int length = DefaultLength)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        foreach (var text in texts)
        {
            var words = HashWords(text);
            var own = Math.Min(words.Count, length);
            if (own < Math.Min(MinLength, length))
            {
                continue;
            }

            _lengths.Add(own);
            Count++;
            for (var i = 0; i + own <= words.Count; i++)
            {
                _grams.TryAdd(Combine(words, i, own), Count);
            }
        }
    }

    public static NgramIndex Empty { get; } = new([]);

    /// <summary>Texts that are looked for.</summary>
    public int Count { get; }

    /// <summary>How many of the texts another holds a passage of.</summary>
    public int CountIn(string text) => Find(text).Distinct().Count();

    /// <summary>Whether a text holds a passage of any.</summary>
    public bool IsIn(string text) => Find(text).Any();

    IEnumerable<int> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_grams.Count == 0)
        {
            yield break;
        }

        var words = HashWords(text);
        foreach (var length in _lengths)
        {
            for (var i = 0; i + length <= words.Count; i++)
            {
                if (_grams.TryGetValue(Combine(words, i, length), out var number))
                {
                    yield return number;
                }
            }
        }
    }

    // FNV-1a over the letters in lower case.
    static List<ulong> HashWords(string text)
    {
        var words = new List<ulong>((text.Length / 5) + 1);
        foreach (var range in TextWords.Split(text))
        {
            var word = text.AsSpan()[range];
            if (TextWords.IsWord(word))
            {
                var hash = 0xCBF29CE484222325;
                foreach (var letter in word)
                {
                    hash = (hash ^ char.ToLowerInvariant(letter)) * 0x100000001B3;
                }

                words.Add(hash);
            }
        }

        return words;
    }

    static ulong Combine(List<ulong> words, int start, int length)
    {
        var hash = (ulong)length;
        for (var i = start; i < start + length; i++)
        {
            hash = (hash ^ words[i]) * Multiplier;
            hash ^= hash >> 29;
        }

        return hash;
    }
}
