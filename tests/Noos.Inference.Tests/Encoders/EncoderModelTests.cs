using Noos.Core;
using Noos.Inference.Encoders;
using Noos.Inference.Kernels.Panels;
using Noos.Language.Architectures;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.Encoders;

public sealed class EncoderModelTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "f32", 0.999999)]
    [InlineData(true, "f32", 0.999999)]
    [InlineData(false, "f16", 0.99999)]
    [InlineData(false, "q8_0", 0.999)]
    public async Task Vectors_are_those_of_the_equations(bool poolsFirst, string mix, double least)
    {
        using var folder = new BertFolder(poolsFirst);
        using var model = Convert(folder, mix);
        var texts = folder.Texts(2, 3, 17, 32, 33, 48);

        var vectors = await model.EmbedAsync(texts, cancellationToken: Token);

        for (var i = 0; i < texts.Length; i++)
        {
            var states = folder.States(texts[i]);
            var expected = poolsFirst
                ? states[0]
                : [.. Enumerable.Range(0, BertFolder.Width).Select(column => states.Average(state => state[column]))];
            Assert.Equal(1, vectors[i].Sum(value => (double)value * value), 1e-5);
            Assert.True(Cosine(expected, vectors[i]) > least, $"{texts[i].Length} tokens: {Cosine(expected, vectors[i])}");
        }
    }

    [Theory]
    [InlineData("f32")]
    [InlineData("q8_0")]
    public async Task Vector_does_not_depend_on_the_company_the_threads_or_the_kernels(string mix)
    {
        using var folder = new BertFolder(poolsFirst: false);
        using var alone = Convert(folder, mix, threads: 1, KernelTier.Portable);
        using var together = EncoderModel.Load(folder.Output, new InferenceOptions { Threads = 3 });
        var texts = folder.Texts([.. Enumerable.Range(0, 60).Select(index => 2 + (index * 7 % 46))]);

        var all = await together.EmbedAsync(texts, cancellationToken: Token);
        var twice = await Task.WhenAll(texts.Select(text => together.EmbedAsync([text], cancellationToken: Token)));

        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal((await alone.EmbedAsync([texts[i]], cancellationToken: Token))[0], all[i]);
            Assert.Equal(all[i], twice[i][0]);
        }
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_with_a_sentence()
    {
        using var folder = new BertFolder(poolsFirst: false);
        using var model = Convert(folder, "f32");

        await Assert.ThrowsAsync<NoosException>(() => model.EmbedAsync([[]], cancellationToken: Token));
        await Assert.ThrowsAsync<NoosException>(() => model.EmbedAsync([new int[BertFolder.Context + 1]], cancellationToken: Token));
        await Assert.ThrowsAsync<NoosException>(() => model.EmbedAsync([[2, 99]], cancellationToken: Token));
        Assert.Empty(await model.EmbedAsync([], cancellationToken: Token));
        Assert.Contains("bert", Assert.Throws<NoosException>(() => LanguageModel.Load(folder.Output)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pooling_and_shape_come_from_the_folder()
    {
        using var folder = new BertFolder(poolsFirst: true);
        using var model = Convert(folder, "f32");

        Assert.Equal((Pooling.First, BertFolder.Context, BertFolder.Width, 2),
            (model.Config.Pooling, model.ContextLength, model.EmbeddingLength, model.Config.TokenTypeCount));
        Assert.Equal([2, 12, 13, 8, 9, 14, 3], model.Tokenizer.EncodeDocument("Snow FOXES."));
    }

    static EncoderModel Convert(BertFolder folder, string mix, int threads = 2, KernelTier tier = KernelTier.Avx512Vnni)
    {
        folder.Convert(folder.Output, mix, Token);
        return EncoderModel.Load(folder.Output, new InferenceOptions { Threads = threads, MaxKernelTier = tier });
    }

    static double Cosine(double[] one, float[] other) => one.Zip(other, (left, right) => left * right).Sum()
        / Math.Sqrt(one.Sum(value => value * value) * other.Sum(value => (double)value * value));
}
