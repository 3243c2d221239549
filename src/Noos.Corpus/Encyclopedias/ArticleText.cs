using System.Text.RegularExpressions;
using Noos.Corpus.Index;

namespace Noos.Corpus.Encyclopedias;

/// <summary>Small changes to the text of articles.</summary>
static partial class ArticleText
{
    static readonly string[] s_ordinals =
    [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
        "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
    ];

    /// <summary>The beginning of a text, in whole sentences where that is possible.</summary>
    public static string Cut(string text, int maxLength)
    {
        if (text.Length <= maxLength)
        {
            return text;
        }

        var end = PassageSplitter.Sentences(text, 0, text.Length).Select(sentence => sentence.End).LastOrDefault(end => end <= maxLength);
        if (end > 0)
        {
            return text[..end].TrimEnd();
        }

        var (start, length) = PassageSplitter.Split(text, maxLength).First();
        return text.Substring(start, length);
    }

    /// <summary>Ordinals up to twenty as words: "1st President" is "first President".</summary>
    public static string SpellOrdinals(string text) => Ordinal().Replace(text, match =>
        int.Parse(match.Groups["number"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) is > 0 and <= 20 and var number
            ? s_ordinals[number - 1]
            : match.Value);

    [GeneratedRegex(@"\b(?<number>\d{1,2})(st|nd|rd|th)\b(?! century| centuries)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Ordinal();
}
