using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Noos.Language.Conversations;
using Noos.Tools.Lessons;

namespace Noos.Tools.Examinations;

/// <summary>Keeps examinations out of the training data: their wordings, and calculations with the numbers reserved for them.</summary>
public static partial class ExamGuard
{
    static readonly Lazy<FrozenSet<string>> s_wordings = new(() => Courses.All.SelectMany(course => course.Examination())
        .Select(question => Sentences.Skeleton(question.Prompt.Messages[^1].Text())).ToFrozenSet());

    /// <summary>Whether a conversation gives away something of an examination, so that it must not be trained on.</summary>
    public static bool Forbids(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        if (conversation.Messages.Any(message => message.Role == Role.User && s_wordings.Value.Contains(Sentences.Skeleton(message.Text()))))
            return true;

        // Later calls go on with results, which may be any number.
        return conversation.Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().FirstOrDefault() is { } call
            && NumberPattern().Matches(call.Arguments.GetRawText())
                .Any(match => long.TryParse(match.Value, out var number) && ReservedNumbers.Contains(number));
    }

    // Whole numbers only; the exponents of the refused powers are not drawn.
    [GeneratedRegex(@"(?<![\d.^])\d{1,15}(?![\d.!])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumberPattern();
}
