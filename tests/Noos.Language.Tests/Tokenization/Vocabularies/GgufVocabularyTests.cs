using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Tokenization;
using Noos.Testing;

namespace Noos.Language.Tests.Tokenization.Vocabularies;

public sealed class GgufVocabularyTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Vocabulary_in_a_model_gives_the_same_tokenizer()
    {
        var tokenizer = SampleTokenizer.Instance;
        using var file = Write("gpt2", "qwen2", Types(tokenizer));
        Assert.Equal(tokenizer.Fingerprint, Tokenizer.FromGguf(file).Fingerprint);
    }

    [Theory]
    [InlineData("t5", "qwen2", "'t5'")]
    [InlineData("gpt2", "no-such-rule", "'no-such-rule'")]
    public void Another_kind_of_vocabulary_is_refused_by_name(string model, string pre, string expected)
    {
        using var file = Write(model, pre, Types(SampleTokenizer.Instance));
        var exception = Assert.Throws<NoosException>(() => Tokenizer.FromGguf(file));
        Assert.Equal(ErrorKind.Invalid, exception.Kind);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vocabulary_with_missing_parts_is_refused()
    {
        using (var file = Write("gpt2", "qwen2", [1, 1, 1]))
        {
            var exception = Assert.Throws<NoosException>(() => Tokenizer.FromGguf(file));
            Assert.Equal(ErrorKind.Damaged, exception.Kind);
            Assert.Contains("only 3 token types", exception.Message, StringComparison.Ordinal);
        }

        using (var file = Write("gpt2", "qwen2", Types(SampleTokenizer.Instance), hasMerges: false))
        {
            Assert.Contains("tokenizer.ggml.merges", Assert.Throws<NoosException>(() => Tokenizer.FromGguf(file)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Kinds_of_tokens_that_a_file_does_not_tell_are_normal()
    {
        using var file = Write("gpt2", "qwen2", null);

        var tokens = Tokenizer.FromGguf(file).Encode("The woods and the birds");

        Assert.Equal(SampleTokenizer.Instance.Encode("The woods and the birds"), tokens);
    }

    [Fact]
    public void Merges_of_what_is_no_token_are_passed_over()
    {
        using var file = Write("gpt2", "qwen2", Types(SampleTokenizer.Instance), moreMerges: ["zzqq xxyy", "t zzqq", "nospace", "a"]);

        var tokens = Tokenizer.FromGguf(file).Encode("The woods and the birds");

        Assert.Equal(SampleTokenizer.Instance.Encode("The woods and the birds"), tokens);
    }

    /// <summary>Tokens, merges and types as a model file has them.</summary>
    GgufFile Write(string model, string pre, int[]? types, bool hasMerges = true, params string[] moreMerges)
    {
        var tokenizer = SampleTokenizer.Instance;
        var writer = new GgufWriter();
        writer.Add("tokenizer.ggml.model", model);
        writer.Add("tokenizer.ggml.pre", pre);
        writer.Add("tokenizer.ggml.tokens", Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.NameOf).ToArray());
        if (hasMerges)
        {
            writer.Add("tokenizer.ggml.merges", Enumerable.Range(0, tokenizer.MergeCount)
                .Select(tokenizer.MergeAt)
                .Select(merge => $"{tokenizer.NameOf(merge.Left)} {tokenizer.NameOf(merge.Right)}")
                .Concat(moreMerges)
                .ToArray());
        }

        if (types is not null)
        {
            writer.Add("tokenizer.ggml.token_type", types);
        }

        var path = _folder.File("vocabulary.gguf");
        writer.WriteTo(path);
        return GgufFile.Open(path);
    }

    static int[] Types(Tokenizer tokenizer) =>
        [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(token => tokenizer.IsSpecial(token) ? 3 : 1)];
}
