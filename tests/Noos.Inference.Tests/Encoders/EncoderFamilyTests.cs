using Noos.Core;
using Noos.Inference.Encoders;
using Noos.Inference.Kernels.Panels;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.Encoders;

/// <summary>BERT's descendants and models that score pairs, against the equations of their papers in double precision.</summary>
public sealed class EncoderFamilyTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nomic_bert", "f32", 0.999999)]
    [InlineData("jina", "f32", 0.999999)]
    [InlineData("modernbert", "f32", 0.999999)]
    [InlineData("nomic_bert", "q8_0", 0.999)]
    [InlineData("jina", "q8_0", 0.999)]
    [InlineData("modernbert", "q8_0", 0.999)]
    public async Task Vectors_are_those_of_the_equations(string family, string mix, double least)
    {
        using var folder = new EncoderFolder(family);
        using var model = Load(folder, mix);
        var texts = folder.Texts(1, 2, 17, 33, EncoderFolder.Context);

        var vectors = await model.EmbedAsync(texts, cancellationToken: Token);

        for (var i = 0; i < texts.Length; i++)
        {
            var expected = EncoderFolder.MeanOf(folder.States(texts[i], texts[i].Length));
            Assert.True(Cosine(expected, vectors[i]) > least, $"{texts[i].Length} tokens: {Cosine(expected, vectors[i])}");
        }
    }

    [Theory]
    [InlineData("jina", 1e-4)]
    [InlineData("modernbert", 1e-4)]
    public async Task Scores_of_pairs_are_those_of_the_equations(string family, double tolerance)
    {
        using var folder = new EncoderFolder(family, ranks: true);
        using var model = Load(folder, "f32");
        EncoderText[] pairs = [.. folder.Texts(3, 20, 33, 70).Select(text => new EncoderText(text, text.Length / 3))];

        var scores = await model.ScoreAsync(pairs, Token);

        Assert.True(model.IsReranker);
        for (var i = 0; i < pairs.Length; i++)
        {
            Assert.Equal(folder.Score(pairs[i].Tokens, pairs[i].SecondStart), Assert.Single(scores[i]), tolerance);
            Assert.Equal(scores[i], (await model.ScoreAsync([pairs[i]], Token))[0]);
        }
    }

    [Fact]
    public async Task Scores_of_a_bert_are_those_of_its_pooler_and_classifier()
    {
        using var folder = new BertFolder(ranks: true);
        folder.Convert(folder.Output, "f32", Token);
        using var model = EncoderModel.Load(folder.Output, new InferenceOptions { Threads = 2 });
        var (tokens, second) = model.Tokenizer.EncodePair("snow fox", "the foxes");

        // [CLS] snow fox [SEP] the foxes [SEP].
        Assert.Equal([2, 12, 13, 8, 3, 7, 8, 9, 3], tokens);
        Assert.Equal(5, second);
        var scores = await model.ScoreAsync([new EncoderText(tokens, second)], Token);

        Assert.Equal(folder.Score(tokens, second), scores[0][0], 1e-4);
        var refusal = await Assert.ThrowsAsync<NoosException>(() => model.EmbedAsync([tokens], cancellationToken: Token));
        Assert.Contains("rank", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_of_vectors_scores_no_pairs()
    {
        using var folder = new EncoderFolder("nomic_bert");
        using var model = Load(folder, "f32");

        await Assert.ThrowsAsync<NoosException>(() => model.ScoreAsync([new EncoderText([1, 2], 1)], Token));
    }

    [Fact]
    public void ModernBERT_puts_its_tokens_around_a_text()
    {
        using var folder = new EncoderFolder("modernbert");
        using var model = Load(folder, "f32");

        Assert.Equal([258, 'a', 'b', 259], model.Tokenizer.EncodeDocument("ab"));
        Assert.Equal([258, 'a', 259, 'b', 259], model.Tokenizer.EncodePair("a", "b").Tokens);
    }

    [Theory]
    [InlineData("nomic_bert", false)]
    [InlineData("jina", true)]
    [InlineData("modernbert", true)]
    public async Task Broken_file_is_refused_with_a_sentence_or_computes(string family, bool ranks)
    {
        using var folder = new EncoderFolder(family, ranks);
        folder.Convert("f32", Token);
        using var broken = new TemporaryFolder();
        var path = broken.File("broken.gguf");
        var whole = await File.ReadAllBytesAsync(folder.Output, Token);
        var random = new Random(3);
        for (var round = 0; round < 150; round++)
        {
            var bytes = (byte[])whole.Clone();
            // Metadata and the table of tensors, where a byte decides about sizes.
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(24, Math.Min(bytes.Length, 14_000))] = (byte)random.Next(256);
            }

            await File.WriteAllBytesAsync(path, random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes, Token);
            try
            {
                using var model = EncoderModel.Load(path, new InferenceOptions { Threads = 1 });
                var text = new EncoderText([.. Enumerable.Repeat(1, Math.Min(20, model.ContextLength))], 1);
                _ = model.IsReranker
                    ? await model.ScoreAsync([text], Token)
                    : await model.EmbedAsync([text.Tokens], cancellationToken: Token);
            }
            catch (NoosException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
    }

    static EncoderModel Load(EncoderFolder folder, string mix)
    {
        folder.Convert(mix, Token);
        return EncoderModel.Load(folder.Output, new InferenceOptions { Threads = 2, MaxKernelTier = KernelTier.Avx512Vnni });
    }

    static double Cosine(double[] one, float[] other) => one.Zip(other, (left, right) => left * right).Sum()
        / Math.Sqrt(one.Sum(value => value * value) * other.Sum(value => (double)value * value));
}
