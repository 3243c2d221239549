using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Inference.PrefixCache;

namespace Noos.Inference.Tests.Kernels.Attention;

public sealed unsafe class AttentionTests
{
    const int Capacity = 512;

    public static TheoryData<KeyValueType, int, int, int, int, int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<KeyValueType, int, int, int, int, int, bool>();
            foreach (var type in Enum.GetValues<KeyValueType>())
            {
                // Width, position, tokens, heads, window, sinks.
                cases.Add(type, 64, 0, 1, 1, int.MaxValue, false);
                cases.Add(type, 64, 37, 5, 3, int.MaxValue, false);
                cases.Add(type, 18, 95, 3, 2, int.MaxValue, true);
                cases.Add(type, 96, 270, 24, 2, 33, false);
                cases.Add(type, 32, 380, 11, 4, 150, true);
                cases.Add(type, 128, 500, 1, 8, int.MaxValue, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Attention_agrees_with_its_definition_and_neither_tiles_nor_parts_change_a_bit(
        KeyValueType type, int length, int position, int tokens, int heads, int window, bool hasSinks)
    {
        var kernel = AttentionKernel.For(type);
        using var pages = new KeyValuePages(type, blocks: 2, heads: 2, kernel.HeadBytes(length));
        using var cache = new KeyValueCache(pages, new PrefixTree(pages, 0), Capacity);
        using var scratch = new AttentionScratch(length);
        var count = position + tokens;
        cache.Reserve(0, count);
        var (keys, values, queries) = (Random(length * count, 1), Random(length * count, 2), Random(length * tokens * heads, 3));
        fixed (float* k = keys, v = values)
        {
            for (var place = 0; place < count; place++)
            {
                kernel.Store(k + (place * length), v + (place * length), length, cache.Table[place / 32]
                    + pages.HeadOffset(1, 1), place % 32);
            }
        }

        var sinks = Random(heads, 4);
        var places = Enumerable.Range(0, tokens).Select(token => new QueryToken(token, position + token)).ToArray();
        var together = new float[queries.Length];
        var alone = new float[queries.Length];
        var merged = new float[queries.Length];
        fixed (float* q = queries, s = sinks, a = together, b = alone, c = merged)
        fixed (QueryToken* at = places)
        {
            kernel.Execute(Tile(q, s, at, tokens, 0, heads), a, scratch);
            for (var token = 0; token < tokens; token++)
            {
                for (var head = 0; head < heads; head++)
                {
                    var tile = Tile(q, s, at + token, 1, head, 1);
                    kernel.Execute(tile, b + (head * length), scratch);
                    Merge(tile, c + (((token * heads) + head) * length));
                }
            }
        }

        Assert.Equal(together, alone);
        Assert.Equal(together, merged);
        var tolerance = type switch { KeyValueType.F32 => 1e-5, KeyValueType.F16 => 2e-3, _ => 3e-2 };
        var expected = Expected();
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], together[i], tolerance);
        }

        AttentionTile Tile(float* q, float* s, QueryToken* at, int tokenCount, int firstHead, int headCount) => new()
        {
            Queries = q + (firstHead * length),
            Stride = heads * length,
            QueryTokens = at,
            Tokens = tokenCount,
            Heads = headCount,
            HeadLength = length,
            Scale = 0.125f,
            FirstPosition = at->Position,
            LastPosition = at->Position + tokenCount - 1,
            Window = window,
            Pages = cache.Table,
            HeadOffset = pages.HeadOffset(1, 1),
            Sinks = hasSinks ? s + firstHead : null,
        };

        void Merge(AttentionTile tile, float* output)
        {
            var total = PartialSoftmax.Start(tile.Sinks);
            var sum = stackalloc float[scratch.Padded];
            new Span<float>(sum, scratch.Padded).Clear();
            var (begin, end) = AttentionKernel.Ranges(tile);
            for (var range = begin; range < end; range++)
            {
                kernel.ExecutePart(tile, range, scratch);
                total.Merge(scratch.Parts[0], scratch.PartSums, sum, scratch.Padded);
            }

            AttentionKernel.Finish(total, sum, output, length);
        }

        double[] Expected()
        {
            var result = new double[queries.Length];
            for (var query = 0; query < tokens * heads; query++)
            {
                var last = position + (query / heads);
                var total = hasSinks ? Math.Exp(sinks[query % heads]) : 0;
                for (var place = Math.Max(0, last - window + 1); place <= last; place++)
                {
                    var share = Math.Exp(0.125 * Enumerable.Range(0, length)
                        .Sum(i => (double)queries[(query * length) + i] * keys[(place * length) + i]));
                    total += share;
                    for (var i = 0; i < length; i++)
                    {
                        result[(query * length) + i] += share * values[(place * length) + i];
                    }
                }

                for (var i = 0; i < length; i++)
                {
                    result[(query * length) + i] /= total;
                }
            }

            return result;
        }
    }

    static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 4) - 2))];
    }
}
