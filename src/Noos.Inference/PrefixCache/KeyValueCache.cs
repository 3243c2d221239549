using System.Runtime.InteropServices;
using Noos.Inference.Adapters;
using Noos.Inference.KeyValues;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// The KV cache of one sequence: a table of pages (PagedAttention, Kwon et al. 2023). Full pages, and the last one of a sequence that ends,
/// are shared with every other sequence that begins with the same tokens; a shared page is copied before it is written (copy-on-write).
/// Used by the thread of its context, while no pass runs for it.
/// </summary>
sealed unsafe class KeyValueCache : IDisposable
{
    const int Positions = KeyValuePages.Positions;

    readonly KeyValuePages _pages;
    readonly PrefixTree _tree;
    // The prefix tree's root for the adapters; null for the model alone.
    readonly PrefixNode? _root;
    // Per page of the table its node in the prefix tree; null for a page of our own.
    readonly List<PrefixNode?> _nodes = [];
    byte** _table;

    public KeyValueCache(KeyValuePages pages, PrefixTree tree, int capacity, AdapterSet? adapters = null)
    {
        Adapters = adapters;
        _root = adapters is null ? null : tree.RootOf(adapters);
        _pages = pages;
        _tree = tree;
        Capacity = capacity;
        _table = (byte**)NativeMemory.AllocZeroed((nuint)((capacity + Positions - 1) / Positions), (nuint)sizeof(byte*));
    }

    /// <summary>Max positions.</summary>
    public int Capacity { get; }

    /// <summary>The adapters of the sequence; null for the model alone.</summary>
    public AdapterSet? Adapters { get; }

    /// <summary>The pages in the order of positions.</summary>
    public byte** Table => _table;

    /// <summary>Takes over pages that others have computed for the next tokens.</summary>
    /// <param name="length">Positions held, those of the tokens before.</param>
    /// <param name="tokens">The tokens to come; at least the last one is left to be computed.</param>
    /// <returns>Number of tokens that need not be computed.</returns>
    public int Adopt(int length, ReadOnlySpan<int> tokens)
    {
        // Only behind a full, published page (or at the beginning) can the tree know what follows.
        if (_nodes.Count * Positions != length || _nodes is [.., null])
        {
            return 0;
        }

        var adopted = 0;
        var parent = _nodes.Count == 0 ? _root : _nodes[^1];
        while (_tree.FindLongest(parent, tokens[adopted..^1]) is ({ } node, var common))
        {
            Add(node);
            adopted += common;
            parent = node;
            if (common < Positions)
            {
                // A page that shares only its first tokens is of use too: Reserve copies it before the next token is written behind them.
                break;
            }
        }

        return adopted;
    }

    /// <summary>
    /// Takes pages for positions up to <paramref name="length"/>, those from <paramref name="written"/> on to be written.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The machine has no more memory.</exception>
    public void Reserve(int written, int length)
    {
        var last = written / Positions;
        if (written % Positions != 0 && _nodes[last] is { } shared)
        {
            Own(last, shared, written % Positions);
        }

        while (_nodes.Count * Positions < length)
        {
            _table[_nodes.Count] = _tree.Take();
            _nodes.Add(null);
        }
    }

    /// <summary>Adds full pages to the prefix tree.</summary>
    /// <param name="tokens">All tokens held.</param>
    public void Publish(ReadOnlySpan<int> tokens) => Publish(tokens, tokens.Length / Positions);

    /// <summary>Leaves everything to the prefix tree, the last page even if it is not full, and holds nothing afterwards.</summary>
    /// <param name="tokens">All tokens held.</param>
    public void ReleaseToTree(ReadOnlySpan<int> tokens)
    {
        Publish(tokens, (tokens.Length + Positions - 1) / Positions);
        Truncate(0);
    }

    /// <summary>Takes over pages read from a stream; the cache is empty before.</summary>
    /// <param name="tokens">Their tokens.</param>
    /// <param name="pages">As many as the tokens fill; the cache owns them from now on.</param>
    public void Fill(ReadOnlySpan<int> tokens, IReadOnlyList<nint> pages)
    {
        foreach (var page in pages)
        {
            _table[_nodes.Count] = (byte*)page;
            _nodes.Add(null);
        }

        Publish(tokens);
    }

    /// <summary>Gives back the pages that only positions from <paramref name="length"/> on need.</summary>
    public void Truncate(int length)
    {
        while ((_nodes.Count - 1) * Positions >= length && _nodes.Count > 0)
        {
            if (_nodes[^1] is { } node)
            {
                _tree.Release(node);
            }
            else
            {
                _pages.Give(_table[_nodes.Count - 1]);
            }

            _nodes.RemoveAt(_nodes.Count - 1);
        }
    }

    public void Dispose()
    {
        Truncate(0);
        NativeMemory.Free(_table);
        _table = null;
    }

    /// <summary>Makes a page of the tree one of our own, so that it can be written.</summary>
    void Own(int index, PrefixNode shared, int length)
    {
        if (!_tree.TryTakeOver(shared, length))
        {
            var copy = _tree.Take();
            Buffer.MemoryCopy(shared.Page, copy, _pages.PageBytes, _pages.PageBytes);
            _table[index] = copy;
            _tree.Release(shared);
        }

        _nodes[index] = null;
    }

    void Publish(ReadOnlySpan<int> tokens, int count)
    {
        for (var page = 0; page < count; page++)
        {
            if (_nodes[page] is null)
            {
                var first = page * Positions;
                var ofPage = tokens.Slice(first, Math.Min(Positions, tokens.Length - first));
                var node = _tree.Publish(page == 0 ? _root : _nodes[page - 1], ofPage, _table[page]);
                _nodes[page] = node;
                _table[page] = node.Page;
            }
        }
    }

    void Add(PrefixNode node)
    {
        _table[_nodes.Count] = node.Page;
        _nodes.Add(node);
    }
}
