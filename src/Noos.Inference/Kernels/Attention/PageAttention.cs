using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention;

/// <summary>Attention over pages of one format.</summary>
sealed unsafe class PageAttention<TFormat> : AttentionKernel
    where TFormat : struct, IPageFormat
{
    const int Positions = KeyValuePages.Positions;
    const int MostOfFew = 8;

    public override KeyValueType Type => TFormat.Type;

    public override int HeadBytes(int headLength) => TFormat.KeyBytes(headLength) + TFormat.ValueBytes(headLength);

    public override void Store(float* key, float* value, int headLength, byte* head, int place)
    {
        TFormat.StoreKey(key, headLength, head, place);
        TFormat.StoreValue(value, headLength, head + TFormat.KeyBytes(headLength), place);
    }

    protected override void ExecuteRange(in AttentionTile tile, int range, AttentionScratch scratch)
    {
        var start = range * RangeLength;
        var first = Math.Max(start, tile.FirstSeen) / Positions;
        var last = Math.Min(start + RangeLength - 1, tile.LastPosition);
        var pages = (last / Positions) + 1 - first;
        var keys = tile.Pages + first;
        var keyBytes = TFormat.KeyBytes(tile.HeadLength);
        var groupBytes = TFormat.ValueBytes(tile.HeadLength) / (scratch.Padded / Panel.Rows);
        var valueOffset = tile.HeadOffset + keyBytes;
        // The scores of the first page that is looked at.
        var scores = scratch.Scores + ((first * Positions) - start);
        for (var page = 0; page < pages; page++)
        {
            var next = page + 1 < pages ? keys[page + 1] + tile.HeadOffset : keys[0] + valueOffset;
            var widened = TFormat.WidenKeys(keys[page] + tile.HeadOffset, tile.HeadLength, scratch.Page);
            AttentionProduct.Multiply(
                widened, tile.HeadLength, scratch.QueryRows, scratch.Stride, tile.Count, scratch.Zeros, scores + (page * Positions), AttentionScratch.ScoreStride,
                new ColumnPrefetcher(next, keyBytes / tile.HeadLength));
        }

        for (var query = 0; query < tile.Count; query++)
        {
            var position = tile.Places[query / tile.Heads].Position;
            var begin = Math.Max(0, position - tile.Window + 1) - (first * Positions);
            var end = position + 1 - (first * Positions);
            scratch.Parts[query] = Exponentiate(scores + (query * AttentionScratch.ScoreStride), begin, end, pages * Positions, tile.Scale * PowerOfTwo.Log2E);
        }

        // For many queries one long product is faster than several short ones; for few the first-level cache must hold the floats.
        var together = tile.Count > MostOfFew ? pages : 1;
        var groupLength = together * Positions * Panel.Rows;
        for (var page = 0; page < pages; page += together)
        {
            for (var i = 0; i < together; i++)
            {
                TFormat.WidenValues(keys[page + i] + valueOffset, tile.HeadLength, scratch.Page + (i * Positions * Panel.Rows), groupLength);
            }

            var next = keys[Math.Min(page + together, pages - 1)] + valueOffset;
            // What is behind was perhaps never written.
            var written = Math.Min(together * Positions, last + 1 - ((first + page) * Positions));
            for (var group = 0; group < scratch.Padded / Panel.Rows; group++)
            {
                var sums = scratch.PartSums + (group * Panel.Rows);
                AttentionProduct.Multiply(
                    scratch.Page + (group * groupLength), written, scores + (page * Positions), AttentionScratch.ScoreStride, tile.Count, page == 0 ? scratch.Zeros : sums,
                    sums, scratch.Stride, new ColumnPrefetcher(next + (group * groupBytes), groupBytes / Positions));
            }
        }
    }

    /// <summary>Replaces each score by 2^(scale * (score - largest)); what is outside of begin .. end counts as hidden.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static PartialSoftmax Exponentiate(float* scores, int begin, int end, int count, float scale)
    {
        begin = Math.Clamp(begin, 0, count);
        end = Math.Clamp(end, begin, count);
        if (begin == end)
        {
            new Span<float>(scores, count).Clear();
            return default;
        }

        if (begin > 0 || end < count)
        {
            new Span<float>(scores, begin).Fill(PartialSoftmax.Hidden);
            new Span<float>(scores + end, count - end).Fill(PartialSoftmax.Hidden);
        }

        var maxima = Vector256.Create(PartialSoftmax.Hidden);
        for (var i = 0; i < count; i += 8)
        {
            maxima = Vector256.MaxNative(maxima, Vector256.Load(scores + i));
        }

        var quads = Vector128.MaxNative(maxima.GetLower(), maxima.GetUpper());
        var pair = Vector128.MaxNative(quads, Vector128.Shuffle(quads, Vector128.Create(2, 3, 0, 1)));
        var largest = scale * Vector128.MaxNative(pair, Vector128.Shuffle(pair, Vector128.Create(1, 0, 3, 2))).ToScalar();
        var lanes = Vector256<float>.Zero;
        for (var i = 0; i < count; i += 8)
        {
            var exponentials = PowerOfTwo.Of(Vector256.FusedMultiplyAdd(Vector256.Load(scores + i), Vector256.Create(scale), Vector256.Create(-largest)));
            exponentials.Store(scores + i);
            lanes += exponentials;
        }

        return new PartialSoftmax { Largest = largest, Weight = HorizontalSum.Of(lanes) };
    }
}
