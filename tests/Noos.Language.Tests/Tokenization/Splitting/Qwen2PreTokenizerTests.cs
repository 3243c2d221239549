using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Noos.Language.Tokenization.Splitting;

namespace Noos.Language.Tests.Tokenization.Splitting;

public sealed class Qwen2PreTokenizerTests
{
    static readonly Regex s_oracle = new(Qwen2PreTokenizer.Pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));

    [Theory]
    [InlineData("Hello world", "Hello| world")]
    [InlineData("I'm sure you'LL don't 'tis", "I|'m| sure| you|'LL| don|'t| '|tis")]
    [InlineData("x=48*37+5", "x|=|4|8|*|3|7|+|5")]
    [InlineData("a  b\n\n  c   ", "a| | b|\n\n| | c|   ")]
    [InlineData("{\"name\": \"calculator\"}", "{\"|name|\":| \"|calculator|\"}")]
    [InlineData("über naïve 日本語 ½ ३", "über| naïve| 日本語| |½| |३")]
    [InlineData("end.\n\nNext", "end|.\n\n|Next")]
    [InlineData("\t\tif\r\n", "\t|\tif|\r\n")]
    public void Pieces_of_known_text_are_those_of_the_pattern(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Split(text)));

    [Fact]
    public void Pieces_of_any_text_equal_those_of_the_regular_expression()
    {
        // Only letters of one UTF-16 unit: the regular expression of .NET sees the halves of others as symbols.
        var alphabet = "aZsStTdDmMrReEvVlL'  \t\r\n\u00a0\u2003\u3000.,!{}\"09½éßЖ語\u0301\u200b\u0e01€";
        var texts = Gen.Char[alphabet].Array[0, 40].Select(characters => new string(characters));
        texts.Sample(text => Assert.Equal(s_oracle.Matches(text).Select(match => match.Value), Split(text)), iter: 20_000);
    }

    [Fact]
    public void Pieces_of_any_bytes_cover_them_without_gaps() =>
        Gen.Byte.Array[1, 64].Sample(bytes =>
        {
            for (var position = 0; position < bytes.Length;)
            {
                var end = Qwen2PreTokenizer.End(bytes, position);
                Assert.InRange(end, position + 1, bytes.Length);
                position = end;
            }
        });

    static List<string> Split(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var pieces = new List<string>();
        for (var position = 0; position < bytes.Length;)
        {
            var end = Qwen2PreTokenizer.End(bytes, position);
            pieces.Add(Encoding.UTF8.GetString(bytes, position, end - position));
            position = end;
        }

        return pieces;
    }
}
