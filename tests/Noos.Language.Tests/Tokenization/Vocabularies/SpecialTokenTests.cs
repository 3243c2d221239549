using Noos.Core;
using Noos.Language.Tokenization;

namespace Noos.Language.Tests.Tokenization.Vocabularies;

/// <summary>Special tokens of foreign vocabularies.</summary>
public sealed class SpecialTokenTests
{
    [Fact]
    public void User_defined_tokens_are_cut_out_of_any_text_the_longest_first()
    {
        var tokenizer = VocabularyFile.ByteLevel("gpt-2")
            .Token("  ", VocabularyFile.UserDefined)
            .Token("    ", VocabularyFile.UserDefined)
            .Token("a  b", VocabularyFile.UserDefined)
            .Read();
        Assert.Equal("    |  | |x", Show(tokenizer, tokenizer.Encode("       x")));
        Assert.Equal("a  b|c", Show(tokenizer, tokenizer.Encode("a  bc")));
        Assert.Equal("    |a  b", Show(tokenizer, tokenizer.Encode("    a  b")));
        var tokens = new List<int>();
        tokenizer.Encode("x    y"u8, tokens);
        Assert.Equal("x|    |y", Show(tokenizer, tokens));
        Assert.False(tokenizer.IsSpecial(tokens[1]));
    }

    [Fact]
    public void Tokens_of_structure_come_only_where_they_are_asked_for_even_if_the_file_calls_them_text()
    {
        // As Qwen 3 has them.
        var tokenizer = VocabularyFile.ByteLevel("qwen2")
            .Token("<tool_call>", VocabularyFile.UserDefined)
            .Token("<|im_end|>", VocabularyFile.Control)
            .Read();
        Assert.Equal("<tool_call>".Length, tokenizer.Encode("<tool_call>").Length);
        Assert.Single(tokenizer.Encode("<tool_call>", parseSpecial: true));
        Assert.True(tokenizer.TryGetSpecial("<tool_call>", out var call) && tokenizer.IsSpecial(call));
    }

    [Theory]
    [InlineData("<|eot_id|>", "<|eom_id|>")]
    [InlineData("<|im_end|>", "<|fim_pad|>")]
    [InlineData("<end_of_turn>", "<eos>")]
    public void End_tokens_are_known_by_name_whatever_their_type(string turn, string other)
    {
        var file = VocabularyFile.ByteLevel("llama-bpe");
        var first = file.Count;
        var tokenizer = file.Token(turn, VocabularyFile.Normal).Token(other, VocabularyFile.Control).Read();
        Assert.Equal(first, tokenizer.EndOfTurn);
        Assert.Equal(first - 1, tokenizer.EndOfText);
        Assert.Equal([first - 1, first, first + 1], tokenizer.EndTokens);
        Assert.True(tokenizer.IsSpecial(first) && tokenizer.EndsGeneration(first + 1));
        Assert.False(tokenizer.EndsGeneration('a'));
        Assert.Equal([first], tokenizer.Encode(turn, parseSpecial: true));
    }

    [Fact]
    public void Message_end_of_harmony_does_not_end_the_answer()
    {
        var file = VocabularyFile.ByteLevel("gpt-4o");
        var first = file.Count;
        var tokenizer = file.Token("<|return|>", VocabularyFile.Control)
            .Token("<|call|>", VocabularyFile.Control)
            .Token("<|end|>", VocabularyFile.Control)
            .Read();
        Assert.Equal([first - 1, first, first + 1], tokenizer.EndTokens);
        Assert.Equal(first, tokenizer.EndOfTurn);
    }

    [Fact]
    public void Html_end_as_an_ordinary_word_ends_nothing()
    {
        var tokenizer = VocabularyFile.ByteLevel("qwen2").Token("</s>", VocabularyFile.Normal).Read();
        Assert.Equal([tokenizer.EndOfText], tokenizer.EndTokens);
    }

    [Fact]
    public void Ids_of_the_file_count_and_those_outside_the_vocabulary_do_not()
    {
        var tokenizer = VocabularyFile.ByteLevel("qwen2")
            .With("tokenizer.ggml.bos_token_id", 7u)
            .With("tokenizer.ggml.eos_token_id", 8u)
            .With("tokenizer.ggml.eot_token_id", 9u)
            .Read();
        Assert.Equal([7, 9], [tokenizer.BeginOfText, tokenizer.EndOfTurn]);
        Assert.Equal([8, 9, 256], tokenizer.EndTokens);
        Assert.Null(VocabularyFile.ByteLevel("qwen2").With("tokenizer.ggml.bos_token_id", 257u).Read().BeginOfText);
    }

    [Fact]
    public void Begin_is_added_where_the_rule_or_the_file_says_so()
    {
        Assert.Equal(new int[] { 7, 'a' }, Document("llama-bpe"));
        Assert.Equal(new int[] { 'a' }, Document("qwen2"));
        Assert.Equal(new int[] { 'a' }, Document("llama-bpe", false));

        static int[] Document(string pre, bool? adds = null)
        {
            var file = VocabularyFile.ByteLevel(pre).With("tokenizer.ggml.bos_token_id", 7u);
            return (adds is { } value ? file.With("tokenizer.ggml.add_bos_token", value) : file).Read().EncodeDocument("a");
        }
    }

    [Fact]
    public void Piece_that_is_a_token_becomes_it_where_the_rule_prefers_whole_pieces()
    {
        // No merges lead to "abc": its last needs "ab", which "bc" takes first.
        Assert.Equal("abc", Show("llama-bpe"));
        Assert.Equal("a|bc", Show("gpt-2"));

        static string Show(string pre)
        {
            var tokenizer = VocabularyFile.ByteLevel(pre, "b c", "a b", "ab c").Read();
            return SpecialTokenTests.Show(tokenizer, tokenizer.Encode("abc"));
        }
    }

    [Fact]
    public void Bytes_without_a_token_are_left_out()
    {
        var file = new VocabularyFile()
            .With("tokenizer.ggml.model", "gpt2")
            .With("tokenizer.ggml.pre", "gpt-2")
            .With("tokenizer.ggml.merges", Array.Empty<string>())
            .Token("<|endoftext|>", VocabularyFile.Control);
        for (var value = 0; value < 0x80; value++)
        {
            file.Token(ByteAlphabet.Write([(byte)value]), VocabularyFile.Normal);
        }

        var tokenizer = file.Read();
        Assert.Equal("ab", tokenizer.DecodeText(tokenizer.Encode("aéb")));
    }

    [Fact]
    public void Vocabulary_without_ordinary_bytes_or_without_an_end_is_refused()
    {
        var empty = new VocabularyFile()
            .With("tokenizer.ggml.model", "gpt2")
            .With("tokenizer.ggml.pre", "gpt-2")
            .With("tokenizer.ggml.merges", Array.Empty<string>());
        Assert.Contains("ends a text", Assert.Throws<NoosException>(empty.Read).Message, StringComparison.Ordinal);
        Assert.Contains("single bytes", Assert.Throws<NoosException>(empty.Token("<|endoftext|>", VocabularyFile.Control).Read).Message,
            StringComparison.Ordinal);
    }

    static string Show(Tokenizer tokenizer, IEnumerable<int> tokens) =>
        string.Join('|', tokens.Select(token => System.Text.Encoding.UTF8.GetString(tokenizer.BytesOf(token))));
}
