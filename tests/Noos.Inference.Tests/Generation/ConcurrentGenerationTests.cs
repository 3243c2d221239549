using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.Generation;

/// <summary>Generations that the engine drives, many at a time.</summary>
public sealed class ConcurrentGenerationTests : IDisposable
{
    const int Streams = 8;
    const int MaxTokens = 60;

    readonly RandomModel _file = new(RandomModel.TinyShape, GgufTensorType.F32);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_ways_to_drive_a_generation_give_the_same_tokens()
    {
        using var model = Load();
        var options = Options(seed: 3);
        using var context = model.CreateContext();
        int[] pulled = [.. new Generator().Generate(context, Prompt(3), options, new NoSpecialTokens(model), Token)];
        var awaited = new List<int>();
        await foreach (var token in new Generator().GenerateAsync(context, Prompt(3), options, new NoSpecialTokens(model), Token))
        {
            awaited.Add(token);
        }

        var generator = new Generator();
        var pushed = new List<int>();
        await generator.RunAsync(context, Prompt(3), options, Take, new NoSpecialTokens(model), Token);

        Assert.Equal(MaxTokens, pulled.Length);
        Assert.Equal(pulled, awaited);
        Assert.Equal(pulled, pushed);
        Assert.Equal(FinishReason.MaxTokens, generator.FinishReason);
        Assert.Equal(3UL, generator.Seed);

        bool Take(int token)
        {
            pushed.Add(token);
            Assert.Equal(pushed.Count, generator.GeneratedTokens);
            return true;
        }
    }

    [Fact]
    public async Task Reader_who_has_enough_ends_the_generation_at_that_token()
    {
        using var model = Load();
        using var context = model.CreateContext();
        var generator = new Generator();
        var tokens = new List<int>();

        await generator.RunAsync(context, Prompt(1), Options(1), Take, new NoSpecialTokens(model), Token);

        Assert.Equal(5, tokens.Count);
        Assert.Equal(5, generator.GeneratedTokens);
        Assert.InRange(context.Length, Prompt(1).Length, Prompt(1).Length + 5);

        bool Take(int token)
        {
            tokens.Add(token);
            return tokens.Count < 5;
        }
    }

    [Fact]
    public async Task Error_of_the_reader_ends_its_own_generation_alone()
    {
        using var model = Load();
        using var context = model.CreateContext();
        var others = Enumerable.Range(0, 3).Select(index => RunAsync(model, index, Token)).ToArray();

        await Assert.ThrowsAsync<InvalidOperationException>(() => new Generator().RunAsync(
            context, Prompt(7), Options(7), _ => throw new InvalidOperationException("full"), new NoSpecialTokens(model), Token));

        Assert.All(await Task.WhenAll(others), tokens => Assert.Equal(MaxTokens, tokens.Length));
        Assert.Equal(MaxTokens, new Generator().Generate(context, Prompt(7), Options(7), new NoSpecialTokens(model), Token).Count());
    }

    [Fact]
    public async Task Cancellations_at_random_moments_disturb_nobody_and_leak_no_page()
    {
        using var model = Load();
        var expected = new List<int[]>();
        for (var index = 0; index < Streams; index++)
        {
            expected.Add(await RunAsync(model, index, Token));
        }

        var random = new Random(12);
        var cancelled = 0;
        while (cancelled < 200)
        {
            var disturbed = Enumerable.Range(0, Streams).Select(_ => CancelAsync(random.Next(MaxTokens), random.Next(Streams))).ToArray();
            var undisturbed = Enumerable.Range(0, 2).Select(_ => random.Next(Streams)).ToArray();
            var results = await Task.WhenAll(undisturbed.Select(index => RunAsync(model, index, Token)));

            Assert.Equal(undisturbed.Select(index => expected[index]), results);
            cancelled += (await Task.WhenAll(disturbed)).Count(ended => ended);
        }

        Assert.Equal(0, model.KeyValueMemory.Pages);

        async Task<bool> CancelAsync(int after, int index)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            using var context = model.CreateContext();
            var tokens = new List<int>();
            try
            {
                await new Generator().RunAsync(context, Prompt(index), Options(index), Take, new NoSpecialTokens(model), stop.Token);
                return false;
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(expected[index].Take(tokens.Count), tokens);
                return true;
            }

            bool Take(int token)
            {
                tokens.Add(token);
                if (tokens.Count > after)
                {
                    stop.Cancel();
                }

                return true;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    LanguageModel Load() => LanguageModel.Load(_file.Path, TestOptions.Default with { Threads = 2, PrefixMemory = 0 });

    static int[] Prompt(int index) => [0, .. Enumerable.Range(40 + index, 8 + index)];

    static SamplingOptions Options(int seed) => new() { Temperature = 1, TopP = 0.9f, Seed = (ulong)seed, MaxTokens = MaxTokens };

    static async Task<int[]> RunAsync(LanguageModel model, int index, CancellationToken cancellationToken)
    {
        using var context = model.CreateContext();
        var tokens = new List<int>();
        await new Generator().RunAsync(context, Prompt(index), Options(index), Take, new NoSpecialTokens(model), cancellationToken);
        return [.. tokens];

        bool Take(int token)
        {
            tokens.Add(token);
            return true;
        }
    }
}
