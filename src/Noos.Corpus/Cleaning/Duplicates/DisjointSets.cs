namespace Noos.Corpus.Cleaning.Duplicates;

/// <summary>Union-find over pages: the representative of a set is its smallest number, whatever the order of unions.</summary>
sealed class DisjointSets : IDisposable
{
    readonly MappedArray _parents;

    public DisjointSets(string folder, long count)
    {
        _parents = new MappedArray(folder, count);
        for (long i = 0; i < count; i++)
        {
            _parents[i] = i;
        }
    }

    public long Find(long page)
    {
        while (_parents[page] != page)
        {
            // Half of the way is forgotten at each walk, so that walks stay short.
            _parents[page] = _parents[_parents[page]];
            page = _parents[page];
        }

        return page;
    }

    public void Union(long one, long other)
    {
        (one, other) = (Find(one), Find(other));
        if (one != other)
        {
            _parents[Math.Max(one, other)] = Math.Min(one, other);
        }
    }

    public void Dispose() => _parents.Dispose();
}
