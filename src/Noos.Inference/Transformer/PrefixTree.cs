using Noos.Inference.Adapters;

namespace Noos.Inference.Transformer;

/// <summary>
/// The full pages of all sequences by what was read to fill them: a page belongs to the 32 tokens of its own and all before. A sequence
/// that begins like another one takes its pages instead of computing them, which is exact because keys and values depend on nothing
/// else. Pages that no sequence holds stay until their memory is wanted, the longest unused go first. Thread-safe.
/// </summary>
/// <param name="pages">Where pages come from.</param>
/// <param name="mostUnused">Most pages kept that no sequence holds.</param>
sealed unsafe class PrefixTree(KeyValuePages pages, int mostUnused)
{
    readonly Lock _lock = new();
    readonly PrefixNode _root = new(parent: null, tokens: [], page: null);
    // Sequences that are read with adapters have other keys and values, so they begin elsewhere.
    readonly Dictionary<AdapterSet, PrefixNode> _adaptedRoots = [];
    // Nodes that no sequence holds, in the order of their last use.
    readonly LinkedList<PrefixNode> _unused = [];

    /// <summary>Pages held by sequences or kept for later ones.</summary>
    public int Count { get; private set; }

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
    public int MostUnused => mostUnused;

    /// <summary>
    /// Holds the pages that are worth keeping, up to <see cref="MostUnused"/>: those of sequences and then the others, the most recently
    /// used first, and each behind the one it continues.
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

            // A page is given back before the one that it continues.
            for (var unused = _unused.Last; unused is not null; unused = unused.Previous)
            {
                Choose(unused.Value);
            }

            chosen.ForEach(Hold);
            return chosen;

            void Choose(PrefixNode node)
            {
                if (chosen.Count < mostUnused && known.Contains(node.Parent!))
                {
                    chosen.Add(node);
                    known.Add(node);
                }
            }
        }
    }

    /// <summary>Releases pages such that the first ones are kept the longest.</summary>
    public void ReleaseAll(IReadOnlyList<PrefixNode> nodes)
    {
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            Release(nodes[i]);
        }
    }

    /// <summary>Where sequences begin that are read with some adapters.</summary>
    public PrefixNode RootOf(AdapterSet adapters)
    {
        lock (_lock)
        {
            if (!_adaptedRoots.TryGetValue(adapters, out var root))
            {
                // Every request may have scales of its own: what has no pages need not be remembered.
                foreach (var (unused, _) in _adaptedRoots.Where(known => known.Value.Children.Count == 0).ToArray())
                {
                    _adaptedRoots.Remove(unused);
                }

                _adaptedRoots.Add(adapters, root = new PrefixNode(parent: null, tokens: [], page: null));
            }

            return root;
        }
    }

    /// <summary>The page after a node for the given tokens, held from now on; null if nobody has computed it.</summary>
    /// <param name="parent">The page before, null at the beginning.</param>
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

    /// <summary>The page after a node that has the most tokens in common with the given ones, held from now on; null if none has any.</summary>
    /// <param name="parent">The page before, null at the beginning.</param>
    /// <param name="tokens">Tokens that follow.</param>
    public (PrefixNode? Node, int Common) FindBeginning(PrefixNode? parent, ReadOnlySpan<int> tokens)
    {
        lock (_lock)
        {
            PrefixNode? found = null;
            var most = 0;
            foreach (var child in (parent ?? _root).Children)
            {
                var common = tokens.CommonPrefixLength(child.Tokens);
                if (common > most)
                {
                    (found, most) = (child, common);
                }
            }

            if (found is not null)
            {
                Hold(found);
            }

            return (found, most);
        }
    }

    /// <summary>
    /// Makes a filled page known, held by the caller. If the same page is known already, the caller gets that one and its own is given
    /// back.
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
            Count++;
            return node;
        }
    }

    /// <summary>The caller needs the page no more.</summary>
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
        // Whoever holds a page holds those before it, so an unused page has only unused ones behind it: a leaf is always among them.
        for (var candidate = _unused.First; candidate is not null && _unused.Count > mostUnused;)
        {
            var node = candidate.Value;
            if (node.Children.Count > 0)
            {
                candidate = candidate.Next;
                continue;
            }

            node.Parent!.Children.Remove(node);
            _unused.Remove(candidate);
            pages.Give(node.Page);
            Count--;
            candidate = _unused.First;
        }
    }
}

/// <summary>A full page and the tokens that filled it.</summary>
sealed unsafe class PrefixNode(PrefixNode? parent, int[] tokens, byte* page)
{
    public PrefixNode? Parent => parent;

    public ReadOnlySpan<int> Tokens => tokens;

    public byte* Page => page;

    public List<PrefixNode> Children { get; } = [];

    /// <summary>Number of sequences that use the page.</summary>
    public int Holders { get; set; }

    /// <summary>The place in the queue of those that nobody holds.</summary>
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
