using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Noos.Language.Tokenization.Merging;
using Noos.Language.Tokenization.Splitting;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.Tests.Tokenization.Splitting;

/// <summary>Hand-written pre-tokenizers beside the regular expressions that they stand for.</summary>
public sealed class PreTokenizerTableTests
{
    const string Contractions = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
    const string Spaces = @"\s*[\r\n]+|\s+(?!\S)|\s+";
    const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    const string CasedWord = @"[^\r\n\p{L}\p{N}]?((?=\p{L})[^a-z])*((?=\p{L})[^A-Z])+";
    const string CapitalWord = @"[^\r\n\p{L}\p{N}]?((?=\p{L})[^a-z])+((?=\p{L})[^A-Z])*";

    // Only letters of one UTF-16 unit: the regular expression of .NET sees the halves of others as symbols.
    static readonly Gen<string> s_texts = Gen.Char[
        "aZsStTdDmMrReEvVlL''  \t\r\n\u00a0\u2003\u3000.,!{}/\"0912½éßÄЖ語\u0301\u0300\u200b\u0e01€"].Array[0, 40]
            .Select(characters => new string(characters));

    [Fact]
    public void Llama_3_equals_its_expression() =>
        Compare(default(Cl100kSplitter<Llama3Rule>),
            $@"{Contractions}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{Spaces}");

    [Fact]
    public void Qwen_3_5_equals_its_expression() =>
        Compare(default(Cl100kSplitter<Qwen35Rule>),
            $@"{Contractions}|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|{Spaces}");

    [Fact]
    public void Gpt_2_equals_its_expression() => Compare(default(Gpt2Splitter<Gpt2Rule>), Gpt2);

    [Fact]
    public void Gpt_2_with_digits_cut_out_equals_its_expressions() => Compare(default(Gpt2Splitter<DigitsFirstRule>), @"\p{N}", Gpt2);

    [Fact]
    public void Gpt_4o_equals_its_expression() =>
        Compare(default(O200kSplitter<Gpt4oRule>),
            $@"{CasedWord}({Contractions})?|{CapitalWord}({Contractions})?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{Spaces}");

    [Fact]
    public void Tekken_equals_its_expression() =>
        Compare(default(O200kSplitter<TekkenRule>), $@"{CasedWord}|{CapitalWord}|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{Spaces}");

    [Theory]
    [InlineData("gpt-2", "don't 1234  a", "don|'t| 1234| | a")]
    [InlineData("smollm", "x 12  3", "x| |1|2|  |3")]
    [InlineData("llama-bpe", "DON'T 12345\n\n x", "DON|'T| |123|45|\n\n| x")]
    [InlineData("gpt-4o", "camelCase HTTPServer it's a/b/\n12345", "camel|Case| HTTPServer| it's| a|/b|/\n|123|45")]
    [InlineData("tekken", "it's 12", "it|'s| |1|2")]
    [InlineData("deepseek-llm", "a 語1  2", "a| |語|1|  |2")]
    [InlineData("falcon", "a$1234", "a|$|123|4")]
    [InlineData("bloom", "a, b", "a|,| b")]
    [InlineData("tiny_aya", "x 1234567 12", "x| |1|234|567| |12")]
    public void Pieces_of_a_known_text_are_those_of_the_rule(string pre, string text, string expected)
    {
        // Every part of the text is a token, and a piece becomes the token that it is.
        var bytes = Encoding.UTF8.GetBytes(text);
        var parts = Enumerable.Range(0, bytes.Length)
            .SelectMany(start => Enumerable.Range(start + 1, bytes.Length - start).Select(end => bytes[start..end]))
            .ToArray();
        var kinds = new TokenKind[parts.Length];
        Array.Fill(kinds, TokenKind.Normal);
        var tokens = new TokenTable(parts, kinds);
        var encoder = PreTokenizerTable.Find(pre)!.Encoder(new ByteSymbols(new int[256]), new MergeTable([]),
            new TokenLookup(tokens, _ => true), new OutOfVocabularySymbols(tokens.Count));
        var pieces = new List<int>();
        encoder.Encode(bytes, pieces);
        Assert.Equal(expected, string.Join('|', Restore(pieces).Select(piece => Encoding.UTF8.GetString(piece))));

        // A piece of one byte is looked up by its byte, which is 0 here; the text says which it is.
        IEnumerable<byte[]> Restore(List<int> found)
        {
            var position = 0;
            foreach (var token in found)
            {
                var length = token == 0 ? 1 : tokens[token].Length;
                yield return bytes[position..(position + length)];
                position += length;
            }
        }
    }

    static void Compare<TSplitter>(TSplitter splitter, params string[] patterns)
        where TSplitter : struct, ISplitter<TSplitter>
    {
        var stages = patterns.Select(pattern =>
            new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10))).ToArray();
        s_texts.Sample(text =>
            Assert.Equal(stages.Aggregate((IEnumerable<string>)[text], (pieces, stage) => pieces.SelectMany(piece => Cut(stage, piece))),
                Split(splitter, text)), iter: 5_000);
    }

    /// <summary>The matches and what lies between them.</summary>
    static IEnumerable<string> Cut(Regex regex, string text)
    {
        var position = 0;
        foreach (Match match in regex.Matches(text))
        {
            if (match.Index > position)
            {
                yield return text[position..match.Index];
            }

            yield return match.Value;
            position = match.Index + match.Length;
        }

        if (position < text.Length)
        {
            yield return text[position..];
        }
    }

    static List<string> Split<TSplitter>(TSplitter splitter, string text)
        where TSplitter : struct, ISplitter<TSplitter>
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var pieces = new List<string>();
        var rule = splitter.For(bytes);
        for (var position = 0; position < bytes.Length;)
        {
            var end = rule.End(bytes, position);
            pieces.Add(Encoding.UTF8.GetString(bytes, position, end - position));
            position = end;
        }

        return pieces;
    }
}
