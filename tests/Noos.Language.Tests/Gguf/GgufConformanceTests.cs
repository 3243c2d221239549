using Noos.Language.Gguf;

namespace Noos.Language.Tests.Gguf;

/// <summary>Files that other programs wrote.</summary>
public sealed class GgufConformanceTests
{
    [Fact]
    public void A_real_model_opens_with_all_its_tensors()
    {
        using var file = GgufFile.Open(Find("models/stories260K.gguf"));

        Assert.Equal("llama", file.GetString("general.architecture"));
        var blocks = file.GetInteger("llama.block_count");
        Assert.True(file.TryGetTensor($"blk.{blocks - 1}.ffn_down.weight", out var down));
        var values = new float[down.Count];
        Quantization.Dequantize(down.Type, file.Data(down), values);
        Assert.All(values, value => Assert.InRange(value, -100, 100));
    }

    [Theory]
    [InlineData("qwen2", 151_936)]
    [InlineData("gpt-2", 50_257)]
    [InlineData("llama-spm", 32_000)]
    [InlineData("phi-3", 32_064)]
    public void A_real_vocabulary_opens_with_all_its_tokens(string name, int tokens)
    {
        using var file = GgufFile.Open(Find($"vocab/ggml-vocab-{name}.gguf"));

        Assert.Equal(tokens, file.GetStrings("tokenizer.ggml.tokens")!.Count);
        Assert.Equal(tokens, file.GetIntegers("tokenizer.ggml.token_type")!.Count);
    }

    static string Find(string relativePath)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent;
        }

        var path = folder is null ? "" : Path.Combine(folder.FullName, "..", "shared", "conformance", relativePath);
        if (!File.Exists(path))
        {
            Assert.Skip($"The conformance file {relativePath} is not here.");
        }

        return path;
    }
}
