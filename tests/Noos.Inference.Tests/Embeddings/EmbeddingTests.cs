using Noos.Core;
using Noos.Inference.Tests.Support;
using Noos.Language.Architectures;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.Embeddings;

public sealed class EmbeddingTests
{
    [Fact]
    public void Vectors_have_length_one_and_the_kind_of_pooling_decides()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        using var model = file.Load();
        int[][] text = [[30, 40, 50, 60]];
        int[][] prefix = [[30]];

        var mean = Embed(model, text, Pooling.Mean)[0];
        var first = Embed(model, text, Pooling.First)[0];
        var last = Embed(model, text, Pooling.Last)[0];

        Assert.All([mean, first, last], vector => Assert.Equal(1, vector.Sum(value => (double)value * value), 5));
        Assert.Equal(file.Config.EmbeddingLength, mean.Length);
        Assert.Equal(Embed(model, prefix, Pooling.Last)[0], first);
        Assert.NotEqual(first, last);
        Assert.NotEqual(mean, last);
        // Without a word of the file, the last token speaks.
        Assert.Equal(last, Embed(model, text)[0]);
    }

    [Fact]
    public void Last_state_is_the_one_that_the_scores_are_made_of()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        using var model = file.Load();
        using var context = model.CreateContext();
        var logits = context.Append([30, 40, 50]).ToArray();
        var state = Embed(model, [[30, 40, 50]], Pooling.Last)[0];
        var embedding = file.Tensor("token_embd.weight");
        var scores = Enumerable.Range(0, logits.Length)
            .Select(token => state.Select((value, i) => (double)value * embedding[(token * state.Length) + i]).Sum()).ToArray();

        // The vector has lost its length, so scores are those but for one factor.
        var factor = logits.Zip(scores, (a, b) => a * b).Sum() / scores.Sum(score => score * score);
        Assert.All(logits.Zip(scores), pair => Assert.Equal(pair.First, pair.Second * factor, 1e-3));
    }

    [Theory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.First)]
    [InlineData(Pooling.Last)]
    public async Task Vectors_are_the_same_bits_whatever_the_batch(Pooling pooling)
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var random = new Random(5);
        var texts = Enumerable.Range(0, 50)
            .Select(_ => Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(file.Config.VocabularySize)).ToArray())
            .ToArray();
        float[][] alone;
        using (var model = file.Load(threads: 1, promptChunk: 64))
        {
            alone = [.. texts.Select(text => Embed(model, [text], pooling)[0])];
        }

        using var together = file.Load(threads: 2, promptChunk: 17);
        var chat = Task.Run(
            () =>
            {
                using var context = together.CreateContext();
                for (var i = 0; i < 90; i++)
                {
                    context.Append([i + 20]);
                }
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(alone, Embed(together, texts, pooling));
        await chat;
        Assert.Equal(0, together.KeyValueMemory.Pages - together.KeyValueMemory.KeptPages);
    }

    [Fact]
    public void File_decides_the_pooling()
    {
        var path = Path.Combine(Path.GetTempPath(), $"noos-{Guid.NewGuid():N}.gguf");
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        using (var source = GgufFile.Open(file.Path))
        {
            var writer = new GgufWriter();
            foreach (var (key, value) in source.Metadata)
            {
                writer.Add(key, value);
            }

            writer.Add("qwen3.pooling_type", 1u);
            foreach (var tensor in source.Tensors)
            {
                writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, source.Data(tensor));
            }

            writer.WriteTo(path);
        }

        try
        {
            using var model = LanguageModel.Load(path, TestOptions.Default);
            Assert.Equal(Pooling.Mean, model.Config.Pooling);
            Assert.Equal(Embed(model, [[1, 2, 3]], Pooling.Mean), Embed(model, [[1, 2, 3]]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Impossible_texts_are_refused_in_one_sentence()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        using var model = file.Load();

        Assert.Contains("0", Assert.Throws<NoosException>(() => Embed(model, [[]])).Message, StringComparison.Ordinal);
        Assert.Contains("split it", Assert.Throws<NoosException>(() => Embed(model, [new int[97]])).Message, StringComparison.Ordinal);
        Assert.Contains("-1", Assert.Throws<NoosException>(() => Embed(model, [[1, -1]])).Message, StringComparison.Ordinal);
        Assert.Empty(Embed(model, []));
    }

    static float[][] Embed(LanguageModel model, int[][] texts, Pooling? pooling = null) =>
        model.EmbedAsync(texts, pooling, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
}
