using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention;

/// <summary>Attention over pages of one storage type.</summary>
sealed unsafe class PageAttention<TFormat> : AttentionKernel
    where TFormat : struct, IPageFormat
{
    const int Positions = KeyValuePages.Positions;
    const int MaxQueriesPerShortProduct = 8;

    public override KeyValueType Type => TFormat.Type;

    public override int HeadBytes(int headLength) => TFormat.KeyBytes(headLength) + TFormat.ValueBytes(headLength);

    public override void Store(float* key, float* value, int headLength, byte* head, int slot)
    {
        TFormat.StoreKey(key, headLength, head, slot);
        TFormat.StoreValue(value, headLength, head + TFormat.KeyBytes(headLength), slot);
    }

    public override void Load(byte* head, int headLength, int slot, float* key, float* value)
    {
        TFormat.LoadKey(head, headLength, slot, key);
        TFormat.LoadValue(head + TFormat.KeyBytes(headLength), headLength, slot, value);
    }

    protected override void ExecuteRange(in AttentionTile tile, int range, AttentionScratch scratch)
    {
        var start = range * RangeLength;
        var first = Math.Max(start, tile.FirstSeen) / Positions;
        var last = Math.Min(start + RangeLength - 1, tile.LastPosition);
        var pages = (last / Positions) + 1 - first;
        // Pages before the sliding window and behind the last query are not even looked up.
        var keys = tile.Pages + first;
        var keyBytes = TFormat.KeyBytes(tile.HeadLength);
        var groupBytes = TFormat.ValueBytes(tile.HeadLength) / (scratch.Padded / Panel.Rows);
        var valueOffset = tile.HeadOffset + keyBytes;
        // Scores stand at their positions in the range; this is the column of the first page that is seen.
        var scores = scratch.Scores + ((first * Positions) - start);
        for (var page = 0; page < pages; page++)
        {
            // The next page's keys; behind the last page the first page's values, which are read after the softmax.
            var next = page + 1 < pages ? keys[page + 1] + tile.HeadOffset : keys[0] + valueOffset;
            // Once per page for all queries of the tile.
            var widened = TFormat.WidenKeys(keys[page] + tile.HeadOffset, tile.HeadLength, scratch.Page);
            AttentionGemm.Multiply(
                widened, tile.HeadLength, scratch.QueryRows, scratch.Stride, tile.Count, scratch.Zeros,
                scores + (page * Positions), AttentionScratch.ScoreStride,
                new ColumnPrefetcher(next, keyBytes / tile.HeadLength));
        }

        for (var query = 0; query < tile.Count; query++)
        {
            var position = tile.QueryTokens[query / tile.Heads].Position;
            // Relative to the first page; positions before the window and after the query itself are masked.
            var begin = Math.Max(0, position - tile.Window + 1) - (first * Positions);
            var end = position + 1 - (first * Positions);
            var row = scores + (query * AttentionScratch.ScoreStride);
            // Capped scores are scaled already.
            SoftCap.Execute(row, tile.Scale, tile.Softcap, pages * Positions);
            scratch.Parts[query] = Exponentiate(
                row, begin, end, pages * Positions, (tile.Softcap > 0 ? 1 : tile.Scale) * Exp2.Log2E);
        }

        // For many queries one long product loads and stores the sums once; for few the widened floats of one page must stay in the L1
        // cache. Both go through the positions in order with one chain of multiply-adds per element, so they give the same bits.
        var together = tile.Count > MaxQueriesPerShortProduct ? pages : 1;
        var groupLength = together * Positions * Panel.Rows;
        for (var page = 0; page < pages; page += together)
        {
            for (var i = 0; i < together; i++)
            {
                TFormat.WidenValues(
                    keys[page + i] + valueOffset, tile.HeadLength, scratch.Page + (i * Positions * Panel.Rows), groupLength);
            }

            var next = keys[Math.Min(page + together, pages - 1)] + valueOffset;
            // Slots behind the last position may never have been written, and 0 * NaN would be NaN. (Keys there are harmless: their scores
            // are overwritten with the masked score.)
            var written = Math.Min(together * Positions, last + 1 - ((first + page) * Positions));
            for (var group = 0; group < scratch.Padded / Panel.Rows; group++)
            {
                // The first page starts from zeros, the others continue the chain of multiply-adds.
                var sums = scratch.PartSums + (group * Panel.Rows);
                AttentionGemm.Multiply(
                    scratch.Page + (group * groupLength), written,
                    scores + (page * Positions), AttentionScratch.ScoreStride, tile.Count, page == 0 ? scratch.Zeros : sums,
                    sums, scratch.Stride, new ColumnPrefetcher(next + (group * groupBytes), groupBytes / Positions));
            }
        }
    }

    /// <summary>
    /// Softmax without normalization: replaces each score by 2^(scale * (score - max)), and by 0 outside of begin .. end (causal mask and
    /// sliding window).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static PartialSoftmax Exponentiate(float* scores, int begin, int end, int count, float scale)
    {
        // A token may lie before or behind the range entirely.
        begin = Math.Clamp(begin, 0, count);
        end = Math.Clamp(end, begin, count);
        if (begin == end)
        {
            new Span<float>(scores, count).Clear();
            return default;
        }

        if (begin > 0 || end < count)
        {
            // Masked rather than skipped, so that sums always run over the same lanes.
            new Span<float>(scores, begin).Fill(PartialSoftmax.MaskedScore);
            new Span<float>(scores + end, count - end).Fill(PartialSoftmax.MaskedScore);
        }

        // count is a multiple of 32, so whole registers suffice. MaxNative is one instruction, as it leaves NaN undefined.
        var maxima = Vector256.Create(PartialSoftmax.MaskedScore);
        for (var i = 0; i < count; i += 8)
        {
            maxima = Vector256.MaxNative(maxima, Vector256.Load(scores + i));
        }

        // Tree of maxima: 8, 4, 2, 1 lanes.
        var quads = Vector128.MaxNative(maxima.GetLower(), maxima.GetUpper());
        var pair = Vector128.MaxNative(quads, Vector128.Shuffle(quads, Vector128.Create(2, 3, 0, 1)));
        // The largest score is scaled after the search: scale is positive, so the order is the same.
        var max = scale * Vector128.MaxNative(pair, Vector128.Shuffle(pair, Vector128.Create(1, 0, 3, 2))).ToScalar();
        var sums = Vector256<float>.Zero;
        for (var i = 0; i < count; i += 8)
        {
            // A fused multiply-add: score * scale - max rounds once. The scale contains log2(e), so a power of two suffices.
            var exponentials = Exp2.Approximate(
                Vector256.FusedMultiplyAdd(Vector256.Load(scores + i), Vector256.Create(scale), Vector256.Create(-max)));
            exponentials.Store(scores + i);
            sums += exponentials;
        }

        return new PartialSoftmax { Max = max, Denominator = HorizontalSum.Reduce(sums) };
    }
}
