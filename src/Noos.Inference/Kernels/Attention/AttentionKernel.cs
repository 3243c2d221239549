using Noos.Inference.Kernels.Attention.Formats;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// softmax(query . keys * scale) . values over a paged KV cache (PagedAttention), with online softmax (FlashAttention): the seam between
/// the forward pass and how pages are stored. Positions are computed in ranges of fixed bounds, and ranges are merged in order. So no bit
/// of a query's result depends on what else is in its tile, how ranges are shared among threads (Flash-Decoding), or which ranges and pages
/// are skipped because no query sees them. Stateless: threads may share it, each with a scratch of its own.
/// </summary>
abstract unsafe class AttentionKernel
{
    /// <summary>Positions of a range: a split of Flash-Decoding. Fixed, since other bounds would round differently.</summary>
    public const int RangeLength = 4 * KeyValuePages.Positions;

    public abstract KeyValueType Type { get; }

    /// <summary>Bytes of one head's keys and values in a page.</summary>
    public abstract int HeadBytes(int headLength);

    /// <summary>The kernel of a storage type of the KV cache.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such type.</exception>
    public static AttentionKernel For(KeyValueType type) => type switch
    {
        KeyValueType.F32 => new PageAttention<F32Page>(),
        KeyValueType.F16 => new PageAttention<F16Page>(),
        KeyValueType.Q8 => new PageAttention<Q8Page>(),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such type of keys and values."),
    };

    /// <summary>Begin and end of the ranges that any query of a tile sees.</summary>
    public static (int Begin, int End) Ranges(in AttentionTile tile) =>
        (tile.FirstSeen / RangeLength, (tile.LastPosition / RangeLength) + 1);

    /// <summary>Stores a position's key and value in a page.</summary>
    /// <param name="key">[headLength]</param>
    /// <param name="value">[headLength]</param>
    /// <param name="headLength">Width of a head.</param>
    /// <param name="head">Start of the head in the page.</param>
    /// <param name="slot">Index of the position in the page, 0 .. 31.</param>
    public abstract void Store(float* key, float* value, int headLength, byte* head, int slot);

    /// <summary>Loads a position's key and value from a page; parameters as of <see cref="Store"/>.</summary>
    public abstract void Load(byte* head, int headLength, int slot, float* key, float* value);

    /// <summary>Attention of a tile over all ranges that it sees.</summary>
    /// <param name="tile">What to compute.</param>
    /// <param name="output">Results, with rows and stride of the tile's queries.</param>
    /// <param name="scratch">Owned by the calling thread.</param>
    public void Execute(in AttentionTile tile, float* output, AttentionScratch scratch)
    {
        var (padded, stride) = (scratch.Padded, scratch.Stride);
        new Span<float>(scratch.Sums, tile.Count * stride).Clear();
        for (var query = 0; query < tile.Count; query++)
        {
            // Queries are token-major, so the remainder is the head.
            scratch.Totals[query] = PartialSoftmax.Start(tile.Sinks is null ? null : tile.Sinks + (query % tile.Heads));
        }

        Prepare(tile, scratch);
        var (begin, end) = Ranges(tile);
        // In order of positions: merging is not associative in floats.
        for (var range = begin; range < end; range++)
        {
            ExecuteRange(tile, range, scratch);
            for (var query = 0; query < tile.Count; query++)
            {
                // Sums of values are rescaled with the running maximum, so no range has to be read twice.
                scratch.Totals[query].Merge(
                    scratch.Parts[query], scratch.PartSums + (query * stride), scratch.Sums + (query * stride), padded);
            }
        }

        for (var query = 0; query < tile.Count; query++)
        {
            var (token, head) = Math.DivRem(query, tile.Heads);
            Finish(
                scratch.Totals[query],
                scratch.Sums + (query * stride),
                output + (tile.QueryTokens[token].Row * tile.Stride) + (head * tile.HeadLength),
                tile.HeadLength);
        }
    }

    /// <summary>
    /// Attention of a tile over one range, unnormalized; <see cref="AttentionScratch.Parts"/> and <see cref="AttentionScratch.PartSums"/>
    /// receive it.
    /// </summary>
    public void ExecutePart(in AttentionTile tile, int range, AttentionScratch scratch)
    {
        Prepare(tile, scratch);
        ExecuteRange(tile, range, scratch);
    }

    /// <summary>Normalizes a sum over all ranges: output = sum / denominator.</summary>
    public static void Finish(in PartialSoftmax total, float* sum, float* output, int headLength)
    {
        // One division per head instead of one per element.
        var share = 1 / total.Denominator;
        for (var i = 0; i < headLength; i++)
        {
            output[i] = sum[i] * share;
        }
    }

    protected abstract void ExecuteRange(in AttentionTile tile, int range, AttentionScratch scratch);

    /// <summary>Copies the queries to rows of the scratch, one per token and head, so that products see a dense matrix.</summary>
    static void Prepare(in AttentionTile tile, AttentionScratch scratch)
    {
        for (var query = 0; query < tile.Count; query++)
        {
            var (token, head) = Math.DivRem(query, tile.Heads);
            new ReadOnlySpan<float>(tile.Queries + (tile.QueryTokens[token].Row * tile.Stride) + (head * tile.HeadLength), tile.HeadLength)
                .CopyTo(new Span<float>(scratch.QueryRows + (query * scratch.Stride), tile.HeadLength));
        }
    }
}
