using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Noos.Corpus.Cleaning.Signals;

/// <summary>
/// Wordings of examinations by the hashes of their runs of words (13, as GPT-3 and later decontaminations take), so that documents that
/// give them away are found. A wording of fewer words counts as a whole, if it has at least eight. Immutable; thread-safe.
/// </summary>
public sealed class ExamIndex
{
    /// <summary>Words of a run.</summary>
    public const int RunLength = 13;

    /// <summary>Shorter wordings are everybody's.</summary>
    public const int MinLength = 8;

    readonly Dictionary<ulong, int> _runs = [];
    readonly SortedSet<int> _lengths = [];

    /// <param name="wordings">Questions and passages.</param>
    public ExamIndex(IEnumerable<string> wordings)
    {
        ArgumentNullException.ThrowIfNull(wordings);
        var number = 0;
        foreach (var wording in wordings)
        {
            var words = Hash(wording);
            var length = Math.Min(words.Count, RunLength);
            if (length < MinLength)
            {
                continue;
            }

            _lengths.Add(length);
            number++;
            for (var i = 0; i + length <= words.Count; i++)
            {
                _runs.TryAdd(Combine(words, i, length), number);
            }
        }

        Count = number;
    }

    public static ExamIndex Empty { get; } = new([]);

    /// <summary>Wordings that are looked for.</summary>
    public int Count { get; }

    /// <summary>Names the wordings by content.</summary>
    public ulong Fingerprint => _runs.Keys.Order().Aggregate(0UL, (hash, run) => (hash ^ run) * 0x9E3779B97F4A7C15);

    /// <summary>How many wordings a text gives away.</summary>
    public int CountIn(string text)
    {
        if (_runs.Count == 0)
        {
            return 0;
        }

        var words = Hash(text);
        var found = new HashSet<int>();
        foreach (var length in _lengths)
        {
            for (var i = 0; i + length <= words.Count; i++)
            {
                if (_runs.TryGetValue(Combine(words, i, length), out var wording))
                {
                    found.Add(wording);
                }
            }
        }

        return found.Count;
    }

    static List<ulong> Hash(string text)
    {
        var words = new List<ulong>();
        Span<char> lower = stackalloc char[64];
        foreach (var range in TextWords.Split(text))
        {
            var word = text.AsSpan()[range];
            if (TextWords.IsWord(word))
            {
                var length = word[..Math.Min(word.Length, lower.Length)].ToLowerInvariant(lower);
                words.Add(XxHash3.HashToUInt64(MemoryMarshal.AsBytes<char>(lower[..length])));
            }
        }

        return words;
    }

    static ulong Combine(List<ulong> words, int start, int length)
    {
        var hash = (ulong)length;
        for (var i = start; i < start + length; i++)
        {
            hash = (hash ^ words[i]) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        return hash;
    }
}
