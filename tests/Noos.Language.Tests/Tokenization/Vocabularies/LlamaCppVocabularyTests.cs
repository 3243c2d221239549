using System.Text;
using Noos.Language.Gguf;
using Noos.Language.Tokenization;

namespace Noos.Language.Tests.Tokenization.Vocabularies;

/// <summary>llama.cpp's own test vocabularies: texts and the tokens that it gives for them.</summary>
public sealed class LlamaCppVocabularyTests
{
    public static TheoryData<string> Names =>
    [
        "command-r", "deepseek-coder", "deepseek-llm", "falcon", "gemma-4", "gpt-2", "llama-bpe", "llama-spm", "mpt", "phi-3", "qwen2",
        "qwen35",
        "refact", "starcoder",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Vocabulary_gives_the_tokens_of_llama_cpp_and_their_text(string name)
    {
        var path = ConformanceFile($"ggml-vocab-{name}.gguf");
        using var file = GgufFile.Open(path);
        var tokenizer = Tokenizer.FromGguf(file);
        var texts = File.ReadAllText(path + ".inp").Split("\n__ggml_vocab_test__\n");
        var expected = File.ReadAllLines(path + ".out");
        // In some files the separator also stands after the last text.
        Assert.Equal(expected.Length, texts.Length - (texts[^1].Length == 0 ? 1 : 0));
        for (var index = 0; index < expected.Length; index++)
        {
            var tokens = tokenizer.Encode(texts[index]);
            Assert.Equal(expected[index].Trim(), string.Join(' ', tokens));
            Assert.Equal(texts[index], tokenizer.DecodeText(tokens));
            var continued = new List<int>();
            tokenizer.Encode(Encoding.UTF8.GetBytes(texts[index]), continued);
            Assert.Equal(texts[index], Encoding.UTF8.GetString(tokenizer.Decode([.. continued])));
        }
    }

    [Theory]
    [InlineData("llama-bpe")]
    [InlineData("llama-spm")]
    [InlineData("deepseek-llm")]
    [InlineData("mpt")]
    public void Long_runs_take_no_quadratic_time(string name)
    {
        // A quadratic method would need minutes for each.
        using var file = GgufFile.Open(ConformanceFile($"ggml-vocab-{name}.gguf"));
        var tokenizer = Tokenizer.FromGguf(file);
        foreach (var text in (string[])[new string('a', 1 << 18), new string(' ', 1 << 18) + "7", new string('Ä', 1 << 17)])
        {
            Assert.Equal(text, tokenizer.DecodeText(tokenizer.Encode(text)));
        }
    }

    static string ConformanceFile(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent;
        }

        var path = folder?.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "conformance", "vocab", name) : "";
        Assert.SkipUnless(File.Exists(path), $"The vocabulary '{name}' of llama.cpp is not on this machine.");
        return path;
    }
}
