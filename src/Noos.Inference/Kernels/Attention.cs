using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Transformer;

namespace Noos.Inference.Kernels;

/// <summary>
/// softmax(query . keys * scale) . values over paged keys and values. Scores outside a query's window count as zero shares, so neither
/// the tile nor the page where it begins changes a bit of a result.
/// </summary>
static unsafe class Attention
{
    /// <summary>Most queries of a tile.</summary>
    public const int MostQueries = 4;

    // exp of this, whatever the largest score, is zero.
    const float Hidden = -1e30f;

    /// <param name="tile">What to compute.</param>
    /// <param name="headLength">Width of a head.</param>
    /// <param name="scale">What scores are multiplied with.</param>
    /// <param name="scores">[4, <paramref name="scoreStride"/>] scratch.</param>
    /// <param name="scoreStride">At least as many as positions, in whole pages.</param>
    /// <param name="sums">[8, padded head length] scratch.</param>
    public static void Execute(in AttentionTile tile, int headLength, float scale, float* scores, int scoreStride, float* sums)
    {
        const int Page = KeyValuePages.Positions;
        var padded = KeyValuePages.PaddedLength(headLength);
        // Two or three queries cost less as four, the others being zero.
        var count = tile.Count == 1 ? 1 : MostQueries;
        var queries = sums + (MostQueries * padded);
        for (var query = 0; query < count; query++)
        {
            var row = new Span<float>(queries + (query * padded), headLength);
            row.Clear();
            if (query < tile.Count)
            {
                new ReadOnlySpan<float>(tile.Queries + (query * tile.Stride), headLength).CopyTo(row);
            }
        }

        var last = tile.Position + ((tile.Count - 1) * tile.PositionStep);
        var firstPage = Math.Max(0, tile.Position - tile.Window + 1) / Page;
        var pages = (last / Page) + 1 - firstPage;
        for (var page = 0; page < pages; page++)
        {
            for (var query = 0; query < count; query++)
            {
                new Span<float>(scores + ((long)query * scoreStride) + (page * Page), Page).Clear();
            }

            var keys = tile.Pages[firstPage + page] + tile.KeyOffset;
            Multiply(keys, headLength, queries, padded, count, scores + (page * Page), scoreStride);
        }

        var shares = stackalloc float[MostQueries];
        for (var query = 0; query < tile.Count; query++)
        {
            var position = tile.Position + (query * tile.PositionStep);
            var begin = Math.Max(0, position - tile.Window + 1) - (firstPage * Page);
            var end = position + 1 - (firstPage * Page);
            var row = scores + ((long)query * scoreStride);
            new Span<float>(row, begin).Fill(Hidden);
            new Span<float>(row + end, (pages * Page) - end).Fill(Hidden);
            shares[query] = 1 / Exponentiate(row, pages * Page, scale, tile.Sinks is null ? null : tile.Sinks + (query * tile.SinkStep));
        }

        new Span<float>(sums, padded * count).Clear();
        for (var element = 0; element < padded; element += Panel.Rows)
        {
            for (var page = 0; page < pages; page++)
            {
                var values = tile.Pages[firstPage + page] + tile.ValueOffset + (element * Page);
                var positions = Math.Min(Page, last + 1 - ((firstPage + page) * Page));
                Multiply(values, positions, scores + (page * Page), scoreStride, count, sums + element, padded);
            }
        }

        for (var query = 0; query < tile.Count; query++)
        {
            Scale(sums + (query * padded), shares[query], headLength, tile.Output + (query * tile.Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Multiply(float* weights, int columns, float* input, nint inputStride, int count, float* output, nint outputStride)
    {
        if (count == MostQueries)
        {
            FloatProduct.Tile16x4(weights, columns, input, inputStride, output, outputStride);
            FloatProduct.Tile16x4(weights + 16, columns, input, inputStride, output + 16, outputStride);
            return;
        }

        FloatProduct.Tile32x1<F32Format>((byte*)weights, columns, input, output);
    }

    /// <summary>Replaces each score by exp(scale * (score - largest)) and returns their sum, the sink's included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Exponentiate(float* scores, int count, float scale, float* sink)
    {
        var maxima = Vector256.Create(Hidden);
        for (var i = 0; i < count; i += 8)
        {
            maxima = Vector256.Max(maxima, Vector256.Load(scores + i));
        }

        var largest = Hidden;
        for (var i = 0; i < 8; i++)
        {
            largest = MathF.Max(largest, maxima.GetElement(i));
        }

        largest *= scale;
        largest = sink is null ? largest : MathF.Max(largest, *sink);
        var offset = Vector256.Create(-largest);
        var lanes = Vector256<float>.Zero;
        for (var i = 0; i < count; i += 8)
        {
            var exponentials = Vector256.Exp(Vector256.FusedMultiplyAdd(Vector256.Load(scores + i), Vector256.Create(scale), offset));
            exponentials.Store(scores + i);
            lanes += exponentials;
        }

        return HorizontalSum.Of(lanes) + (sink is null ? 0 : MathF.Exp(*sink - largest));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Scale(float* source, float factor, int length, float* destination)
    {
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            (Vector256.Load(source + i) * factor).Store(destination + i);
        }

        for (; i < length; i++)
        {
            destination[i] = source[i] * factor;
        }
    }
}
