using Microsoft.Extensions.Logging.Abstractions;
using Noos.Inference.Batching;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Inference.PrefixCache;
using Noos.Inference.Tests.Support;
using Noos.Inference.Threading;
using Noos.Inference.Transformer;
using Noos.Inference.Weights;
using Noos.Language.Architectures;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.Batching;

/// <summary>What a failed pass leaves behind: nothing.</summary>
public sealed class EngineTests : IDisposable
{
    const int Streams = 8;
    const int Length = 40;

    readonly RandomModel _model = new(RandomModel.TinyShape, GgufTensorType.F32);
    readonly GgufFile _file;
    readonly ThreadTeam _team = new(2);
    readonly DecoderConfig _config;
    readonly DecoderWeights _weights;
    readonly KeyValuePages _pages;
    readonly PrefixTree _prefixes;
    readonly ForwardPass _pass;

    public EngineTests()
    {
        _file = GgufFile.Open(_model.Path);
        _config = LanguageModel.ReadConfig(_file);
        _weights = new DecoderWeights(_file, _config, KnownArchitectures.Find(_file), TestOptions.Default.MaxKernelTier, _team);
        var kernel = AttentionKernel.For(KeyValueType.F32);
        _pages = new KeyValuePages(
            KeyValueType.F32, _config.BlockCount, _config.KeyValueHeadCount, kernel.HeadBytes(_config.HeadLength));
        _prefixes = new PrefixTree(_pages, 0);
        _pass = new ForwardPass(_config, _weights, _pages, kernel, _team, 16);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(IBatchOutput.Select))]
    [InlineData(nameof(IBatchOutput.Add))]
    public async Task Request_that_spoils_a_pass_of_eight_fails_alone(string broken)
    {
        using var engine = CreateEngine(DecodeFirstPolicy.Instance);
        Stream[] undisturbed = [.. Enumerable.Range(0, Streams).Select(index => CreateStream(index))];
        await RunAsync(engine, undisturbed);

        Stream[] streams = [.. Enumerable.Range(0, Streams).Select(index => CreateStream(index, index == 3 ? broken : null))];
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(engine, streams));

        Assert.Equal("broken", error.Message);
        for (var index = 0; index < Streams; index++)
        {
            if (index != 3)
            {
                Assert.Equal(undisturbed[index].Logits, streams[index].Logits);
            }
        }

        Assert.InRange(streams[3].Logits.Count, 1, Length - 1);
        Array.ForEach([.. undisturbed, .. streams], stream => stream.Cache.Dispose());
        Assert.Equal(0, _pages.TakenCount);
    }

    [Theory]
    [InlineData("one token each")]
    [InlineData("last come, first served")]
    [InlineData("rests every other time")]
    [InlineData("throws")]
    [InlineData("asks for too much")]
    [InlineData("names nobody")]
    [InlineData("names one twice")]
    public async Task Policy_decides_about_time_alone_and_a_wrong_one_is_replaced(string kind)
    {
        using (var usual = CreateEngine(DecodeFirstPolicy.Instance))
        using (var engine = CreateEngine(new OddPolicy(kind)))
        {
            Stream[] expected = [.. Enumerable.Range(0, 5).Select(index => CreateStream(index))];
            Stream[] actual = [.. Enumerable.Range(0, 5).Select(index => CreateStream(index))];

            await RunAsync(usual, expected);
            await RunAsync(engine, actual);

            Assert.Equal(expected.Select(stream => stream.Logits), actual.Select(stream => stream.Logits));
            Array.ForEach([.. expected, .. actual], stream => stream.Cache.Dispose());
        }
    }

    [Fact]
    public async Task Closing_the_engine_fails_what_is_under_way_and_refuses_what_comes()
    {
        var engine = CreateEngine(DecodeFirstPolicy.Instance);
        Stream[] streams = [.. Enumerable.Range(0, Streams).Select(index => CreateStream(index, isEndless: true))];
        Array.ForEach(streams, engine.Start);
        while (streams[0].Logits.Count < 3)
        {
            await Task.Delay(1, Token);
        }

        engine.Dispose();

        foreach (var stream in streams)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.Completion);
            stream.Cache.Dispose();
        }

        Assert.Throws<ObjectDisposedException>(() => engine.Start(CreateStream(0)));
    }

    public void Dispose()
    {
        _pass.Dispose();
        _team.Dispose();
        _pages.Dispose();
        _weights.Dispose();
        _file.Dispose();
        _model.Dispose();
    }

    Engine CreateEngine(IBatchPolicy policy) => new(_pass, _team, policy, NullLogger.Instance);

    static async Task RunAsync(Engine engine, Stream[] streams)
    {
        Array.ForEach(streams, engine.Start);
        await Task.WhenAll(streams.Select(stream => stream.Completion)).WaitAsync(TimeSpan.FromMinutes(1), Token);
    }

    Stream CreateStream(int index, string? broken = null, bool isEndless = false) =>
        new(new KeyValueCache(_pages, _prefixes, _config.ContextLength), _config.VocabularySize, index, broken, isEndless);

    /// <summary>A prompt, then one token after another, each the likeliest.</summary>
    sealed class Stream(KeyValueCache cache, int vocabulary, int index, string? broken, bool isEndless) : EngineTask
    {
        readonly float[] _last = new float[vocabulary];
        BatchRequest? _request;
        int _length;

        public KeyValueCache Cache => cache;

        public List<float[]> Logits { get; } = [];

        protected override BatchRequest? Next()
        {
            if (_request is null)
            {
                return Ask([0, .. Enumerable.Range(40, 10 + index)]);
            }

            _request.Error?.Throw();
            _length += _request.Count;
            Logits.Add([.. _last]);
            if (isEndless && _length > 80)
            {
                Cache.Truncate(_length = 20);
            }

            return Logits.Count < Length || isEndless ? Ask([_last.AsSpan().IndexOf(_last.Max())]) : null;
        }

        BatchRequest Ask(int[] tokens)
        {
            cache.Reserve(_length, _length + tokens.Length);
            var isBroken = broken is not null && Logits.Count == 7;
            return _request = new BatchRequest(tokens, _length, cache, isBroken
                ? new BrokenOutput(broken!)
                : new LogitsOutput(_last, false));
        }
    }

    sealed class BrokenOutput(string member) : IBatchOutput
    {
        public TokenOutput Select(int index, int count) =>
            member == nameof(Select) ? throw new InvalidOperationException("broken") : TokenOutput.Logits;

        public void Add(ReadOnlySpan<float> values) => throw new InvalidOperationException("broken");
    }

    sealed class OddPolicy(string kind) : IBatchPolicy
    {
        int _calls;

        public int Plan(ReadOnlySpan<SequenceView> ready, int tokenBudget, Span<TokenGrant> grants)
        {
            switch (kind)
            {
                case "throws":
                    throw new InvalidOperationException("no plan");
                case "rests every other time" when _calls++ % 2 == 0:
                    return 0;
                case "one token each":
                    var count = Math.Min(ready.Length, tokenBudget);
                    for (var index = 0; index < count; index++)
                    {
                        grants[index] = new TokenGrant(index, 1);
                    }

                    return count;
                case "asks for too much":
                    grants[0] = new TokenGrant(0, ready[0].Remaining + 1);
                    return 1;
                case "names nobody":
                    grants[0] = new TokenGrant(ready.Length, 1);
                    return 1;
                case "names one twice" when ready.Length > 1:
                    grants[0] = new TokenGrant(0, 1);
                    grants[1] = new TokenGrant(0, 1);
                    return 2;
                default:
                    grants[0] = new TokenGrant(ready.Length - 1, Math.Min(ready[^1].Remaining, tokenBudget));
                    return 1;
            }
        }
    }
}
