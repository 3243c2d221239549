using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Language.Architectures;
using Noos.Testing;

namespace Noos.Cpus.Tests.Local;

public sealed class LocalEmbeddingGeneratorTests : IDisposable
{
    readonly TinyModel _file = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Texts_become_vectors_of_length_one_in_their_order()
    {
        using var generator = new LocalEmbeddingGenerator(LanguageModel.Load(_file.Path));
        var model = (LanguageModel)generator.GetService(typeof(LanguageModel))!;
        string[] texts = ["Hello there", "A fox", "Once upon a time there was a fox."];

        var vectors = await generator.GenerateAsync(texts, cancellationToken: Token);

        int[][] tokens = [.. texts.Select(text => model.Tokenizer.EncodeDocument(text))];
        Assert.Equal(await model.EmbedAsync(tokens, cancellationToken: Token), vectors.Select(vector => vector.Vector.ToArray()));
        Assert.All(vectors, vector => Assert.Equal(1, vector.Vector.ToArray().Sum(value => (double)value * value), 5));
        Assert.Equal(texts.Sum(text => model.Tokenizer.EncodeDocument(text).Length), vectors.Usage!.InputTokenCount);
        Assert.Equal(32, ((EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelDimensions);
    }

    [Fact]
    public async Task Dimensions_cut_off_and_normalize_again()
    {
        using var generator = new LocalEmbeddingGenerator(LanguageModel.Load(_file.Path), Pooling.Mean);
        var whole = (await generator.GenerateAsync(["A fox"], cancellationToken: Token))[0].Vector.ToArray();

        var cut = (await generator.GenerateAsync(["A fox"], new EmbeddingGenerationOptions { Dimensions = 8 }, Token))[0].Vector.ToArray();

        var length = Math.Sqrt(whole.Take(8).Sum(value => (double)value * value));
        Assert.Equal(whole.Take(8).Select(value => (float)(value / length)), cut);
        await Assert.ThrowsAsync<NoosException>(() =>
            generator.GenerateAsync(["A fox"], new EmbeddingGenerationOptions { Dimensions = 33 }, Token));
    }

    public void Dispose() => _file.Dispose();
}
