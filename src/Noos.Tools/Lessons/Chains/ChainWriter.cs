using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;
using Noos.Tools.Calculator;

namespace Noos.Tools.Lessons.Chains;

/// <summary>A conversation up to the result of its search, and what follows.</summary>
/// <param name="Prompt">Question, call and result.</param>
/// <param name="Expression">What is to be calculated; null where nothing was found.</param>
/// <param name="Result">What the calculator says; not always the truth.</param>
/// <param name="Answer">The last words.</param>
sealed record ChainItem(Conversation Prompt, string? Expression, string? Result, string Answer);

/// <summary>Makes chains of invented passages: whose answer is a number is calculated with, the rest is found or not.</summary>
sealed partial class ChainWriter(Draw draw, ChainPhrases phrases)
{
    const int MinYear = 1400;

    static readonly string[] s_nothing =
    [
        "I could not find that, so I cannot calculate it.", "I could not find that.",
            "I could not find it, so there is nothing to calculate.",
    ];

    /// <summary>The chain for an item, or null where it has no number and is found.</summary>
    public ChainItem? TryWrite(ReadingItem item)
    {
        if (item.Answer is null)
        {
            // Only where a number is asked for, and as often as it takes to be known, not as often as it comes.
            return AmountPattern().IsMatch(item.Question) && draw.Chance(0.6) ? Missing(item) : null;
        }

        if (!NumberPattern().IsMatch(item.Answer)
            || !long.TryParse(item.Answer, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var found))
        {
            return null;
        }

        var isYear = item.Answer.Length == 4 && found is >= MinYear and < 2026;
        var (question, expression, answer) = draw.Pick(isYear ? phrases.Years : phrases.Numbers);
        var other = draw.Number(2, isYear ? 60 : 20).ToString(CultureInfo.InvariantCulture);
        expression = expression.Replace("{v}", found.ToString(CultureInfo.InvariantCulture)).Replace("{n}", other);
        var result = CalculatorTool.Evaluate(expression);
        if (!draw.IsExamination && draw.Chance(0.04))
        {
            // A tool that is wrong: what it says is what is told.
            result = $"{draw.Number(2, 9999)}";
        }

        return new ChainItem(
            Prompt(question.Replace("{n}", other), item), expression, result,
            Sentences.Capitalize(answer.Replace("{r}", result).Replace("{n}", other)));
    }

    ChainItem Missing(ReadingItem item)
    {
        var (question, _, _) = draw.Pick(phrases.Numbers);
        question = question.Replace("{n}", draw.Number(2, 20).ToString(CultureInfo.InvariantCulture));
        return new ChainItem(Prompt(question, item), null, null, draw.Pick(s_nothing));
    }

    Conversation Prompt(string question, ReadingItem item)
    {
        var result = (item.Answer is null ? draw.Index(0, 3) : 3) switch
        {
            0 => new ToolResultPart(ToolWriter.SearchName, "No source answers at the moment.", IsError: true),
            1 => new ToolResultPart(ToolWriter.SearchName, ToolWriter.NothingFound),
            _ => new ToolResultPart(ToolWriter.SearchName, ToolWriter.Found(item, draw)),
        };
        return Conversation.From(
            Message.User(question.Replace("{q}", item.Question)),
            Message.Assistant(ToolCourse.CreateCall(ToolWriter.SearchName, ToolWriter.SearchArgument, ToolWriter.Query(item))),
            Message.Tool(result));
    }

    [GeneratedRegex(@"^How (?:many|much|long|high|far|old)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AmountPattern();

    [GeneratedRegex(@"^\d{1,3}(?:,\d{3})+$|^\d{1,5}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumberPattern();
}
