using System.Text;
using CsCheck;
using Noos.Core;
using Noos.Language.Tests.Tokenization.Vocabularies;
using Noos.Language.Tokenization;

namespace Noos.Language.Tests.Tokenization;

public sealed class SentencePieceTests
{
    // Characters first get the lowest scores, as a trainer gives them.
    static readonly string[] s_pieces = ["▁a", "an", "▁an", "na", "ana", "▁▁", "▁ban", "ü", "ba", "▁", "a", "b", "n"];

    static readonly Tokenizer s_tokenizer = VocabularyFile.SentencePiece(s_pieces).Read();

    [Theory]
    [InlineData("an", "▁an")]
    [InlineData("a an", "▁a ▁an")]
    [InlineData("banana", "▁ b an ana")]
    [InlineData("  a", "▁▁ ▁a")]
    [InlineData("ünü", "▁ ü n ü")]
    [InlineData("aß", "▁a <0xC3> <0x9F>")]
    [InlineData("a\n", "▁a <0x0A>")]
    [InlineData("", "")]
    public void Highest_score_merges_first_and_what_is_left_becomes_bytes(string text, string expected)
    {
        var tokens = s_tokenizer.Encode(text);
        Assert.Equal(expected, string.Join(' ', tokens.Select(s_tokenizer.NameOf)));
        Assert.Equal(text, s_tokenizer.DecodeText(tokens));
    }

    [Fact]
    public void Pieces_of_any_text_equal_those_of_merging_the_whole_text_naively()
    {
        // Texts long enough for the heap, and with every way to place spaces.
        Gen.Char["aabbnn  ü\nß"].Array[1, 200].Select(characters => new string(characters))
            .Sample(text =>
                Assert.Equal(MergeNaively(" " + text), string.Join('|', s_tokenizer.Encode(text).Select(s_tokenizer.NameOf))), iter: 500);
    }

    [Fact]
    public void Merges_run_on_across_a_space_where_a_token_holds_one()
    {
        var tokenizer = VocabularyFile.SentencePiece("n▁a", "▁a", "▁", "a", "n").Read();
        Assert.Equal("▁a n▁a", string.Join(' ', tokenizer.Encode("an a").Select(tokenizer.NameOf)));
    }

    [Fact]
    public void Character_that_is_only_part_of_tokens_merges_and_else_becomes_bytes()
    {
        var tokenizer = VocabularyFile.SentencePiece("aß", "▁", "a").Read();
        Assert.Equal("▁ aß <0xC3> <0x9F>", string.Join(' ', tokenizer.Encode("aßß").Select(tokenizer.NameOf)));
    }

    [Fact]
    public void Any_text_decodes_to_itself_but_for_the_mark_of_a_space() =>
        Gen.String.Where(text => text == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)))
            .Sample(text => Assert.Equal(text.Replace('\u2581', ' '), s_tokenizer.DecodeText(s_tokenizer.Encode(text))));

    [Fact]
    public void Any_bytes_decode_to_themselves() =>
        Gen.Byte.Array[0, 100].Where(bytes => bytes.AsSpan().IndexOf("\u2581"u8) < 0).Sample(bytes =>
        {
            var tokens = new List<int>();
            s_tokenizer.Encode(bytes, tokens);
            Assert.Equal(bytes, s_tokenizer.Decode([.. tokens]));
        });

    [Fact]
    public void Bytes_continue_a_text_without_a_space_before_them()
    {
        var tokens = new List<int>();
        s_tokenizer.Encode("an"u8, tokens);
        Assert.Equal("an", string.Join(' ', tokens.Select(s_tokenizer.NameOf)));
    }

    [Fact]
    public void Space_is_put_after_a_special_token_and_taken_away_again()
    {
        var tokens = s_tokenizer.Encode("an</s>an", parseSpecial: true);
        Assert.Equal("▁an </s> ▁an", string.Join(' ', tokens.Select(s_tokenizer.NameOf)));
        Assert.Equal("an</s>an", s_tokenizer.DecodeText(tokens));
        Assert.DoesNotContain(s_tokenizer.Encode("an</s>an"), s_tokenizer.IsSpecial);
    }

    [Fact]
    public void File_without_space_prefix_gets_none()
    {
        var tokenizer = VocabularyFile.SentencePiece(s_pieces).With("tokenizer.ggml.add_space_prefix", false).Read();
        Assert.Equal("an ▁an", string.Join(' ', tokenizer.Encode("an an").Select(tokenizer.NameOf)));
        Assert.Equal(" an", tokenizer.DecodeText(tokenizer.Encode(" an")));
    }

    [Fact]
    public void Document_begins_with_the_token_for_it_once()
    {
        Assert.Equal([1, .. s_tokenizer.Encode("an")], s_tokenizer.EncodeDocument("an"));
        Assert.Equal(s_tokenizer.EncodeDocument("an"), s_tokenizer.EncodeDocument("<s>an", parseSpecial: true));
        var ends = VocabularyFile.SentencePiece(s_pieces)
            .With("tokenizer.ggml.add_bos_token", false)
            .With("tokenizer.ggml.add_eos_token", true)
            .Read();
        Assert.Equal([.. ends.Encode("an"), 2], ends.EncodeDocument("an"));
    }

    [Fact]
    public void Phi_3_takes_the_space_after_a_special_token()
    {
        var file = VocabularyFile.SentencePiece(s_pieces).With("general.name", "Phi-3 mini");
        Assert.Equal("<|end|> ▁an", Names(file.Token("<|end|>", VocabularyFile.Control).Read(), "<|end|> \n an"));

        static string Names(Tokenizer tokenizer, string text) =>
            string.Join(' ', tokenizer.Encode(text, parseSpecial: true).Select(tokenizer.NameOf));
    }

    [Fact]
    public void Vocabulary_without_bytes_writes_the_unknown_token()
    {
        var tokenizer = new VocabularyFile()
            .With("tokenizer.ggml.model", "llama")
            .Token("<unk>", VocabularyFile.Unknown)
            .Token("<s>", VocabularyFile.Control)
            .Token("</s>", VocabularyFile.Control)
                .Token("▁a", VocabularyFile.Normal)
                .Token("▁", VocabularyFile.Normal)
                .Token("a", VocabularyFile.Normal)
                .Read();
        Assert.Equal([3, 0, 5], tokenizer.Encode("aba"));
        var nothing = new VocabularyFile().With("tokenizer.ggml.model", "llama").Token("</s>", VocabularyFile.Control);
        Assert.Contains("byte", Assert.Throws<NoosException>(nothing.Read).Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// The definition: join the neighbours whose union has the highest score, the leftmost of equals, until none has one.
    /// </summary>
    static string MergeNaively(string text)
    {
        var symbols = text.Replace(' ', '▁').Select(character => character.ToString()).ToList();
        while (true)
        {
            var best = -1;
            for (var index = 0; index + 1 < symbols.Count; index++)
            {
                var place = Array.IndexOf(s_pieces, symbols[index] + symbols[index + 1]);
                if (place >= 0 && (best < 0 || place < Array.IndexOf(s_pieces, symbols[best] + symbols[best + 1])))
                {
                    best = index;
                }
            }

            if (best < 0)
            {
                return string.Join('|', symbols.SelectMany(symbol => s_pieces.Contains(symbol, StringComparer.Ordinal)
                    ? [symbol]
                    : Encoding.UTF8.GetBytes(symbol).Select(value => $"<0x{value:X2}>")));
            }

            symbols[best] += symbols[best + 1];
            symbols.RemoveAt(best + 1);
        }
    }
}
