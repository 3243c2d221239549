using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Courses.Lessons;

namespace Noos.Courses.Examinations;

/// <summary>Keeps examinations out of the training data: their wordings, and calculations with the numbers reserved for them.</summary>
public sealed partial class ExamGuard(IEnumerable<ICourse> courses)
{
    readonly FrozenSet<string> _wordings = courses.SelectMany(course => course.Examination())
        .Select(question => Sentences.Skeleton(question.Prompt.Messages[^1].Text())).ToFrozenSet();

    /// <summary>Whether a conversation gives away something of an examination, so that it must not be trained on.</summary>
    public bool Forbids(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        if (conversation.Messages.Any(message => message.Role == Role.User && _wordings.Contains(Sentences.Skeleton(message.Text()))))
        {
            return true;
        }

        // Later calls go on with results, which may be any number.
        return conversation.Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().FirstOrDefault() is { } call
            && NumberPattern().Matches(call.Arguments.GetRawText())
                .Any(match => long.TryParse(match.Value, out var number) && ReservedNumbers.Contains(number));
    }

    // Whole numbers only; the exponents of the refused powers are not drawn.
    [GeneratedRegex(@"(?<![\d.^])\d{1,15}(?![\d.!])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumberPattern();
}
