using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Transformer;

namespace Noos.Inference.Tests;

public sealed unsafe class KernelTests
{
    [Fact]
    public void Every_half_precision_number_is_converted_exactly()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            if (float.IsFinite(expected))
            {
                Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(HalfPrecision.ToSingle((ushort)bits)));
            }
        }
    }

    [Fact]
    public void Quantized_activations_equal_the_scalar_reference()
    {
        var random = new Random(7);
        var source = new float[320];
        for (var i = 0; i < source.Length; i++)
        {
            source[i] = i / 32 == 3 ? 0 : (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20)));
        }

        var (quants, expectedQuants) = (new sbyte[320], new sbyte[320]);
        var (words, expectedWords) = (new short[320], new short[320]);
        var (factors, expectedFactors) = (new BlockFactors[10], new BlockFactors[10]);
        fixed (float* values = source)
        fixed (sbyte* a = quants, b = expectedQuants)
        fixed (short* c = words, d = expectedWords)
        fixed (BlockFactors* e = factors, f = expectedFactors)
        {
            ActivationQuantizer.Execute(values, 10, a, c, e);
            ActivationQuantizer.ExecuteScalar(values, 10, b, d, f);
        }

        Assert.Equal(expectedWords, words);
        Assert.Equal(expectedQuants, quants);
        Assert.Equal(expectedFactors, factors);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(22)]
    [InlineData(6)]
    public void Vector_kernels_agree_with_their_scalar_references(int length)
    {
        var (a, b, c) = (Random(length, 1), Random(length, 2), Random(length, 3));
        var (expected, actual) = (new float[length], new float[length]);
        fixed (float* x = a, y = b, z = c, e = expected, f = actual)
        {
            RmsNorm.Execute(x, y, f, length, 1e-6f);
            RmsNorm.ExecuteScalar(x, y, e, length, 1e-6f);
            AssertClose(expected, actual);

            foreach (var activation in Enum.GetValues<Activation>())
            {
                a.CopyTo(expected, 0);
                a.CopyTo(actual, 0);
                FeedForwardActivation.Execute(activation, f, y, length);
                FeedForwardActivation.ExecuteScalar(activation, e, y, length);
                AssertClose(expected, actual);
            }

            a.CopyTo(expected, 0);
            a.CopyTo(actual, 0);
            var (frequencies, magnitude) = new RotaryConfig { FrequencyBase = 10_000, Length = length }.Frequencies([]);
            RotaryEmbedding.Turn(11, frequencies, magnitude, z);
            RotaryEmbedding.Execute(f, length / 2, z);
            RotaryEmbedding.ExecuteScalar(e, length / 2, z);
            AssertClose(expected, actual);
        }
    }

    [Theory]
    [InlineData(64, 0, 1, int.MaxValue, false)]
    [InlineData(64, 37, 4, int.MaxValue, false)]
    [InlineData(18, 95, 3, int.MaxValue, true)]
    [InlineData(96, 70, 4, 33, false)]
    [InlineData(32, 130, 4, 40, true)]
    public void Attention_agrees_with_its_definition_and_tiles_change_no_bit(int length, int position, int tokens, int window, bool hasSink)
    {
        var config = new DecoderConfig
        {
            Architecture = "test",
            VocabularySize = 1,
            ContextLength = 256,
            EmbeddingLength = 1,
            BlockCount = 1,
            FeedForwardLength = 1,
            HeadCount = 1,
            KeyValueHeadCount = 1,
            HeadLength = length,
            NormEpsilon = 0,
            AttentionScale = 1,
        };
        using var pages = new KeyValuePages(config);
        using var cache = new KeyValueCache(pages, new PrefixTree(pages, 0), 256);
        var count = position + tokens;
        cache.Reserve(0, count);
        var (keys, values, queries) = (Random(length * count, 1), Random(length * count, 2), Random(length * tokens, 3));
        for (var place = 0; place < count; place++)
        {
            for (var i = 0; i < length; i++)
            {
                var page = cache.Table[place / KeyValuePages.Positions];
                page[pages.KeyOffset(0, 0) + (i * KeyValuePages.Positions) + (place % 32)] = keys[(place * length) + i];
                page[pages.ValueOffset(0, 0) + (i / 32 * 32 * 32) + (place % 32 * 32) + (i % 32)] = values[(place * length) + i];
            }
        }

        var together = new float[length * tokens];
        var alone = new float[length * tokens];
        float[] sink = [0.7f];
        Execute(0, tokens, together);
        for (var token = 0; token < tokens; token++)
        {
            Execute(token, 1, alone);
        }

        Assert.Equal(together, alone);
        for (var token = 0; token < tokens; token++)
        {
            AssertClose(Expected(token), together.AsSpan(token * length, length).ToArray());
        }

        void Execute(int first, int number, float[] output)
        {
            var (scores, sums) = (new float[4 * 256], new float[8 * KeyValuePages.PaddedLength(length)]);
            fixed (float* q = queries, o = output, s = scores, t = sums, n = sink)
            {
                var tile = new AttentionTile
                {
                    Queries = q + (first * length),
                    Output = o + (first * length),
                    Stride = length,
                    Count = number,
                    Position = position + first,
                    PositionStep = 1,
                    Window = window,
                    Pages = cache.Table,
                    KeyOffset = pages.KeyOffset(0, 0),
                    ValueOffset = pages.ValueOffset(0, 0),
                    Sinks = hasSink ? n : null,
                };
                Attention.Execute(tile, length, 0.125f, s, 256, t);
            }
        }

        float[] Expected(int token)
        {
            var last = position + token;
            var result = new double[length];
            var total = hasSink ? Math.Exp(sink[0]) : 0;
            for (var place = Math.Max(0, last - window + 1); place <= last; place++)
            {
                var share = Math.Exp(0.125 * Enumerable.Range(0, length).Sum(i => (double)queries[(token * length) + i] * keys[(place * length) + i]));
                total += share;
                for (var i = 0; i < length; i++)
                {
                    result[i] += share * values[(place * length) + i];
                }
            }

            return [.. result.Select(value => (float)(value / total))];
        }
    }

    static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray();
    }

    static void AssertClose(float[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5);
        }
    }
}
