using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Inference.PrefixCache;
using Noos.Inference.Threading;
using Noos.Inference.Transformer;
using Noos.Language.Architectures;

namespace Noos.Inference.Tests.Transformer;

public sealed unsafe class AttentionPhaseTests : IDisposable
{
    const int Capacity = 512;
    const int Common = 290;

    static readonly DecoderConfig s_config = new()
    {
        Architecture = "test",
        VocabularySize = 1000,
        ContextLength = Capacity,
        EmbeddingLength = 64,
        BlockCount = 2,
        FeedForwardLength = 64,
        HeadCount = 6,
        KeyValueHeadCount = 2,
        HeadLength = 32,
        NormEpsilon = 1e-5f,
        AttentionScale = 0.2f,
        SlidingWindow = 100,
        SlidingWindowPattern = 2,
    };

    readonly AttentionKernel _kernel = AttentionKernel.For(KeyValueType.F16);
    readonly KeyValuePages _pages;
    readonly PrefixTree _tree;
    readonly List<KeyValueCache> _caches = [];
    readonly Random _random = new(5);

    public AttentionPhaseTests()
    {
        _pages = new KeyValuePages(
            KeyValueType.F16, s_config.BlockCount, s_config.KeyValueHeadCount, _kernel.HeadBytes(s_config.HeadLength));
        _tree = new PrefixTree(_pages, 0);
    }

    public void Dispose()
    {
        _caches.ForEach(cache => cache.Dispose());
        _pages.Dispose();
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(1, 200)]
    [InlineData(2, 200)]
    public void Tokens_of_any_batch_get_the_bits_that_they_get_alone(int threads, int promptAt)
    {
        var batch = Batch(promptAt);
        using var queries = new Activations(batch.Length, s_config.QueryLength);
        Fill(queries.Row(0), batch.Length * queries.Stride);
        var sinks = new float[s_config.HeadCount];
        fixed (float* s = sinks)
        {
            Fill(s, sinks.Length);
            for (var block = 0; block < s_config.BlockCount; block++)
            {
                var together = Attend(batch, queries, block, s, threads);
                for (var i = 0; i < batch.Length; i++)
                {
                    using var row = new Activations(1, s_config.QueryLength);
                    row.CopyRow(queries, i, 0);
                    Assert.Equal(Attend([batch[i]], row, block, s, threads: 1)[0], together[i]);
                }
            }
        }
    }

    [Fact]
    public void What_conversations_have_in_common_is_looked_at_once()
    {
        var batch = Batch(promptAt: 0);
        using var plan = new AttentionPlan(s_config.HeadCount, s_config.KeyValueHeadCount, members: 1, batch.Length);

        plan.Make(batch);

        // Ranges 0 and 1 lie in common pages; of range 2 the conversations have parts of their own. The prompt stays whole.
        Assert.Equal([(0, 3), (1, 3), (2, 1), (2, 1), (2, 1)], plan.Parts.Select(part => (part.Range, part.Tokens.Count)));
        Assert.Equal([0, 1, 2], plan.Merged.Select(place => place.Row));
        Assert.Equal(5, Assert.Single(plan.Whole).Count);
    }

    /// <summary>Three conversations with a common beginning, and five tokens of another one.</summary>
    BatchToken[] Batch(int promptAt)
    {
        var common = Enumerable.Range(0, Common).ToArray();
        var first = Cache(Common + 1);
        first.Publish(common);
        var batch = new List<BatchToken> { new(0, Common, first, TokenOutput.None) };
        foreach (var length in new[] { Common, Common + 30 })
        {
            int[] tokens = [.. common, .. Enumerable.Repeat(7, length + 1 - Common)];
            var cache = new KeyValueCache(_pages, _tree, Capacity);
            _caches.Add(cache);
            var adopted = cache.Adopt(0, tokens);
            Assert.Equal(Common / KeyValuePages.Positions * KeyValuePages.Positions, adopted);
            Write(cache, adopted, length + 1);
            batch.Add(new(0, length, cache, TokenOutput.None));
        }

        var other = Cache(promptAt + 5);
        batch.AddRange(Enumerable.Range(promptAt, 5).Select(position => new BatchToken(0, position, other, TokenOutput.None)));
        return [.. batch];
    }

    KeyValueCache Cache(int length)
    {
        var cache = new KeyValueCache(_pages, _tree, Capacity);
        _caches.Add(cache);
        Write(cache, 0, length);
        return cache;
    }

    void Write(KeyValueCache cache, int begin, int end)
    {
        cache.Reserve(begin, end);
        var key = stackalloc float[s_config.HeadLength];
        var value = stackalloc float[s_config.HeadLength];
        for (var position = begin; position < end; position++)
        {
            for (var block = 0; block < s_config.BlockCount; block++)
            {
                for (var head = 0; head < s_config.KeyValueHeadCount; head++)
                {
                    Fill(key, s_config.HeadLength);
                    Fill(value, s_config.HeadLength);
                    var (page, place) = Math.DivRem(position, KeyValuePages.Positions);
                    _kernel.Store(key, value, s_config.HeadLength, cache.Table[page] + _pages.HeadOffset(block, head), place);
                }
            }
        }
    }

    float[][] Attend(BatchToken[] batch, Activations queries, int block, float* sinks, int threads)
    {
        using var team = new ThreadTeam(threads);
        using var output = new Activations(batch.Length, s_config.QueryLength);
        using var phase = new AttentionPhase(s_config, _pages, _kernel, team, batch.Length);
        phase.Plan(batch);
        team.Run(member => phase.Run(member, block, sinks, queries, output));
        return [.. Enumerable.Range(0, batch.Length)
            .Select(row => new ReadOnlySpan<float>(output.Row(row), s_config.QueryLength).ToArray())];
    }

    void Fill(float* numbers, int count)
    {
        for (var i = 0; i < count; i++)
        {
            numbers[i] = (_random.NextSingle() * 4) - 2;
        }
    }
}
