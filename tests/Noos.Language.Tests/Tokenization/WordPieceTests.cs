using Noos.Core;
using Noos.Language.Tests.Tokenization.Vocabularies;

namespace Noos.Language.Tests.Tokenization;

/// <summary>WordPiece as <c>BertTokenizer</c> of Hugging Face has it; the expected tokens follow from its rules.</summary>
public sealed class WordPieceTests
{
    static readonly string[] s_pieces =
    [
        "un", "##aff", "##able", "want", "##ed", "runn", "##ing", ",", "low", "##est", "cafe", "naive", "中", "!", "か", "ᄀ", "##ᅡ",
    ];

    static VocabularyFile Vocabulary(params IEnumerable<string> pieces)
    {
        var file = new VocabularyFile().With("tokenizer.ggml.model", "bert")
            .Token("[PAD]", VocabularyFile.Control).Token("[UNK]", VocabularyFile.Unknown)
            .Token("[CLS]", VocabularyFile.Control).Token("[SEP]", VocabularyFile.Control);
        foreach (var piece in pieces.Distinct())
        {
            file.Token(piece.StartsWith("##", StringComparison.Ordinal) ? piece[2..] : $"▁{piece}", VocabularyFile.Normal);
        }

        return file;
    }

    [Theory]
    [InlineData("UNwant\u00E9d,running", "[UNK] , runn ##ing")]
    [InlineData("unaffable", "un ##aff ##able")]
    [InlineData("unaffableX", "[UNK]")]
    [InlineData("wanted, running!", "want ##ed , runn ##ing !")]
    [InlineData(" \tLowest \n", "low ##est")]
    [InlineData("CAFÉ naïve", "cafe naive")]
    [InlineData("cafe\u0301", "cafe")]
    [InlineData("low中low", "low 中 low")]
    [InlineData("が", "か")]
    [InlineData("가", "ᄀ ##ᅡ")]
    [InlineData("low\u200Best\u0000\uFFFD", "low ##est")]
    [InlineData("low\u00A0low\u2003!", "low low !")]
    [InlineData("", "")]
    public void Words_are_covered_by_the_longest_tokens(string text, string expected)
    {
        var tokenizer = Vocabulary(s_pieces).Read();
        var names = tokenizer.Encode(text).Select(token => tokenizer.NameOf(token) is ['▁', .. var begin] ? begin
            : tokenizer.IsSpecial(token) ? tokenizer.NameOf(token) : $"##{tokenizer.NameOf(token)}");
        Assert.Equal(expected, string.Join(' ', names));
    }

    [Fact]
    public void Vocabulary_with_capitals_keeps_them()
    {
        var tokenizer = Vocabulary("Low", "low", "##est").Read();
        Assert.Equal("▁Low", tokenizer.NameOf(Assert.Single(tokenizer.Encode("Low"))));
        Assert.Equal("[UNK]", tokenizer.NameOf(Assert.Single(tokenizer.Encode("LOW"))));
    }

    [Fact]
    public void Document_stands_between_its_marks_and_words_of_more_than_a_hundred_characters_are_unknown()
    {
        var tokenizer = Vocabulary("low", "a", "##a").Read();
        Assert.Equal(["[CLS]", "▁low", "[SEP]"], tokenizer.EncodeDocument("low").Select(tokenizer.NameOf));
        Assert.Equal(100, tokenizer.Encode(new string('a', 100)).Length);
        Assert.Equal("[UNK]", tokenizer.NameOf(Assert.Single(tokenizer.Encode(new string('a', 101)))));
    }

    [Fact]
    public void Vocabulary_without_a_token_for_the_unknown_is_refused()
    {
        var file = new VocabularyFile().With("tokenizer.ggml.model", "bert").Token("[CLS]", VocabularyFile.Control)
            .Token("[SEP]", VocabularyFile.Control).Token("▁low", VocabularyFile.Normal);
        Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => file.Read()).Kind);
    }
}
