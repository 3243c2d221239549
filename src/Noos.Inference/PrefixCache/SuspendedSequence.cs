using Noos.Inference.Adapters;
using Noos.Inference.KeyValues;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// One sequence in a stream (<see cref="KeyValueWriter"/>): its tokens and all its pages, the last partial one included. The stream may
/// hold more before and behind it.
/// </summary>
/// <param name="fingerprint">Of the model, 32 bytes.</param>
/// <param name="pages">The pool of pages.</param>
/// <param name="tree">Where pages come from, within the allowance.</param>
/// <param name="unfilled">Clears what is not of the sequence.</param>
sealed class SuspendedSequence(byte[] fingerprint, KeyValuePages pages, PrefixTree tree, UnfilledPositions unfilled)
{
    const int Positions = KeyValuePages.Positions;

    static readonly KeyValueSource s_source = new("The suspended sequence", "read the conversation again");

    /// <summary>Writes a sequence, which stays as it is.</summary>
    public async Task WriteAsync(KeyValueCache cache, ReadOnlyMemory<int> tokens, Stream stream, CancellationToken cancellationToken)
    {
        var count = (tokens.Length + Positions - 1) / Positions;
        foreach (var block in KeyValueWriter.Encode(Header(cache.Adapters, count, cache.Capacity), Stored(cache, tokens), unfilled))
        {
            await stream.WriteAsync(block, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads a sequence.</summary>
    /// <param name="stream">Where it was written.</param>
    /// <param name="adapters">The adapters that it must have been read with.</param>
    /// <param name="limits">What the model can hold.</param>
    /// <param name="cancellationToken">Checked between pages.</param>
    /// <returns>Its tokens, and a cache that holds them.</returns>
    /// <exception cref="Core.NoosException">It is damaged, or of another model, type or adapters; no page was kept.</exception>
    public async Task<(int[] Tokens, KeyValueCache Cache)> ReadAsync(
        Stream stream, AdapterSet? adapters, KeyValueLimits limits, CancellationToken cancellationToken)
    {
        using var reader = new KeyValueReader(s_source, Header(adapters, 0, 0), limits, pages, tree);
        try
        {
            for (reader.Start(); !reader.Wanted.IsEmpty; reader.Advance())
            {
                await stream.ReadExactlyAsync(reader.Wanted, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            reader.Discard();
            if (e is OperationCanceledException)
            {
                throw;
            }

            throw s_source.Explain(e);
        }

        int[] tokens = [.. reader.Pages.SelectMany(page => page.Tokens.ToArray())];
        var cache = new KeyValueCache(pages, tree, reader.Header!.Capacity, adapters);
        cache.Fill(tokens, [.. reader.Pages.Select(page => page.Page)]);
        return (tokens, cache);
    }

    static IEnumerable<StoredPage> Stored(KeyValueCache cache, ReadOnlyMemory<int> tokens)
    {
        for (var first = 0; first < tokens.Length; first += Positions)
        {
            var page = first / Positions;
            yield return new StoredPage(page - 1, tokens.Slice(first, Math.Min(Positions, tokens.Length - first)), Address(cache, page));
        }
    }

    static unsafe nint Address(KeyValueCache cache, int page) => (nint)cache.Table[page];

    KeyValueHeader Header(AdapterSet? adapters, int count, int capacity) => new(
        KeyValueContent.Sequence, fingerprint, AdapterSet.GetFingerprint(adapters), pages.Type, pages.PageBytes, count, capacity);
}
