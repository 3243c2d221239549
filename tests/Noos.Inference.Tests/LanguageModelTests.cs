using Noos.Core;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Inference.Tests;

public sealed class LanguageModelTests
{
    [Fact]
    public void Load_gives_shape_name_and_vocabulary()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = file.Load();

        Assert.Equal(
            (file.Config.VocabularySize, file.Config.EmbeddingLength, file.Config.BlockCount, file.Config.HeadLength),
            (model.Config.VocabularySize, model.Config.EmbeddingLength, model.Config.BlockCount, model.Config.HeadLength));
        Assert.Equal((Path.GetFileNameWithoutExtension(file.Path), "random"), (model.Name, model.Title));
        Assert.Equal(file.Tokenizer.Encode("The cat"), model.Tokenizer.Encode("The cat"));
        using var context = model.CreateContext();
        Assert.Equal(file.Config.ContextLength, context.Capacity);
    }

    [Fact]
    public void Load_reads_how_to_draw_tokens_and_passes_over_nonsense()
    {
        AssertAdvice(new SamplingOptions { Temperature = 0.6f, TopK = 20, TopP = 0.95f, RepetitionWindow = -1 }, ("temp", 0.6f),
            ("top_k", 20), ("top_p", 0.95f), ("penalty_last_n", -1));
        AssertAdvice(new SamplingOptions(), ("temp", float.NaN), ("top_k", -3), ("top_p", 7f), ("penalty_repeat", 0f));
        AssertAdvice(new SamplingOptions());

        static void AssertAdvice(SamplingOptions expected, params (string Key, GgufValue Value)[] advice) => WithRewritten(
            (writer, key, value) =>
            {
                writer.Add(key, value);
                foreach (var (name, said) in key == "general.architecture" ? advice : [])
                {
                    writer.Add("general.sampling." + name, said);
                }
            },
            (writer, tensor, data) => writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, data),
            path =>
            {
                using var model = LanguageModel.Load(path, TestOptions.Default);
                Assert.Equal(expected with { LogitBias = model.AdvisedSampling.LogitBias }, model.AdvisedSampling);
                model.AdvisedSampling.Validate();
            });
    }

    [Fact]
    public void Load_of_a_missing_or_foreign_file_says_so()
    {
        Assert.Throws<NoosException>(() => LanguageModel.Load("/nowhere/model.gguf"));

        WithRewritten(
            (writer, key, value) => writer.Add(key, key == "general.architecture" ? "llama" : value),
            (writer, tensor, data) => writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, data),
            path => Assert.Contains("llama", Assert.Throws<NoosException>(() => LanguageModel.Load(path, TestOptions.Default)).Message,
                StringComparison.Ordinal));
    }

    [Fact]
    public void Load_without_a_tensor_names_it() => WithRewritten(
        (writer, key, value) => writer.Add(key, value),
        (writer, tensor, data) =>
        {
            if (tensor.Name != TensorNames.Gate(1))
            {
                writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, data);
            }
        },
        path => Assert.Contains(TensorNames.Gate(1),
            Assert.Throws<NoosException>(() => LanguageModel.Load(path, TestOptions.Default)).Message, StringComparison.Ordinal));

    [Fact]
    public void Load_with_a_wrong_shape_names_the_tensor() => WithRewritten(
        (writer, key, value) => writer.Add(key, value),
        (writer, tensor, data) => writer.AddTensor(
            tensor.Name, tensor.Type, tensor.Name == TensorNames.Gate(1)
                ? [tensor.Dimensions[1], tensor.Dimensions[0]]
                : tensor.Dimensions, data),
        path => Assert.Contains(TensorNames.Gate(1),
            Assert.Throws<NoosException>(() => LanguageModel.Load(path, TestOptions.Default)).Message, StringComparison.Ordinal));

    [Fact]
    public void Load_with_a_storage_format_that_is_not_computed_names_it() => WithRewritten(
        (writer, key, value) => writer.Add(key, value),
        (writer, tensor, data) =>
        {
            var foreign = tensor.Name == TensorNames.Gate(1);
            writer.AddTensor(tensor.Name, foreign
                ? GgufTensorType.I16
                : tensor.Type, tensor.Dimensions, foreign
                ? data[..(data.Length / 2)]
                : data);
        },
        path => Assert.Contains(
            "I16", Assert.Throws<NoosException>(() => LanguageModel.Load(path, TestOptions.Default)).Message, StringComparison.Ordinal));

    [Fact]
    public void Load_with_another_number_of_tokens_than_weights_says_so() => WithRewritten(
        (writer, key, value) => writer.Add(key, value),
        (writer, tensor, data) =>
        {
            var isEmbedding = tensor.Name == TensorNames.TokenEmbedding;
            long[] dimensions = isEmbedding ? [tensor.Dimensions[0], tensor.Dimensions[1] - 1] : [.. tensor.Dimensions];
            writer.AddTensor(tensor.Name, tensor.Type, dimensions, isEmbedding
                ? data[..(data.Length / (int)tensor.Dimensions[1] * (int)dimensions[1])]
                : data);
        },
        path => Assert.Throws<NoosException>(() => LanguageModel.Load(path, TestOptions.Default)));

    [Fact]
    public void Damaged_weights_are_reported_in_words() => WithRewritten(
        (writer, key, value) => writer.Add(key, value),
        (writer, tensor, data) =>
        {
            if (tensor.Name == TensorNames.OutputNorm)
            {
                data.AsSpan().Fill(0xFF);
            }

            writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, data);
        },
        path =>
        {
            using var model = LanguageModel.Load(path, TestOptions.Default);
            using var context = model.CreateContext();
            Assert.Throws<NoosException>(() =>
                new Generator().Generate(context, [1, 2], new SamplingOptions(), null, TestContext.Current.CancellationToken).Count());
        });

    [Fact]
    public void Context_refuses_what_does_not_fit_and_stays_as_it_was()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        using var model = file.Load();
        using var context = model.CreateContext(4);
        context.Append([1, 2, 3]);

        Assert.Throws<NoosException>(() => context.Append([4, 5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Append([file.Config.VocabularySize]));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Append([-1]));
        Assert.Throws<ArgumentException>(() => context.Append([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Truncate(4));
        Assert.Equal([1, 2, 3], context.Tokens.ToArray());
        Assert.Throws<NoosException>(() => model.CreateContext(file.Config.ContextLength + 1));
    }

    [Fact]
    public void Use_after_disposal_is_an_exception_not_a_crash()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        var model = file.Load(threads: 2);
        var context = model.CreateContext();
        var other = model.CreateContext();
        context.Dispose();
        Assert.Throws<ObjectDisposedException>(() => context.Append([1]));

        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => other.Append([1]));
        Assert.Throws<ObjectDisposedException>(() => model.CreateContext());
        other.Dispose();
    }

    static void WithRewritten(
        Action<GgufWriter, string, GgufValue> metadata, Action<GgufWriter, GgufTensor, byte[]> tensors, Action<string> test)
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        var path = file.Path + ".changed";
        var writer = new GgufWriter();
        using (var source = GgufFile.Open(file.Path))
        {
            foreach (var (key, value) in source.Metadata)
            {
                metadata(writer, key, value);
            }

            foreach (var tensor in source.Tensors)
            {
                tensors(writer, tensor, source.Data(tensor).ToArray());
            }

            writer.WriteTo(path);
        }

        try
        {
            test(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
