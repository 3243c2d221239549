using System.Text;
using System.Text.RegularExpressions;

namespace Noos.Courses.Examinations.Graders;

/// <summary>
/// The answer gives a span of a text, whatever its case, punctuation and articles, without much around it; where it cites a passage, the
/// right one.
/// </summary>
/// <param name="span">As it stands in the text.</param>
/// <param name="passage">The number of its passage; 0 where any may be cited.</param>
public sealed partial class SpanGrader(string span, int passage = 0) : IGrader
{
    // Who repeats the whole text has not answered.
    const int MaxOtherWords = 12;

    public string Expected => span;

    public string? FindFault(Core.Conversations.Conversation played)
    {
        var answer = ExamReply.From(played).Text;
        var (said, expected) = (Normalize(CitationPattern().Replace(answer, " ")), Normalize(span));
        return !$" {said} ".Contains($" {expected} ", StringComparison.Ordinal) ? $"the answer does not give \"{span}\""
            : Words(said) - Words(expected) > MaxOtherWords ? "the answer says much more than the span"
            : RefusalGrader.IsRefusal(answer) ? "the answer says that the text does not say"
            : passage > 0 && CitationPattern().Matches(answer).Any(match => match.Groups["number"].Value != $"{passage}")
                ? $"the answer cites another passage than [{passage}]"
            : null;
    }

    /// <summary>Lower case, words and numbers alone, without articles.</summary>
    internal static string Normalize(string text)
    {
        var words = new StringBuilder();
        foreach (Match match in WordPattern().Matches(text.ToLowerInvariant()))
        {
            var word = match.Value.Replace(",", "", StringComparison.Ordinal);
            if (word is not ("a" or "an" or "the"))
            {
                words.Append(words.Length > 0 ? " " : "").Append(word);
            }
        }

        return words.ToString();
    }

    static int Words(string normalized) => normalized.Length == 0 ? 0 : normalized.Count(' '.Equals) + 1;

    [GeneratedRegex(@"\[(?<number>\d+)\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CitationPattern();

    [GeneratedRegex(@"\d+(?:[.,:]\d+)*|\p{L}+(?:['\u2019]\p{L}+)*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordPattern();
}
