using System.IO.Hashing;
using System.Runtime.InteropServices;
using Noos.Corpus.Cleaning.Duplicates;

namespace Noos.Factory.Collection;

/// <summary>
/// Finds texts that are nearly the same while they come in: <see cref="MinHash"/> finds candidates, by runs of three words since
/// conversations are short, and each is counted exactly (Jaccard). All is in memory. Not thread-safe.
/// </summary>
/// <param name="similarity">From this share of equal runs on two texts are the same.</param>
public sealed class NearDuplicateIndex(double similarity)
{
    const int RunLength = 3;

    readonly Dictionary<(int Band, ulong Hash), List<int>> _buckets = [];
    readonly List<HashSet<ulong>> _texts = [];

    /// <summary>Takes a text in, unless the same or nearly the same is there.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(string text)
    {
        var runs = MinHash.GetRuns(text, RunLength);

        // Texts without words are the same only if they are equal.
        runs = runs.Count > 0 ? runs : [XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()))];
        var bands = new ulong[MinHash.Bands];
        MinHash.GetBands(MinHash.Compute(runs), bands);
        var own = runs.ToHashSet();
        foreach (var key in bands.Index())
        {
            if (_buckets.TryGetValue(key, out var near) && near.Exists(other => Jaccard(own, _texts[other]) >= similarity))
            {
                return false;
            }
        }

        _texts.Add(own);
        foreach (var key in bands.Index())
        {
            if (!_buckets.TryGetValue(key, out var bucket))
            {
                _buckets.Add(key, bucket = []);
            }

            bucket.Add(_texts.Count - 1);
        }

        return true;
    }

    static double Jaccard(HashSet<ulong> one, HashSet<ulong> other)
    {
        var common = one.Count(other.Contains);
        return (double)common / (one.Count + other.Count - common);
    }
}
