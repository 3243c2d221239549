using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Inference.PrefixCache;

namespace Noos.Bench;

/// <summary>
/// One core, attention alone: what a position costs one token after a long text, and how near a prompt comes to as many products a
/// second as the core can do at all.
/// </summary>
static unsafe class AttentionSpeed
{
    const int Blocks = 30;
    const int Rounds = 25;

    // Heads, heads for keys and values, width.
    static readonly (string Name, int Heads, int KeyHeads, int Length)[] s_shapes =
        [("smollm2-135m", 9, 3, 64), ("qwen3-0.6b", 16, 8, 128), ("llama-3.2-1b", 32, 8, 64), ("12 heads alone", 12, 12, 64)];

    public static void Run(string[] names)
    {
        var peak = Peak();
        Console.WriteLine($"The core can do {peak / 1e9:F0} GMAC/s.");
        Console.WriteLine(
            "| heads | type | one token at 512, us a position | at 1024 "
            + "| its bytes, GB/s | prompt at 0, GMAC/s | at 512 | of the core's |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var shape in s_shapes.Where(shape => names.Length == 0 || names.Contains(shape.Name)))
        {
            foreach (var type in Enum.GetValues<KeyValueType>())
            {
                using var bench = new Bench(shape.Heads, shape.KeyHeads, shape.Length, type);
                var (half, whole) = (bench.Measure(512, 1, Blocks), bench.Measure(1024, 1, Blocks));
                var (first, later) = (bench.Measure(0, 256, 1), bench.Measure(512, 256, 1));
                // A block's products of queries with keys and of shares with values.
                double Products(int position, int tokens) => 2.0 * shape.Heads * shape.Length * tokens * (position + ((tokens + 1) / 2.0));
                Console.WriteLine(
                    $"| {shape.Name} | {type} | {half / 512 * 1e6:F2} | {whole / 1024 * 1e6:F2} | "
                    + $"{bench.PositionBytes * 1024 / whole / 1e9:F1} "
                    + $"| {Products(0, 256) / first / 1e9:F1} | {Products(512, 256) / later / 1e9:F1} | "
                    + $"{Products(512, 256) / later / peak:P0} |");
            }
        }
    }

    /// <summary>Products a second of twelve independent chains of fused multiply-adds.</summary>
    static double Peak()
    {
        var best = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            Chains(1_000_000);
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }

        return 1_000_000 * 12.0 * Vector256<float>.Count / best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static float Chains(int count)
    {
        var factor = Vector256.Create(0.5f);
        Vector256<float> a = factor, b = factor, c = factor, d = factor, e = factor, f = factor, g = factor, h = factor, i = factor,
            j = factor, k = factor, l = factor;
        for (var round = 0; round < count; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, factor, factor);
            b = Vector256.FusedMultiplyAdd(b, factor, factor);
            c = Vector256.FusedMultiplyAdd(c, factor, factor);
            d = Vector256.FusedMultiplyAdd(d, factor, factor);
            e = Vector256.FusedMultiplyAdd(e, factor, factor);
            f = Vector256.FusedMultiplyAdd(f, factor, factor);
            g = Vector256.FusedMultiplyAdd(g, factor, factor);
            h = Vector256.FusedMultiplyAdd(h, factor, factor);
            i = Vector256.FusedMultiplyAdd(i, factor, factor);
            j = Vector256.FusedMultiplyAdd(j, factor, factor);
            k = Vector256.FusedMultiplyAdd(k, factor, factor);
            l = Vector256.FusedMultiplyAdd(l, factor, factor);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    sealed class Bench : IDisposable
    {
        const int Capacity = 2048;

        readonly int _heads;
        readonly int _keyHeads;
        readonly int _length;
        readonly AttentionKernel _kernel;
        readonly KeyValuePages _pages;
        readonly KeyValueCache _cache;
        readonly AttentionScratch _scratch;

        public Bench(int heads, int keyHeads, int length, KeyValueType type)
        {
            (_heads, _keyHeads, _length) = (heads, keyHeads, length);
            _kernel = AttentionKernel.For(type);
            _pages = new KeyValuePages(type, Blocks, keyHeads, _kernel.HeadBytes(length));
            _cache = new KeyValueCache(_pages, new PrefixTree(_pages, 0), Capacity);
            _scratch = new AttentionScratch(length);
            _cache.Reserve(0, Capacity);
            var values = Enumerable.Range(0, length).Select(i => MathF.Sin(i)).ToArray();
            fixed (float* row = values)
            {
                for (var position = 0; position < Capacity; position++)
                {
                    for (var head = 0; head < keyHeads * Blocks; head++)
                    {
                        _kernel.Store(
                            row, row, length, _cache.Table[position / KeyValuePages.Positions] + _pages.HeadOffset(0, head),
                            position % KeyValuePages.Positions);
                    }
                }
            }
        }

        public double PositionBytes => (double)_pages.PageBytes / KeyValuePages.Positions;

        /// <summary>Seconds for tokens from a position on, in some blocks.</summary>
        public double Measure(int position, int tokens, int blocks)
        {
            var stride = _heads * _length;
            var queries = new float[tokens * stride];
            Array.Fill(queries, 0.1f);
            var output = new float[queries.Length];
            var times = new List<double>();
            fixed (float* input = queries, results = output)
            {
                for (var round = 0; round < Rounds * Blocks / blocks; round++)
                {
                    var watch = Stopwatch.StartNew();
                    for (var block = 0; block < blocks; block++)
                    {
                        Attend(block, position, tokens, input, results);
                    }

                    times.Add(watch.Elapsed.TotalSeconds);
                }
            }

            return times.Min();
        }

        public void Dispose()
        {
            _cache.Dispose();
            _pages.Dispose();
            _scratch.Dispose();
        }

        void Attend(int block, int position, int tokens, float* queries, float* output)
        {
            var shared = _heads / _keyHeads;
            var most = AttentionTile.MaxQueries / shared;
            var places = stackalloc QueryToken[tokens];
            for (var token = 0; token < tokens; token++)
            {
                places[token] = new QueryToken(token, position + token);
            }

            for (var token = 0; token < tokens; token += most)
            {
                for (var head = 0; head < _keyHeads; head++)
                {
                    var offset = head * shared * _length;
                    var count = Math.Min(most, tokens - token);
                    var tile = new AttentionTile
                    {
                        Queries = queries + offset,
                        Stride = _heads * _length,
                        QueryTokens = places + token,
                        Tokens = count,
                        Heads = shared,
                        HeadLength = _length,
                        Scale = 0.125f,
                        FirstPosition = position + token,
                        LastPosition = position + token + count - 1,
                        Window = int.MaxValue,
                        Pages = _cache.Table,
                        HeadOffset = _pages.HeadOffset(block, head),
                    };
                    _kernel.Execute(tile, output + offset, _scratch);
                }
            }
        }
    }
}
