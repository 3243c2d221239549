using System.Text.RegularExpressions;
using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>The answer says that it is not in the text, in whatever words.</summary>
public sealed partial class RefusalGrader : IGrader
{
    public string Expected => "that the text does not say";

    public string? FindFault(Conversation played) =>
        IsRefusal(ExamReply.From(played).Text) ? null : "the answer does not say that the text does not say";

    internal static bool IsRefusal(string answer) => RefusalPattern().IsMatch(answer);

    [GeneratedRegex(
        @"(?:does|do|did) ?(?:n[o']t|not) (?:say|tell|mention|state|contain|give|know|find)|(?:not|n't|nothing|never|no answer) "
        + @"(?:\w+ ){0,3}(?:in the (?:text|passages?|card|note)|mentioned|stated|said|given|told|found)"
        + @"|(?:could|can) ?(?:not|n't) (?:find|tell)|cannot (?:find|tell)",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RefusalPattern();
}
