using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Courses.Examinations.Graders;

namespace Noos.Courses.Summaries;

/// <summary>The answer is short, names the subject, and has its words from the text.</summary>
/// <param name="text">What is summed up.</param>
/// <param name="subject">Whom or what it is about.</param>
public sealed partial class SummaryGrader(string text, string subject) : IGrader
{
    public const int MaxWords = 25;
    const double MinShareFromText = 0.8;

    // "It is about" comes from no text.
    static readonly HashSet<string> s_free =
        ["it", "is", "about", "the", "text", "a", "an", "and", "tells", "of", "says", "that", "passage", "speaks"];

    public string Expected => subject;

    public string? FindFault(Conversation played)
    {
        var answer = ExamReply.From(played).Text;
        var words = Words(answer);
        if (words.Count is 0 or > MaxWords)
        {
            return words.Count == 0 ? "the answer is empty" : $"the answer has {words.Count} words";
        }

        var known = Words(text).ToHashSet(StringComparer.Ordinal);
        var counted = words.Where(word => !s_free.Contains(word)).ToArray();
        return !answer.Contains(subject.Trim('"'), StringComparison.OrdinalIgnoreCase) ? $"the answer does not name {subject}"
            : counted.Count(known.Contains) < MinShareFromText * counted.Length ? "the answer says what the text does not"
            : null;
    }

    static List<string> Words(string text) => [.. WordPattern().Matches(text.ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:['\u2019,.:]\p{N}+)*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordPattern();
}
