using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Transformer;

namespace Noos.Inference.Kernels.Attention;

/// <summary>Attention over pages of one format.</summary>
sealed unsafe class PageAttention<TFormat> : AttentionKernel
    where TFormat : struct, IPageFormat
{
    const int Positions = KeyValuePages.Positions;

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
        var last = Math.Min(start + RangeLength - 1, tile.LastSeen);
        var pages = (last / Positions) + 1 - first;
        var keys = tile.Pages + first;
        var valueOffset = tile.HeadOffset + TFormat.KeyBytes(tile.HeadLength);
        // The scores of the first page that is looked at.
        var scores = scratch.Scores + ((first * Positions) - start);
        for (var page = 0; page < pages; page++)
        {
            for (var query = 0; query < tile.Count; query++)
            {
                new Span<float>(scores + (query * RangeLength) + (page * Positions), Positions).Clear();
            }

            var next = page + 1 < pages ? keys[page + 1] + tile.HeadOffset : keys[0] + valueOffset;
            var widened = TFormat.WidenKeys(keys[page] + tile.HeadOffset, tile.HeadLength, next, scratch.Page);
            AttentionProduct.Multiply(widened, tile.HeadLength, scratch.QueryRows, scratch.Padded, tile.Count, scores + (page * Positions), RangeLength);
        }

        for (var query = 0; query < tile.Count; query++)
        {
            var position = tile.Position + (query / tile.Heads);
            var begin = Math.Max(0, position - tile.Window + 1) - (first * Positions);
            var end = position + 1 - (first * Positions);
            scratch.Parts[query] = Exponentiate(scores + (query * RangeLength), begin, end, pages * Positions, tile.Scale * PowerOfTwo.Log2E);
        }

        new Span<float>(scratch.PartSums, scratch.Padded * tile.Count).Clear();
        for (var page = 0; page < pages; page++)
        {
            var next = keys[Math.Min(page + 1, pages - 1)] + valueOffset;
            var widened = TFormat.WidenValues(keys[page] + valueOffset, tile.HeadLength, next, scratch.Page);
            // What is behind was perhaps never written.
            var written = Math.Min(Positions, last + 1 - ((first + page) * Positions));
            for (var element = 0; element < scratch.Padded; element += Positions)
            {
                AttentionProduct.Multiply(
                    widened + (element * Positions), written, scores + (page * Positions), RangeLength, tile.Count, scratch.PartSums + element, scratch.Padded);
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

        new Span<float>(scores, begin).Fill(PartialSoftmax.Hidden);
        new Span<float>(scores + end, count - end).Fill(PartialSoftmax.Hidden);
        var maxima = Vector256.Create(PartialSoftmax.Hidden);
        for (var i = 0; i < count; i += 8)
        {
            maxima = Vector256.MaxNative(maxima, Vector256.Load(scores + i));
        }

        var quads = Vector128.MaxNative(maxima.GetLower(), maxima.GetUpper());
        var largest = scale * MathF.Max(MathF.Max(quads.GetElement(0), quads.GetElement(1)), MathF.Max(quads.GetElement(2), quads.GetElement(3)));
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
