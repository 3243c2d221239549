using System.Text.RegularExpressions;
using Noos.Courses.Examinations.Graders;

namespace Noos.Courses.Experts;

/// <summary>
/// A scripted expert: judges any answer to an <see cref="ExpertPrompt"/> by weighted checks, without an error. It is the truth that noisy
/// labels, reward models and policies are measured against. Immutable and thread-safe.
/// </summary>
public sealed partial class ExpertLabeler
{
    // To be right weighs most; no two checks weigh the same, so that two different defects are seldom a tie.
    const double RightWeight = 4;
    const double StopsWeight = 2.6;
    const double GroundedWeight = 2.2;
    const double FormatWeight = 1.8;
    const double PoliteWeight = 1.5;
    const double LengthWeight = 1;

    /// <summary>The only instance that anyone needs: there are no settings.</summary>
    public static ExpertLabeler Instance { get; } = new();

    public ExpertScore Score(ExpertPrompt prompt, ExpertAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        var text = answer.Text.Trim();
        double? right = prompt.Check is { } check ? check(answer) : prompt.Right is { } isRight ? isRight(text) ? 1 : 0 : null;
        double? grounded = prompt.Source is { } source ? text.Length == 0 ? 0 : Grounded(text, $"{source} {prompt.Question}") : null;
        var format = text.Length == 0 ? 0 : prompt.Rules.Count == 0 ? 1 : prompt.Rules.Average(rule => rule.Holds(text) ? 1.0 : 0);
        var stops = answer.IsEnded && text.Length > 0 && !GoesInCircles(text) ? 1 : 0;

        // Twice as long as needed is as bad as any length.
        var length = text.Length == 0 ? 0 : Math.Clamp(2 - (ExpertPrompts.Words(text) / (double)prompt.MaxWords), 0, 1);
        var polite = RudePattern().IsMatch(text) ? 0 : 1;
        (double Weight, double? Value)[] checks =
        [
            (RightWeight, right), (GroundedWeight, grounded), (FormatWeight, format), (StopsWeight, stops), (LengthWeight, length),
            (PoliteWeight, polite),
        ];
        var counted = checks.Where(item => item.Value is not null).ToArray();
        return new ExpertScore(right, grounded, format, stops, length, polite)
        {
            Total = counted.Sum(item => item.Weight * item.Value!.Value) / counted.Sum(item => item.Weight),
        };
    }

    /// <summary>The share of names, numbers and strange words that stand in the source; 1 where there are none.</summary>
    static double Grounded(string text, string source)
    {
        var known = $" {SpanGrader.Normalize(source)} ";
        var specific = SpanGrader.Normalize(CitationPattern().Replace(text, " ")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(word => char.IsDigit(word[0]) || !Fluency.IsWord(word)).ToArray();
        return specific.Length == 0 ? 1 : specific.Average(word => known.Contains($" {word} ", StringComparison.Ordinal) ? 1.0 : 0);
    }

    /// <summary>The same words, up to twenty of them, three times in a row.</summary>
    public static bool GoesInCircles(string text)
    {
        var words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        for (var period = 1; period <= Math.Min(20, words.Length / 3); period++)
        {
            var matches = 0;
            for (var index = period; index < words.Length; index++)
            {
                matches = words[index] == words[index - period] ? matches + 1 : 0;
                if (matches >= 2 * period && (period > 1 || words[index].Length > 2))
                {
                    return true;
                }
            }
        }

        return false;
    }

    [GeneratedRegex(@"\[\d+\]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CitationPattern();

    [GeneratedRegex(
        @"\b(?:stupid|dumb|idiots?|morons?|fools?|pathetic|ridiculous|ignorant|shut up|get lost|go away|leave me alone"
        + @"|waste of (?:my )?time|annoy(?:s|ing)? (?:me|you)|you annoy|i hate (?:you|your)|nobody likes you|how lazy)\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RudePattern();
}
