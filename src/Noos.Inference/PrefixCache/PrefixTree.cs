using Noos.Inference.Adapters;
using Noos.Inference.KeyValues;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// Prefix cache: a radix tree of KV pages (as in SGLang and vLLM), one node per 32 tokens, with what is left of a conversation as its last
/// node. A sequence that begins like another one takes its pages instead of computing them, which is exact because keys and values depend
/// on the tokens before and nothing else. Reference-counted; pages that no sequence holds stay until the allowance is used up. Then
/// conversations are evicted, the least recently used first, each as far back as no other needs its pages. Thread-safe: one lock around
/// short operations, never held while something is computed or read from a file.
/// </summary>
/// <param name="pages">The pool that pages come from, and go back to when they are evicted.</param>
/// <param name="maxPages">
/// The allowance: max pages in use, those of sequences included. Sequences get theirs all the same; then nothing else is kept.
/// </param>
/// <param name="freeMemory">
/// Bytes that the machine has left: while they are few, new pages are those of evicted conversations. Null lets the allowance alone decide.
/// </param>
sealed unsafe class PrefixTree(KeyValuePages pages, int maxPages, Func<long>? freeMemory = null)
{
    const int Positions = KeyValuePages.Positions;
    // A part of the allowance that other programs are left, when they take more than they did at the start.
    const int ReserveDivisor = 8;
    // Below the allowance by less than this, the pool need not grow ahead.
    const int ReservePages = 16;

    readonly Lock _lock = new();
    readonly Func<bool> _mayGrow = () => freeMemory is null || freeMemory() >= 2 * maxPages * pages.StrideBytes / ReserveDivisor;
    readonly PrefixNode _root = new(parent: null, tokens: [], page: null);
    // Adapters change keys and values, so sequences with adapters have a root per set.
    readonly Dictionary<AdapterSet, PrefixNode> _adaptedRoots = [];
    // Last pages of the conversations that nobody holds, least recently used first.
    readonly LinkedList<PrefixNode> _unusedLeaves = [];
    int _count;
    int _unusedCount;
    long _tokens;
    long _unusedTokens;

    /// <summary>The allowance in pages.</summary>
    public int MaxPages => maxPages;

    /// <summary>What is held at this moment.</summary>
    public KeyValueMemory Measure()
    {
        lock (_lock)
        {
            var taken = pages.TakenCount;
            return new KeyValueMemory(pages.Type, pages.StrideBytes, taken, _unusedCount)
            {
                MaxBytes = maxPages * pages.StrideBytes,
                // Nobody has told yet how many tokens a page has that is not in the tree.
                Tokens = _tokens + ((long)(taken - _count) * Positions),
                KeptTokens = _unusedTokens,
            };
        }
    }

    /// <summary>Takes a page of undefined content from the pool; where the allowance is used up, conversations make room for it.</summary>
    /// <exception cref="OutOfMemoryException">The machine has no more memory, and nothing is left to evict.</exception>
    public byte* Take()
    {
        lock (_lock)
        {
            while ((pages.TakenCount >= maxPages || IsMachineShort()) && EvictConversation())
            {
            }

            while (true)
            {
                try
                {
                    var page = pages.Take();
                    if (pages.TakenCount + ReservePages < maxPages)
                    {
                        pages.Prepare(_mayGrow);
                    }

                    return page;
                }
                catch (OutOfMemoryException) when (EvictConversation())
                {
                    // The machine has less than the allowance; the pages of a conversation are free now.
                }
            }
        }
    }

    /// <summary>
    /// Holds pages that are worth saving: those of sequences first, then conversations from the most recently used on; each page after its
    /// parent. Pages of sequences with adapters are left out, because a file cannot name adapters.
    /// </summary>
    /// <param name="max">Max pages.</param>
    public IReadOnlyList<PrefixNode> HoldAll(int max)
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

            for (var leaf = _unusedLeaves.Last; leaf is not null && chosen.Count < max; leaf = leaf.Previous)
            {
                var path = new Stack<PrefixNode>();
                for (var node = leaf.Value; node.Parent is not null && !known.Contains(node); node = node.Parent)
                {
                    path.Push(node);
                }

                foreach (var node in path)
                {
                    Choose(node);
                }
            }

            chosen.ForEach(Hold);
            return chosen;

