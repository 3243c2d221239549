using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Courses.Lessons;

namespace Noos.Courses.Passages;

/// <summary>
/// Makes questions of passages that people wrote: gaps, recurring spans, years. What is asked for may be exchanged (then memory is wrong
/// and only the text is right), or its sentence taken out (then the text does not say).
/// </summary>
sealed partial class PassageWriter(Draw draw, PassagePhrases phrases)
{
    const string Gap = "____";
    const int Attempts = 20;
    const int MaxSentence = 220;
    const int MaxYear = 2026;

    /// <param name="rule">What is asked.</param>
    /// <param name="passage">Whole sentences.</param>
    /// <param name="others">Passages beside it; the right one comes anywhere.</param>
    /// <param name="isChanged">With another name or number in the place that is asked for.</param>
    /// <param name="isMissing">Without the sentence that is asked about.</param>
    /// <returns>Null where the passage gives no such question.</returns>
    public PassageItem? TryWrite(
        PassageRule rule, string passage, IReadOnlyList<string> others, bool isChanged = false, bool isMissing = false)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (Ask(rule, passage, isChanged, isMissing) is not { } asked
                || (asked.Answer is { } span && others.Any(other => other.Contains(span, StringComparison.Ordinal))))
            {
                continue;
            }

            var passages = new List<string>(others);
            var place = draw.Index(0, passages.Count);
            passages.Insert(place, asked.Text);
            return new PassageItem(passages, asked.Question, asked.Answer, asked.Answer is null ? -1 : place);
        }

        return null;
    }

    (string Text, string Question, string? Answer)? Ask(PassageRule rule, string passage, bool isChanged, bool isMissing)
    {
        if (rule == PassageRule.NextWord)
        {
            return AskNextWord(passage);
        }

        var sentence = draw.Pick(SentencePattern().Split(passage));
        if (sentence.Length > MaxSentence || Spans(rule, sentence) is not { Length: > 0 } spans)
        {
            return null;
        }

        var span = draw.Pick(spans);
        if (rule == PassageRule.Recurring)
        {
            var second = passage.LastIndexOf(span, StringComparison.Ordinal);
            return second > passage.IndexOf(span, StringComparison.Ordinal)
                ? (passage[..second] + Gap + passage[(second + span.Length)..], draw.Pick(phrases.Recurring), span)
                : null;
        }

        var clause = rule == PassageRule.Year
            ? YearPhrasePattern(span).Replace(sentence, "", 1).Trim()
            : sentence.Replace(span, Gap, StringComparison.Ordinal);
        if (clause.Contains(span, StringComparison.Ordinal) || clause.Length == sentence.Length)
        {
            return null;
        }

        var question = draw.Pick(rule == PassageRule.Year ? phrases.Years : phrases.Gaps).Replace("{c}", Sentences.Capitalize(clause));
        if (isMissing)
        {
            var rest = passage.Replace(sentence, "", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal).Trim();
            return rest.Length > 0 && !rest.Contains(span, StringComparison.Ordinal) ? (rest, question, null) : null;
        }

        if (!isChanged)
        {
            return (passage, question, span);
        }

        var other = Exchange(span);
        return passage.Contains(other, StringComparison.Ordinal)
            ? null
            : (passage.Replace(span, other, StringComparison.Ordinal), question.Replace(span, other, StringComparison.Ordinal), other);
    }

    (string Text, string Question, string? Answer)? AskNextWord(string passage)
    {
        const int Known = 4;
        var words = passage.Split(' ');
        var place = draw.Index(Known, words.Length - 1);
        var known = string.Join(' ', words[(place - Known)..place]);
        var next = words[place].Trim('.', ',', ';', ':', '(', ')');

        // Once only, and not over the end of a sentence.
        return next.Length < 3 || known.Contains(". ", StringComparison.Ordinal) || known[^1] is '.' or ','
            || passage.IndexOf(known, StringComparison.Ordinal) != passage.LastIndexOf(known, StringComparison.Ordinal)
            ? null
            : (passage, draw.Pick(phrases.NextWords).Replace("{c}", known), next);
    }

    /// <summary>Names, years and numbers of a sentence that stand there once.</summary>
    static string[] Spans(PassageRule rule, string sentence) =>
    [
        .. (rule == PassageRule.Year ? YearPattern() : SpanPattern()).Matches(sentence).Select(match => match.Value)
            .Where(span => sentence.IndexOf(span, StringComparison.Ordinal) == sentence.LastIndexOf(span, StringComparison.Ordinal)),
    ];

    string Exchange(string span) => !char.IsAsciiDigit(span[0])
        ? string.Join(' ', span.Split(' ').Select(_ => draw.InventedName()))
        : span.Length == 4 && int.TryParse(span, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year < MaxYear
            ? $"{draw.Number(1100, MaxYear - 1)}"
            : $"{draw.Digits(Math.Clamp(span.Count(char.IsAsciiDigit), 2, 6))}";

    // The year goes with the word before it: "in 1830", "in May 1830".
    static Regex YearPhrasePattern(string year) => new(
        $@" ?(?:\b(?:[Ii]n|[Bb]y|[Ss]ince|[Ff]rom|[Uu]ntil|[Oo]n)\s(?:[a-z]+\s)?(?:\d{{1,2}}\s)?(?:[A-Z][a-z]+\s)?)?{year},?",
        RegexOptions.None, TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"(?<=[a-z\d)]\.) (?=[A-Z])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SentencePattern();

    // Not at the beginning of a sentence, where any word has a capital letter.
    [GeneratedRegex(
        @"(?<=[a-z,] )[A-Z]\p{L}{3,}(?: [A-Z]\p{L}+){0,2}\b|(?<![\d.,-])\d[\d,]*(?:\.\d+)?(?![\d-])",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SpanPattern();

    [GeneratedRegex(@"\b1\d{3}\b(?!-)|\b20[012]\d\b(?!-)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex YearPattern();
}
