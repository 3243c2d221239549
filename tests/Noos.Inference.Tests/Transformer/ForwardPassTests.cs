using Noos.Inference.KeyValues;
using Noos.Inference.Tests.Golden;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.Transformer;

public sealed class ForwardPassTests
{
    [Theory]
    [InlineData("tiny", KeyValueType.F32, 1e-4)]
    [InlineData("odd", KeyValueType.F32, 1e-4)]
    [InlineData("odd", KeyValueType.F16, 1e-2)]
    [InlineData("odd", KeyValueType.Q8, 1e-1)]
    public void Logits_of_an_F32_model_equal_the_double_precision_oracle(string shape, KeyValueType keyValues, double tolerance)
    {
        using var file = new RandomModel(Shape(shape), GgufTensorType.F32);
        var oracle = new DoublePrecisionOracle(file.Config, file.Tensor);
        using var model = file.Load(threads: 2, keyValues: keyValues);
        using var context = model.CreateContext();
        var tokens = RandomTokens(37, file.Config.VocabularySize);

        var logits = context.Append(tokens);

        var expected = oracle.Logits(tokens);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], logits[i], tolerance);
        }
    }

    [Theory]
    [InlineData(GgufTensorType.F16, 0.999999)]
    [InlineData(GgufTensorType.Q8_0, 0.999)]
    public void Logits_of_a_compressed_model_point_where_the_oracle_points(GgufTensorType type, double leastCosine)
    {
        using var file = new RandomModel(RandomModel.TinyShape, type);
        var oracle = new DoublePrecisionOracle(file.Config, file.Tensor);
        using var model = file.Load(keyValues: KeyValueType.F32);
        using var context = model.CreateContext();
        var tokens = RandomTokens(37, file.Config.VocabularySize);

        var logits = context.Append(tokens).ToArray();

        Assert.InRange(Cosine(oracle.Logits(tokens), logits), leastCosine, 1.0000001);
    }

    [Theory]
    [InlineData(GgufTensorType.F32, "odd", KeyValueType.F32)]
    [InlineData(GgufTensorType.F16, "odd", KeyValueType.Q8)]
    [InlineData(GgufTensorType.Q8_0, "tiny", KeyValueType.F16)]
    public void Logits_do_not_depend_on_batches_threads_or_truncation(GgufTensorType type, string shape, KeyValueType keyValues)
    {
        // Long enough for attention to be split among threads.
        using var file = new RandomModel(Shape(shape) with { ContextLength = 300 }, type);
        var tokens = RandomTokens(290, file.Config.VocabularySize);
        float[] expected;
        using (var model = file.Load(keyValues: keyValues))
        using (var context = model.CreateContext())
        {
            expected = context.Append(tokens).ToArray();
            // Everything again, after other tokens at the same places.
            context.Truncate(9);
            context.Append(RandomTokens(280, file.Config.VocabularySize, seed: 5));
            context.Truncate(9);
            AssertSameBits(expected, context.Append(tokens.AsSpan(9)));
            context.Truncate(0);
            foreach (var token in tokens.AsSpan(0, tokens.Length - 1))
            {
                context.Append([token]);
            }

            AssertSameBits(expected, context.Append(tokens.AsSpan(tokens.Length - 1)));
        }

        foreach (var (threads, chunk) in new[] { (2, 32), (2, 7), (3, 1), (4, 64) })
        {
            using var model = file.Load(threads, chunk, keyValues);
            using var context = model.CreateContext();
            AssertSameBits(expected, context.Append(tokens));
        }
    }

    // Sliding windows of 32 positions beside blocks that see all; sinks; one key head for all, and several.
    [Theory]
    [InlineData("tiny-gemma3")]
    [InlineData("tiny-gpt-oss")]
    [MemberData(nameof(FamilyLogitsTests.Shapes), MemberType = typeof(FamilyLogitsTests))]
    public void Windows_and_sinks_do_not_depend_on_batches_or_threads(string shape)
    {
        var path = Path.Combine(Path.GetTempPath(), $"noos-{Guid.NewGuid():N}.gguf");
        try
        {
            RandomModelFile.Write(path, RandomModelShape.Known[shape], GgufTensorType.Q8_0);
            float[]? expected = null;
            foreach (var (threads, chunk) in new[] { (1, 256), (2, 19), (3, 300) })
            {
                using var model = LanguageModel.Load(path, TestOptions.Default with { Threads = threads, PromptChunk = chunk });
                using var context = model.CreateContext(300);
                var tokens = RandomTokens(300, model.Config.VocabularySize);
                context.Append(tokens.AsSpan(0, 290));
                foreach (var token in tokens.AsSpan(290, 9))
                {
                    context.Append([token]);
                }

                var logits = context.Append(tokens.AsSpan(299)).ToArray();
                expected ??= logits;
                AssertSameBits(expected, logits);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Contexts_of_one_model_may_run_on_several_threads()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = file.Load(threads: 2);
        var tokens = RandomTokens(30, file.Config.VocabularySize);
        float[] Run()
        {
            using var context = model.CreateContext();
            foreach (var token in tokens.AsSpan(0, tokens.Length - 1))
            {
                context.Append([token]);
            }

            return context.Append(tokens.AsSpan(tokens.Length - 1)).ToArray();
        }

        var expected = Run();
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(Run, TestContext.Current.CancellationToken)));

        Assert.All(results, result => Assert.Equal(expected, result));
    }

    static TransformerConfig Shape(string name) => name == "tiny" ? RandomModel.TinyShape : RandomModel.OddShape;

    static int[] RandomTokens(int count, int vocabularySize, int seed = 3)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => random.Next(vocabularySize)).ToArray();
    }

    static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) => Assert.True(expected.SequenceEqual(actual));

    static double Cosine(double[] left, float[] right)
    {
        var product = left.Zip(right, (a, b) => a * b).Sum();
        return product / Math.Sqrt(left.Sum(a => a * a) * right.Sum(b => (double)b * b));
    }
}