            void Choose(PrefixNode node)
            {
                if (chosen.Count < max && known.Contains(node.Parent!))
                {
                    chosen.Add(node);
                    known.Add(node);
                }
            }
        }
    }

    /// <summary>Releases pages from the last to the first, so that a conversation's end is evicted before its beginning.</summary>
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

    /// <summary>The child that shares the longest prefix with the given tokens, held from now on; null if none shares any.</summary>
    /// <param name="parent">The page before; null for the root.</param>
    /// <param name="tokens">Tokens that follow.</param>
    /// <returns>The child, and the number of its tokens that are shared.</returns>
    public (PrefixNode? Node, int Common) FindLongest(PrefixNode? parent, ReadOnlySpan<int> tokens)
    {
        lock (_lock)
        {
            var (found, common) = (parent ?? _root).FindLongest(tokens[..Math.Min(tokens.Length, Positions)]);
            if (found is not null)
            {
                Hold(found);
            }

            return (found, common);
        }
    }

    /// <summary>
    /// Adds a page, held by the caller. If there is one already that begins with the same tokens, the caller gets that one and its own
    /// goes back to the pool.
    /// </summary>
    /// <param name="parent">The page before, which is full and held by the caller; null for the root.</param>
    /// <param name="tokens">32, or fewer at the end of a conversation.</param>
    /// <param name="page">Their keys and values.</param>
    public PrefixNode Publish(PrefixNode? parent, ReadOnlySpan<int> tokens, byte* page)
    {
        lock (_lock)
        {
            parent ??= _root;
            var (node, common) = parent.FindLongest(tokens);
            if (common == tokens.Length)
            {
                pages.Give(page);
                Hold(node!);
                return node!;
            }

            // A page that this one continues is of no more use. At most one at a time: it made the one before it superfluous in its turn.
            if (node is { Holders: 0 } && common == node.Tokens.Length)
            {
                _unusedLeaves.Remove(node.Unused!);
                Drop(node);
            }

            node = new PrefixNode(parent, tokens.ToArray(), page) { Holders = 1 };
            parent.Add(node);
            _count++;
            _tokens += tokens.Length;
            return node;
        }
    }

    /// <summary>
    /// Takes the last page of a conversation out of the tree, so that its only holder can go on writing it without a copy; returns whether
    /// that is possible: others may hold it, or it may have more tokens than the caller goes on from.
    /// </summary>
    public bool TryTakeOver(PrefixNode node, int length)
    {
        lock (_lock)
        {
            if (node.Holders > 1 || node.Children.Count > 0 || node.Tokens.Length != length)
            {
                return false;
            }

            node.Parent!.Remove(node);
            _count--;
            _tokens -= length;
            return true;
        }
    }

    /// <summary>Drops the caller's reference; without references the page is kept as unused, within the allowance.</summary>
    public void Release(PrefixNode node)
    {
        lock (_lock)
        {
            node.Holders--;
            if (node.Holders > 0)
            {
                return;
            }

            _unusedCount++;
            _unusedTokens += node.Tokens.Length;
            if (node.Children.Count == 0)
            {
                node.Unused = _unusedLeaves.AddLast(node);
            }

            while (pages.TakenCount > maxPages && EvictConversation())
            {
            }
        }
    }

    /// <summary>What is held of some sequences, each page that several of them begin with counted as shared.</summary>
    /// <param name="sequences">Their tokens, with the adapters that they were read with.</param>
    /// <returns>One for each, in their order.</returns>
    public IReadOnlyList<SequenceMemory> Measure(IReadOnlyList<(ReadOnlyMemory<int> Tokens, AdapterSet? Adapters)> sequences)
    {
        lock (_lock)
        {
            var paths = sequences.Select(sequence => Trace(sequence.Tokens.Span, sequence.Adapters)).ToArray();
            var users = paths.SelectMany(path => path).CountBy(node => node).ToDictionary();
            return
            [
                .. paths.Select(path => new SequenceMemory(
                    path.Sum(node => node.Tokens.Length), path.Count, path.Count(node => users[node] > 1))),
            ];
        }
    }

    /// <summary>Drops what nobody holds of a sequence, back to the first page that others begin with, too.</summary>
    /// <returns>Pages that are free now.</returns>
    public int Evict(ReadOnlySpan<int> tokens, AdapterSet? adapters)
    {
        lock (_lock)
        {
            if (Trace(tokens, adapters) is not [.., { Children.Count: 0, Unused: { } unused } last])
            {
                return 0;
            }

            _unusedLeaves.Remove(unused);
            last.Unused = null;
            return DropBranch(last);
        }
    }

    /// <summary>The pages of a sequence, from its first on, as far as they are there; the last may have more than the sequence.</summary>
    List<PrefixNode> Trace(ReadOnlySpan<int> tokens, AdapterSet? adapters)
    {
        var path = new List<PrefixNode>();
        var node = adapters is null ? _root : _adaptedRoots.GetValueOrDefault(adapters);
        while (node is not null && !tokens.IsEmpty)
        {
            var (child, common) = node.FindLongest(tokens[..Math.Min(tokens.Length, Positions)]);
            if (child is null || common < Math.Min(tokens.Length, child.Tokens.Length))
            {
                break;
            }

            path.Add(child);
            tokens = tokens[common..];
            node = child;
        }

        return path;
    }

    void Hold(PrefixNode node)
    {
        if (node.Holders++ > 0)
        {
            return;
        }

        _unusedCount--;
        _unusedTokens -= node.Tokens.Length;
        if (node.Unused is not null)
        {
            _unusedLeaves.Remove(node.Unused);
            node.Unused = null;
        }
    }

    /// <summary>Only asked when the pool would grow, which is once for many pages: the system's answer takes a while.</summary>
    bool IsMachineShort() =>
        freeMemory is not null && pages.IsExhausted && freeMemory() < maxPages * pages.StrideBytes / ReserveDivisor;

    /// <summary>
    /// Evicts the least recently used conversation back to the first page that others need: its beginning alone would be of little use,
    /// and what is kept stays whole. Returns whether there was one.
    /// </summary>
    bool EvictConversation()
    {
        if (_unusedLeaves.First is not { } oldest)
        {
            return false;
        }

        _unusedLeaves.Remove(oldest);
        DropBranch(oldest.Value);
        return true;
    }

    /// <summary>Drops a last page and those before it that no other needs.</summary>
    int DropBranch(PrefixNode last)
    {
        var count = 0;
        // Whoever holds a page holds its parents, so the first held page on the way to the root ends the path; a root has no parent.
        for (var node = last; node is { Parent: { } parent, Holders: 0, Children.Count: 0 }; node = parent)
        {
            Drop(node);
            count++;
        }

        return count;
    }

    /// <summary>Removes a page without holders and children, and gives it back to the pool.</summary>
    void Drop(PrefixNode node)
    {
        node.Parent!.Remove(node);
        _count--;
        _unusedCount--;
        _tokens -= node.Tokens.Length;
        _unusedTokens -= node.Tokens.Length;
        pages.Give(node.Page);
    }
}
