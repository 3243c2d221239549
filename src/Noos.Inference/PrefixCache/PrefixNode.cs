namespace Noos.Inference.PrefixCache;

/// <summary>
/// A page in the tree and its tokens: 32, or fewer at the end of a conversation. All members are guarded by the tree's lock, except what
/// never changes.
/// </summary>
/// <param name="parent">The page before; null for a root.</param>
/// <param name="tokens">1 to 32; none for a root.</param>
/// <param name="page">Its keys and values.</param>
sealed unsafe class PrefixNode(PrefixNode? parent, int[] tokens, byte* page)
{
    // In the order of their tokens: the child that shares most with given tokens stands beside the place where these would be, so that
    // thousands of conversations that begin alike are searched in a few steps.
    readonly List<PrefixNode> _children = [];

    public PrefixNode? Parent => parent;

    public ReadOnlySpan<int> Tokens => tokens;

    /// <inheritdoc cref="Tokens"/>
    public ReadOnlyMemory<int> TokenMemory => tokens;

    public byte* Page => page;

    public IReadOnlyList<PrefixNode> Children => _children;

    /// <summary>Reference count: sequences that use the page.</summary>
    public int Holders { get; set; }

    /// <summary>
    /// Its entry in the queue of conversations that nobody holds; null while held, and for pages with others behind them.
    /// </summary>
    public LinkedListNode<PrefixNode>? Unused { get; set; }

    /// <summary>The child that shares the longest prefix with the given tokens; null if none shares any.</summary>
    public (PrefixNode? Child, int Common) FindLongest(ReadOnlySpan<int> wanted)
    {
        var index = LowerBound(wanted);
        var (before, after) = (CommonAt(index - 1, wanted), CommonAt(index, wanted));
        return Math.Max(before, after) == 0 ? (null, 0)
            : after >= before ? (_children[index], after)
            : (_children[index - 1], before);
    }

    public void Add(PrefixNode child) => _children.Insert(LowerBound(child.Tokens), child);

    public void Remove(PrefixNode child) => _children.RemoveAt(LowerBound(child.Tokens));

    int CommonAt(int index, ReadOnlySpan<int> wanted) =>
        index >= 0 && index < _children.Count ? wanted.CommonPrefixLength(_children[index].Tokens) : 0;

    /// <summary>Index of the first child whose tokens are not before the given ones.</summary>
    int LowerBound(ReadOnlySpan<int> wanted)
    {
        var (low, high) = (0, _children.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_children[middle].Tokens.SequenceCompareTo(wanted) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
