using System.Runtime.InteropServices;

namespace Noos.Corpus.Cleaning.Duplicates;

/// <summary>
/// Finds the pairs of one slice of all hashes: pages that share a band and are similar enough by their sketches, pages of one digest, and
/// pages whose address was fetched again later. Slices need not know of each other; together they find every pair.
/// </summary>
/// <param name="bandPaths">The files of bands, in the order of the ranges.</param>
/// <param name="sketchPaths">The files of sketches.</param>
/// <param name="firsts">The number of the first page of each range, and behind them that of all pages.</param>
/// <param name="options">What counts.</param>
sealed class PageMatcher(IReadOnlyList<string> bandPaths, IReadOnlyList<string> sketchPaths, long[] firsts, MatchOptions options)
{
    /// <summary>How many slices there are of so many pages.</summary>
    public static int CountSlices(long pages, MatchOptions options) =>
        (int)Math.Clamp((pages * SignatureFile.Sections / options.MaxKeys) + 1, 1, 100_000);

    /// <summary>Finds the pairs of a slice.</summary>
    public PageMatches Find(int slice, int slices, CancellationToken cancellationToken)
    {
        var width = (UInt128.One << 64) / (UInt128)slices;
        var first = (ulong)(width * (UInt128)slice);
        var last = slice == slices - 1 ? ulong.MaxValue : (ulong)((width * (UInt128)(slice + 1)) - 1);
        using var sketches = new SketchStore(sketchPaths, firsts);
        var pairs = new HashSet<(long, long)>();
        var exact = new HashSet<(long, long)>();
        var superseded = new SortedSet<long>();
        var unchecked_ = 0L;
        for (var section = 0; section < SignatureFile.Sections; section++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (hashes, pages) = Collect(section, first, last);
            for (int start = 0, end; start < hashes.Length; start = end)
            {
                for (end = start + 1; end < hashes.Length && hashes[end] == hashes[start];)
                {
                    end++;
                }

                if (end - start > 1)
                {
                    var group = pages.AsSpan(start, end - start);
                    group.Sort();
                    switch (section)
                    {
                        case SignatureFile.DigestSection:
                            AddEqual(group, exact, sketches);
                            break;
                        case SignatureFile.AddressSection:
                            AddSuperseded(group, superseded, sketches);
                            break;
                        default:
                            unchecked_ += AddSimilar(group, pairs, sketches);
                            break;
                    }
                }
            }
        }

        return new PageMatches([.. pairs.Order()], [.. exact.Order()], [.. superseded], unchecked_);
    }

    (ulong[] Hashes, long[] Pages) Collect(int section, ulong first, ulong last)
    {
        var hashes = new List<ulong>();
        var pages = new List<long>();
        for (var range = 0; range < bandPaths.Count; range++)
        {
            if (firsts[range + 1] == firsts[range])
            {
                continue;
            }

            using var file = File.OpenHandle(bandPaths[range]);
            var at = SignatureFile.ReadSections(file, bandPaths[range])[section];
            var (found, rows) = SignatureFile.ReadSlice(file, at, first, last, bandPaths[range]);
            hashes.AddRange(found);
            foreach (var row in rows)
            {
                pages.Add(firsts[range] + row);
            }
        }

        var (hashArray, pageArray) = (hashes.ToArray(), pages.ToArray());
        Array.Sort(hashArray, pageArray);
        return (hashArray, pageArray);
    }

    /// <summary>Each page is joined to the first leader that it is like; one that is like none leads.</summary>
    /// <returns>Pages that were compared with no further leader.</returns>
    long AddSimilar(ReadOnlySpan<long> group, HashSet<(long, long)> pairs, SketchStore sketches)
    {
        var leaders = new List<(long Page, ushort[] Sketch)>();
        var left = 0L;
        foreach (var page in group)
        {
            var sketch = sketches.SketchOf(page);
            var isJoined = false;
            foreach (var leader in leaders)
            {
                if (MinHash.Estimate(leader.Sketch, sketch) >= options.MinSimilarity)
                {
                    pairs.Add((leader.Page, page));
                    isJoined = true;
                    break;
                }
            }

            if (!isJoined && leaders.Count < options.MaxLeaders)
            {
                leaders.Add((page, sketch.ToArray()));
            }
            else if (!isJoined)
            {
                left++;
            }
        }

        return left;
    }

    static void AddEqual(ReadOnlySpan<long> group, HashSet<(long, long)> exact, SketchStore sketches)
    {
        var firstOf = new Dictionary<UInt128, long>();
        foreach (var page in group)
        {
            ref var leader = ref CollectionsMarshal.GetValueRefOrAddDefault(firstOf, sketches.DigestOf(page), out var exists);
            if (exists)
            {
                exact.Add((leader, page));
            }
            else
            {
                leader = page;
            }
        }
    }

    /// <summary>Of one address the latest counts; of equal times the last in the archives.</summary>
    static void AddSuperseded(ReadOnlySpan<long> group, SortedSet<long> superseded, SketchStore sketches)
    {
        var latest = new Dictionary<UInt128, (long Time, long Page)>();
        foreach (var page in group)
        {
            var candidate = (Time: sketches.TimeOf(page), Page: page);
            ref var best = ref CollectionsMarshal.GetValueRefOrAddDefault(latest, sketches.AddressOf(page), out var exists);
            if (!exists)
            {
                best = candidate;
            }
            else if (candidate.Time >= best.Time)
            {
                superseded.Add(best.Page);
                best = candidate;
            }
            else
            {
                superseded.Add(page);
            }
        }
    }
}
