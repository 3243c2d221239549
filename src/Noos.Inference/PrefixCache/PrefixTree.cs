using Noos.Inference.Adapters;
using Noos.Inference.KeyValues;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// Prefix cache: a radix tree of full KV pages (as in SGLang and vLLM), one node per 32 tokens. A sequence that begins like another one
/// takes its pages instead of computing them, which is exact because keys and values depend on the tokens before and nothing else.
/// Reference-counted; pages that no sequence holds stay until the limit is reached and are evicted least recently used first.
/// Thread-safe: one lock around short operations, never held while something is computed or read from a file.
/// </summary>
/// <param name="pages">The pool that evicted pages go back to.</param>
/// <param name="maxUnused">Max pages kept that no sequence holds.</param>
sealed unsafe class PrefixTree(KeyValuePages pages, int maxUnused)
{
    readonly Lock _lock = new();
    readonly PrefixNode _root = new(parent: null, tokens: [], page: null);
    // Adapters change keys and values, so sequences with adapters have a root per set.
    readonly Dictionary<AdapterSet, PrefixNode> _adaptedRoots = [];
    // Nodes without holders, least recently used first.
    readonly LinkedList<PrefixNode> _unused = [];

    /// <summary>Pages that no sequence holds.</summary>
    public int UnusedCount
    {
        get
        {
            lock (_lock)
            {
                return _unused.Count;
            }
        }
    }

    /// <summary>Most pages kept that no sequence holds.</summary>
    public int MaxUnused => maxUnused;

    /// <summary>
    /// Holds up to <see cref="MaxUnused"/> pages that are worth saving: those of sequences first, then the others from the most recently
    /// used on; each after its parent. Pages of sequences with adapters are left out, because a file cannot name adapters.
    /// </summary>
    public IReadOnlyList<PrefixNode> HoldAll()
    {
        lock (_lock)
        {
            var chosen = new List<PrefixNode>();
            var known = new HashSet<PrefixNode> { _root };
            var open = new Stack<PrefixNode>([_root]);
            while (open.TryPop(out var node))
            {
                foreach (var child in node.Children.Where(child => child.Holders > 0))
                {
                    Choose(child);
                    open.Push(child);
                }
            }

            // From the most recently used on. Release goes from the last page of a sequence to the first, so a parent lies behind its
            // children in the queue and is met before them here.
            for (var unused = _unused.Last; unused is not null; unused = unused.Previous)
            {
                Choose(unused.Value);
            }

            chosen.ForEach(Hold);
            return chosen;

            void Choose(PrefixNode node)
            {
                if (chosen.Count < maxUnused && known.Contains(node.Parent!))
                {
                    chosen.Add(node);
                    known.Add(node);
                }
            }
        }
    }

    /// <summary>Releases pages from the last to the first, so that the first are evicted last.</summary>
    public void ReleaseAll(IReadOnlyList<PrefixNode> nodes)
    {
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            Release(nodes[i]);
        }
    }

    /// <summary>The root for sequences with a set of adapters.</summary>
    public PrefixNode RootOf(AdapterSet adapters)
    {
        lock (_lock)
        {
            if (!_adaptedRoots.TryGetValue(adapters, out var root))
            {
                // Every request may bring scales of its own, so roots without pages would pile up.
                foreach (var (unused, _) in _adaptedRoots.Where(known => known.Value.Children.Count == 0).ToArray())
                {
                    _adaptedRoots.Remove(unused);
                }

                _adaptedRoots.Add(adapters, root = new PrefixNode(parent: null, tokens: [], page: null));
            }

            return root;
        }
    }

    /// <summary>The child for the given tokens, held from now on; null if nobody has computed it.</summary>
    /// <param name="parent">The page before; null for the root.</param>
    /// <param name="tokens">The 32 tokens of the page.</param>
    public PrefixNode? Find(PrefixNode? parent, ReadOnlySpan<int> tokens)
    {
        lock (_lock)
        {
            var found = (parent ?? _root).Child(tokens);
            if (found is not null)
            {
                Hold(found);
            }

            return found;
        }
    }

    /// <summary>The child that shares the longest prefix with the given tokens, held from now on; null if none shares any.</summary>
    /// <param name="parent">The page before; null for the root.</param>
    /// <param name="tokens">Tokens that follow.</param>
    public (PrefixNode? Node, int Common) FindBeginning(PrefixNode? parent, ReadOnlySpan<int> tokens)
    {
        lock (_lock)
        {
            PrefixNode? found = null;
            var longest = 0;
            foreach (var child in (parent ?? _root).Children)
            {
                var common = tokens.CommonPrefixLength(child.Tokens);
                if (common > longest)
                {
                    (found, longest) = (child, common);
                }
            }

            if (found is not null)
            {
                Hold(found);
            }

            return (found, longest);
        }
    }

    /// <summary>
    /// Adds a filled page, held by the caller. If another sequence has added the same one, the caller gets that one and its
    /// own goes back to the pool.
    /// </summary>
    public PrefixNode Publish(PrefixNode? parent, ReadOnlySpan<int> tokens, byte* page)
    {
        lock (_lock)
        {
            var node = (parent ?? _root).Child(tokens);
            if (node is not null)
            {
                pages.Give(page);
                Hold(node);
                return node;
            }

            node = new PrefixNode(parent ?? _root, tokens.ToArray(), page) { Holders = 1 };
            node.Parent!.Children.Add(node);
            return node;
        }
    }

    /// <summary>Drops the caller's reference; without references the page is kept as unused, within the limit.</summary>
    public void Release(PrefixNode node)
    {
        lock (_lock)
        {
            node.Holders--;
            if (node.Holders == 0)
            {
                node.Unused = _unused.AddLast(node);
                Evict();
            }
        }
    }

    void Hold(PrefixNode node)
    {
        node.Holders++;
        if (node.Unused is not null)
        {
            _unused.Remove(node.Unused);
            node.Unused = null;
        }
    }

    void Evict()
    {
        // Whoever holds a page holds its parents, so the descendants of an unused page are unused too: a leaf is always among them.
        for (var candidate = _unused.First; candidate is not null && _unused.Count > maxUnused;)
        {
            var node = candidate.Value;
            if (node.Children.Count > 0)
            {
                // Inner pages stay until their children are gone; from the front again then, because the parent may be the oldest now.
                candidate = candidate.Next;
                continue;
            }

            node.Parent!.Children.Remove(node);
            _unused.Remove(candidate);
            pages.Give(node.Page);
            candidate = _unused.First;
        }
    }
}

/// <summary>A full page in the tree and its 32 tokens. All members are guarded by the tree's lock, except what never changes.</summary>
sealed unsafe class PrefixNode(PrefixNode? parent, int[] tokens, byte* page)
{
    public PrefixNode? Parent => parent;

    public ReadOnlySpan<int> Tokens => tokens;

    public byte* Page => page;

    public List<PrefixNode> Children { get; } = [];

    /// <summary>Reference count: sequences that use the page.</summary>
    public int Holders { get; set; }

    /// <summary>Its entry in the queue of unused pages; null while held.</summary>
    public LinkedListNode<PrefixNode>? Unused { get; set; }

    public PrefixNode? Child(ReadOnlySpan<int> wanted)
    {
        foreach (var child in Children)
        {
            if (child.Matches(wanted))
            {
                return child;
            }
        }

        return null;
    }

    bool Matches(ReadOnlySpan<int> wanted) => wanted.SequenceEqual(tokens);
}
