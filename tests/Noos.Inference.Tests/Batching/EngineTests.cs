using Microsoft.Extensions.Logging.Abstractions;
using Noos.Inference.Architectures;
using Noos.Inference.Batching;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Inference.PrefixCache;
using Noos.Inference.Tests.Support;
using Noos.Inference.Threading;
using Noos.Inference.Transformer;
using Noos.Inference.Weights;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.Batching;

/// <summary>What a failed pass leaves behind: nothing.</summary>
public sealed class EngineTests
{
    const int Capacity = 64;

    [Fact]
    public async Task Failed_pass_fails_its_own_requests_and_no_later_one()
    {
        using var model = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        using var file = GgufFile.Open(model.Path);
        using var team = new ThreadTeam(2);
        var config = LanguageModel.ReadConfig(file);
        using var weights = new DecoderWeights(file, config, KnownArchitectures.Find(file), TestOptions.Default.MaxKernelTier, team);
        var kernel = AttentionKernel.For(KeyValueType.F32);
        using var pages = new KeyValuePages(
            KeyValueType.F32, config.BlockCount, config.KeyValueHeadCount, kernel.HeadBytes(config.HeadLength));
        var prefixes = new PrefixTree(pages, 0);
        using var pass = new ForwardPass(config, weights, pages, kernel, team, 16);
        using var runner = new Engine(pass, team, DecodeFirstPolicy.Instance, NullLogger.Instance);
        using var first = new KeyValueCache(pages, prefixes, Capacity);
        using var second = new KeyValueCache(pages, prefixes, Capacity);
        first.Reserve(0, 3);
        second.Reserve(0, 3);
        int[] tokens = [0, 40, 50];

        var broken = new BatchRequest(tokens, 0, first, new BrokenOutput());
        await runner.RunAsync(broken);
        Assert.IsType<InvalidOperationException>(broken.Error!.SourceException);

        var logits = new float[config.VocabularySize];
        await runner.RunAsync(new BatchRequest(tokens, 0, second, new LogitsOutput(logits, wantsAll: false)));
        using var engine = LanguageModel.Load(model.Path, TestOptions.Default with { KeyValueType = KeyValueType.F32 });
        using var context = engine.CreateContext();
        Assert.Equal(context.Append(tokens), logits);
    }

    sealed class BrokenOutput : IBatchOutput
    {
        public TokenOutput Select(int index, int count) => TokenOutput.Logits;

        public void Add(ReadOnlySpan<float> values) => throw new InvalidOperationException("broken");
    }
}
