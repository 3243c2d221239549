using Noos.Inference.Kernels.Attention.Formats;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// softmax(query . keys * scale) . values over paged keys and values: the seam between the forward pass and how pages are stored.
/// Positions are computed in ranges of fixed bounds, and ranges are merged in order. So it changes no bit of a query's result what else
/// is in its tile, how a tile's ranges are shared among threads, or which ranges and pages are skipped because nobody sees them.
/// </summary>
abstract unsafe class AttentionKernel
{
    /// <summary>Positions of a range.</summary>
    public const int RangeLength = 4 * KeyValuePages.Positions;

    public abstract KeyValueType Type { get; }

    /// <summary>Bytes of a head's keys and values in a page.</summary>
    public abstract int HeadBytes(int headLength);

    /// <summary>The kernel of a type.</summary>
    public static AttentionKernel Of(KeyValueType type) => type switch
    {
        KeyValueType.F32 => new PageAttention<F32Page>(),
        KeyValueType.F16 => new PageAttention<F16Page>(),
        KeyValueType.Q8 => new PageAttention<Q8Page>(),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such type of keys and values."),
    };

    /// <summary>The ranges that the queries of a tile see.</summary>
    public static (int Begin, int End) Ranges(in AttentionTile tile) => (tile.FirstSeen / RangeLength, (tile.LastPosition / RangeLength) + 1);

    /// <summary>Puts a position's key and value into a page.</summary>
    /// <param name="key">[headLength]</param>
    /// <param name="value">[headLength]</param>
    /// <param name="headLength">Width of a head.</param>
    /// <param name="head">Where the head begins in the page.</param>
    /// <param name="place">The position in the page.</param>
    public abstract void Store(float* key, float* value, int headLength, byte* head, int place);

    /// <summary>Computes all ranges of a tile.</summary>
    /// <param name="tile">What to compute.</param>
    /// <param name="output">Results, in the rows and at the distance of the tile's queries.</param>
    /// <param name="scratch">The calling thread's own.</param>
    public void Execute(in AttentionTile tile, float* output, AttentionScratch scratch)
    {
        var (padded, stride) = (scratch.Padded, scratch.Stride);
        new Span<float>(scratch.Sums, tile.Count * stride).Clear();
        for (var query = 0; query < tile.Count; query++)
        {
            scratch.Totals[query] = PartialSoftmax.Begin(tile.Sinks is null ? null : tile.Sinks + (query % tile.Heads));
        }

        Prepare(tile, scratch);
        var (begin, end) = Ranges(tile);
        for (var range = begin; range < end; range++)
        {
            ExecuteRange(tile, range, scratch);
            for (var query = 0; query < tile.Count; query++)
            {
                scratch.Totals[query].Add(scratch.Parts[query], scratch.PartSums + (query * stride), scratch.Sums + (query * stride), padded);
            }
        }

        for (var query = 0; query < tile.Count; query++)
        {
            var (token, head) = Math.DivRem(query, tile.Heads);
            Finish(
                scratch.Totals[query], scratch.Sums + (query * stride), output + (tile.Places[token].Row * tile.Stride) + (head * tile.HeadLength), tile.HeadLength);
        }
    }

    /// <summary>Computes one range of a tile; <see cref="AttentionScratch.Parts"/> and <see cref="AttentionScratch.PartSums"/> receive it.</summary>
    public void ExecutePart(in AttentionTile tile, int range, AttentionScratch scratch)
    {
        Prepare(tile, scratch);
        ExecuteRange(tile, range, scratch);
    }

    /// <summary>Makes a result of a sum over all ranges.</summary>
    public static void Finish(in PartialSoftmax total, float* sum, float* output, int headLength)
    {
        var share = 1 / total.Weight;
        for (var i = 0; i < headLength; i++)
        {
            output[i] = sum[i] * share;
        }
    }

    protected abstract void ExecuteRange(in AttentionTile tile, int range, AttentionScratch scratch);

    static void Prepare(in AttentionTile tile, AttentionScratch scratch)
    {
        for (var query = 0; query < tile.Count; query++)
        {
            var (token, head) = Math.DivRem(query, tile.Heads);
            new ReadOnlySpan<float>(tile.Queries + (tile.Places[token].Row * tile.Stride) + (head * tile.HeadLength), tile.HeadLength)
                .CopyTo(new Span<float>(scratch.QueryRows + (query * scratch.Stride), tile.HeadLength));
        }
    }
}
