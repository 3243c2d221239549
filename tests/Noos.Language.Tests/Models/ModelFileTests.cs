using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tests.Tokenization;
using Noos.Language.Tokenization;
using Noos.Testing;

namespace Noos.Language.Tests.Models;

public sealed class ModelFileTests : IDisposable
{
    static readonly Tokenizer s_tokenizer = SampleTokenizer.Instance;

    static readonly TransformerConfig s_config = new()
    {
        VocabularySize = s_tokenizer.VocabularySize,
        ContextLength = 48,
        EmbeddingLength = 64,
        BlockCount = 2,
        FeedForwardLength = 80,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadLength = 32,
        RopeFrequencyBase = 12_345,
        NormEpsilon = 3e-6f,
    };

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgufTensorType.F32)]
    [InlineData(GgufTensorType.F16)]
    [InlineData(GgufTensorType.Q8_0)]
    public void A_model_comes_back_with_its_shape_and_values(GgufTensorType type)
    {
        foreach (var tied in new[] { true, false })
        {
            var config = s_config with { TiedEmbeddings = tied };

            using var file = Write(config, type, new ModelInfo("Test"));

            Assert.Equal(config, WrittenShape.Read(file));
            Assert.Equal(ModelFile.Tensors(config).Select(tensor => tensor.Name), file.Tensors.Select(tensor => tensor.Name));
            Assert.Equal(config.ParameterCount, file.Tensors.Sum(tensor => tensor.Count));
            foreach (var tensor in file.Tensors)
            {
                var back = new float[tensor.Count];
                Quantization.Dequantize(tensor.Type, file.Data(tensor), back);
                var tolerance = tensor.Type switch
                {
                    GgufTensorType.F32 => 0,
                    GgufTensorType.F16 => 0.0005f,
                    _ => 0.005f,
                };
                Assert.All(Values(tensor.Name, back.Length).Zip(back), pair =>
                    Assert.InRange(pair.Second - pair.First, -tolerance, tolerance));
            }
        }
    }

    [Fact]
    public void Vectors_stay_in_full_precision_and_odd_rows_become_half_precision()
    {
        // A feed-forward length of 80 is no multiple of 32.
        using var file = Write(s_config, GgufTensorType.Q8_0, new ModelInfo("Test"));

        Assert.Equal(GgufTensorType.Q8_0, TypeOf(file, TensorNames.TokenEmbedding));
        Assert.Equal(GgufTensorType.Q8_0, TypeOf(file, TensorNames.Up(0)));
        Assert.Equal(GgufTensorType.F16, TypeOf(file, TensorNames.Down(1)));
        Assert.Equal(GgufTensorType.F32, TypeOf(file, TensorNames.QueryNorm(0)));
        Assert.Equal(GgufTensorType.F32, TypeOf(file, TensorNames.OutputNorm));
    }

    [Fact]
    public void Metadata_is_what_other_programs_read()
    {
        using var file = Write(s_config, GgufTensorType.Q8_0,
            new ModelInfo("Noos test") { License = "MIT", Description = "Small.", Author = "Us", Version = "1" });

        Assert.Equal("qwen3", file.GetString("general.architecture"));
        Assert.Equal("Noos test", file.GetString("general.name"));
        Assert.Equal("MIT", file.GetString("general.license"));
        Assert.Equal(7, file.GetInteger("general.file_type"));
        Assert.Equal("gpt2", file.GetString("tokenizer.ggml.model"));
        Assert.Equal("qwen2", file.GetString("tokenizer.ggml.pre"));
        Assert.True(file.GetBool("tokenizer.ggml.add_bos_token"));
        Assert.Equal(s_tokenizer.EndOfText, file.GetInteger("tokenizer.ggml.bos_token_id"));
    }

    [Fact]
    public void Vocabulary_is_written_in_the_printable_alphabet_with_its_merges()
    {
        using var file = Write(s_config, GgufTensorType.F32, new ModelInfo("Test"));

        var tokens = file.GetStrings("tokenizer.ggml.tokens")!;
        var types = file.GetIntegers("tokenizer.ggml.token_type")!;
        Assert.Equal(s_tokenizer.VocabularySize, tokens.Count);
        Assert.Equal(SpecialTokens.All, tokens.Take(SpecialTokens.All.Count));
        Assert.All(types.Take(SpecialTokens.All.Count), type => Assert.Equal(3, type));
        Assert.All(types.Skip(SpecialTokens.All.Count), type => Assert.Equal(1, type));
        Assert.Equal("Ġ", tokens[SpecialTokens.All.Count + ' ']);

        // In training every merge makes the next token.
        var merges = file.GetStrings("tokenizer.ggml.merges")!;
        Assert.Equal(tokens.Skip(SpecialTokens.All.Count + 256), merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_assistant_ends_its_turns_and_a_base_model_ends_texts()
    {
        using (var file = Write(s_config, GgufTensorType.F32, new ModelInfo("Base")))
        {
            Assert.Equal(s_tokenizer.EndOfText, file.GetInteger("tokenizer.ggml.eos_token_id"));
            Assert.Null(file.GetString("tokenizer.chat_template"));
        }

        using (var file = Write(s_config, GgufTensorType.F32, new ModelInfo("Assistant") { ChatTemplate = "{{ messages }}" }))
        {
            Assert.Equal(s_tokenizer.EndOfTurn, file.GetInteger("tokenizer.ggml.eos_token_id"));
            Assert.Equal("{{ messages }}", file.GetString("tokenizer.chat_template"));
        }
    }

    [Fact]
    public void Values_that_cannot_be_stored_are_refused_and_leave_no_file()
    {
        foreach (var (value, type, expected) in new[]
        {
            (float.NaN, GgufTensorType.F32, "diverged"),
            (float.NegativeInfinity, GgufTensorType.Q8_0, "diverged"),
            (-70_000f, GgufTensorType.F16, "too large"),
        })
        {
            var path = _folder.File("bad.gguf");
            var error = Assert.Throws<NoosException>(() =>
                ModelFile.Write(path, s_config, s_tokenizer, name => Values(name, Length(name), value), type, new ModelInfo("Bad")));

            Assert.Contains(expected, error.Message);
            Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!));
        }
    }

    [Fact]
    public void Write_refuses_a_foreign_tokenizer_and_types_it_does_not_know()
    {
        var path = _folder.File("bad.gguf");

        Assert.Contains("tokenizer", Assert.Throws<NoosException>(() =>
            ModelFile.Write(path, s_config with { VocabularySize = 4096 }, s_tokenizer, name =>
                [], GgufTensorType.F32, new ModelInfo("Bad"))).Message);
        Assert.Contains("Q4_K", Assert.Throws<NoosException>(() =>
            ModelFile.Write(path, s_config, s_tokenizer, name => [], GgufTensorType.Q4_K, new ModelInfo("Bad"))).Message);
    }

    GgufFile Write(TransformerConfig config, GgufTensorType type, ModelInfo info)
    {
        var path = _folder.File("model.gguf");
        ModelFile.Write(path, config, s_tokenizer, name => Values(name, Length(name)), type, info);
        return GgufFile.Open(path);
    }

    static GgufTensorType TypeOf(GgufFile file, string name) => file.Tensors.Single(tensor => tensor.Name == name).Type;

    static int Length(string name) =>
        (int)ModelFile.Tensors(s_config with { TiedEmbeddings = false })
            .Single(tensor => tensor.Name == name).Dimensions.Aggregate((product, size) => product * size);

    /// <summary>Weights between -1 and 1 that depend on the name only.</summary>
    static float[] Values(string name, int length, float first = 0)
    {
        var random = new Random(name.Sum(letter => letter));
        var values = new float[length];
        foreach (ref var value in values.AsSpan())
        {
            value = (random.NextSingle() * 2) - 1;
        }

        values[0] = first;
        return values;
    }
}
