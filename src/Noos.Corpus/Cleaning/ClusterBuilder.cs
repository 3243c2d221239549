using Noos.Corpus.Cleaning.Duplicates;
using Noos.Corpus.Cleaning.Policies;

namespace Noos.Corpus.Cleaning;

/// <summary>
/// Joins pairs to clusters, and chooses of each cluster the page that a policy keeps: the first among those that all its other rules keep,
/// so that no text is lost because its first copy was dropped. All that grows with the corpus lies in mapped files.
/// </summary>
sealed class ClusterBuilder(CorpusFolder folder, IReadOnlyList<CleanPolicy> policies, long[] firsts)
{
    const long None = -1;

    public long ClusterCount { get; private set; }

    public IEnumerable<ClusterEntry> Build(int slices, CancellationToken cancellationToken)
    {
        var count = firsts[^1];
        using var near = new DisjointSets(folder.Root, count);
        using var exact = new DisjointSets(folder.Root, count);
        using var flags = new MappedArray(folder.Root, count);
        for (var slice = 0; slice < slices; slice++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var matches = PageMatches.Read(folder.In(CorpusFolder.MatchesName(slice)));
            foreach (var (one, other) in matches.Near)
            {
                near.Union(one, other);
            }

            foreach (var (one, other) in matches.Exact)
            {
                near.Union(one, other);
                exact.Union(one, other);
            }

            foreach (var page in matches.Superseded)
            {
                flags[page] = 1;
            }
        }

        using var sizes = new MappedArray(folder.Root, count);
        for (long page = 0; page < count; page++)
        {
            // Two captures of one address are no copies.
            sizes[near.Find(page)] += flags[page] == 0 ? 1 : 0;
            ClusterCount += near.Find(page) == page ? 1 : 0;
        }

        using var kept = new MappedArray(folder.Root, count);
        for (var policy = 0; policy < policies.Count; policy++)
        {
            Choose(policy, near, exact, flags, kept, cancellationToken);
        }

        for (long page = 0; page < count; page++)
        {
            var cluster = near.Find(page);
            yield return new ClusterEntry(cluster, (int)Math.Clamp(sizes[cluster], 1, int.MaxValue), (uint)flags[page]);
        }
    }

    void Choose(
        int policy, DisjointSets near, DisjointSets exact, MappedArray flags, MappedArray kept, CancellationToken cancellationToken)
    {
        if (!policies[policy].DropsDuplicates)
        {
            return;
        }

        var sets = policies[policy].DropsNearDuplicates ? near : exact;
        kept.Fill(None);
        for (var range = 0; range + 1 < firsts.Length; range++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var verdicts = VerdictFile.Read(folder.In(CorpusFolder.VerdictsName(range)));
            for (var page = firsts[range]; page < firsts[range + 1]; page++)
            {
                if (verdicts.Dropped((int)(page - firsts[range]), policy) != 0 || (flags[page] & 1) != 0)
                {
                    continue;
                }

                ref var first = ref kept[sets.Find(page)];
                if (first == None)
                {
                    first = page;
                }
                else
                {
                    flags[page] |= exact.Find(page) == exact.Find(first)
                        ? ClusterEntry.DuplicateFlag(policy) : ClusterEntry.NearDuplicateFlag(policy);
                }
            }
        }
    }
}
