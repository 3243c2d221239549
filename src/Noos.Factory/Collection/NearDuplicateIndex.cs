using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;

namespace Noos.Factory.Collection;

/// <summary>
/// Finds texts that are nearly the same: MinHash over runs of three words with locality-sensitive hashing (Broder, 1997), and each find
/// counted exactly (Jaccard). Not thread-safe.
/// </summary>
/// <param name="similarity">From this share of equal runs on two texts are the same.</param>
public sealed partial class NearDuplicateIndex(double similarity)
{
    const int RunLength = 3;

    // Of two texts as alike as 0.8 one in 6,000 is missed: 1 - (1 - 0.8^4)^16.
    const int Bands = 16;
    const int RowsPerBand = 4;

    readonly Dictionary<(int Band, ulong Hash), List<int>> _buckets = [];
    readonly List<HashSet<ulong>> _texts = [];

    /// <summary>Takes a text in, unless the same or nearly the same is there.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(string text)
    {
        var runs = RunsOf(text);
        var keys = BandsOf(runs);
        foreach (var key in keys)
        {
            if (_buckets.TryGetValue(key, out var near) && near.Exists(other => Jaccard(runs, _texts[other]) >= similarity))
            {
                return false;
            }
        }

        _texts.Add(runs);
        foreach (var key in keys)
        {
            if (!_buckets.TryGetValue(key, out var bucket))
            {
                _buckets.Add(key, bucket = []);
            }

            bucket.Add(_texts.Count - 1);
        }

        return true;
    }

    static HashSet<ulong> RunsOf(string text)
    {
        var words = WordPattern().Matches(text).Select(word => word.Value.ToLowerInvariant()).ToArray();
        var length = Math.Clamp(words.Length, 1, RunLength);
        return words.Length == 0
            ? [XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text))]
            : [.. Enumerable.Range(0, words.Length - length + 1)
                .Select(start => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(string.Join(' ', words, start, length))))];
    }

    static (int, ulong)[] BandsOf(HashSet<ulong> runs)
    {
        var keys = new (int, ulong)[Bands];
        for (var band = 0; band < Bands; band++)
        {
            var hash = 0UL;
            for (var row = 0; row < RowsPerBand; row++)
            {
                var seed = (ulong)((band * RowsPerBand) + row + 1) * 0x9E3779B97F4A7C15;
                var least = runs.Min(run => Mix(run ^ seed));
                hash = Mix(hash ^ least);
            }

            keys[band] = (band, hash);
        }

        return keys;
    }

    static double Jaccard(HashSet<ulong> one, HashSet<ulong> other)
    {
        var common = one.Count(other.Contains);
        return (double)common / (one.Count + other.Count - common);
    }

    // Finalizer of SplitMix64.
    static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordPattern();
}
