using Noos.Courses.Lessons;

namespace Noos.Courses.Formats;

/// <summary>
/// Writes requests for answers in a format, an answer that keeps to it, and the rules by which any answer can be checked.
/// </summary>
sealed class FormatWriter(Draw draw, FormatContent content, FormatPhrases phrases)
{
    static readonly string[] s_openings = ["Of course:", "Here you are:", "Well,", "Let me see:", "Sure:"];

    static readonly string[] s_closings = ["That is all.", "Have a nice day.", "I hope this helps.", "Thank you.", "The end."];

    static readonly string[] s_keys = ["name", "city", "age", "colour", "price", "animal", "number", "day", "size", "kind", "title",
        "owner"];

    /// <summary>The kinds, in a fixed order.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        ["one word", "yes or no", "items", "sentences", "upper case", "lower case", "JSON", "numbered list", "list", "beginning", "end",
            "quotation marks", "length", "no digits"];

    public FormatItem Next(string kind)
    {
        switch (kind)
        {
            case "one word":
                var (group, things) = draw.Pick(content.Groups);
                return new(draw.Pick(phrases.OneWord).Replace("{g}", group), draw.Pick(things), [FormatRule.OneWord]) { Topic = things };
            case "yes or no":
                var (question, isYes) = draw.Pick(content.Questions);
                return new(draw.Pick(phrases.YesOrNo).Replace("{q}", question), isYes ? "Yes" : "No", [FormatRule.YesOrNo(isYes)]);
            case "items":
                return Things((request, items) => new(request, Join(items), [FormatRule.Items(items.Length)]));
            case "sentences":
                return InSentences((request, sentences) => new(
                    request, string.Join(' ', sentences), [FormatRule.SentenceCount(sentences.Length)]));
            case "upper case":
                return Cased(phrases.Upper, FormatRule.Upper, text => text.ToUpperInvariant());
            case "lower case":
                return Cased(phrases.Lower, FormatRule.Lower, text => text.ToLowerInvariant());
            case "JSON":
                return draw.Chance(0.4) ? Pairs() : Things((request, items) =>
                {
                    var key = draw.Pick(s_keys);
                    return new(
                        $"{request} {draw.Pick(phrases.Json).Replace("{k}", key)}",
                        $"{{\"{key}\": [{string.Join(", ", items.Select(item => $"\"{item}\""))}]}}", [FormatRule.Json(key)]);
                });
            case "numbered list":
                return Things((request, items) => new(
                    $"{request} {draw.Pick(phrases.Numbered)}",
                    string.Join('\n', items.Select((item, index) => $"{index + 1}. {item}")), [FormatRule.NumberedList(items.Length)]));
            case "list":
                return Things((request, items) => new(
                    $"{request} {draw.Pick(phrases.Bullets)}", string.Join('\n', items.Select(item => $"- {item}")),
                    [FormatRule.Bullets(items.Length)]));
            case "beginning":
                return InSentences((request, sentences) =>
                {
                    var opening = draw.Pick(s_openings);
                    return new(
                        $"{request} {draw.Pick(phrases.Beginning).Replace("{t}", opening)}", $"{opening} {string.Join(' ', sentences)}",
                        [FormatRule.StartsWith(opening)]);
                });
            case "end":
                return InSentences((request, sentences) =>
                {
                    var closing = draw.Pick(s_closings);
                    return new(
                        $"{request} {draw.Pick(phrases.End).Replace("{t}", closing)}", $"{string.Join(' ', sentences)} {closing}",
                        [FormatRule.EndsWith(closing)]);
                });
            case "quotation marks":
                return Cased(phrases.Quoted, FormatRule.Quoted, text => $"\"{text}\"");
            case "length":
                var (subject, about) = draw.Pick(content.Subjects);
                var sentence = draw.Pick(about);
                var most = sentence.Split(' ').Length + draw.Index(0, 4);
                return new(
                    draw.Pick(phrases.Short).Replace("{s}", subject).Replace("{n}", $"{most}"), sentence, [FormatRule.MaxWords(most)])
                {
                    Topic = TopicOf(subject, about),
                };
            case "no digits":
                return Things((request, items) => new(
                    $"{request} {draw.Pick(phrases.NoDigits)}", Join(items), [FormatRule.NoDigits, FormatRule.Items(items.Length)]));
            default:
                throw new ArgumentException($"There is no format {kind}.", nameof(kind));
        }
    }

    FormatItem Things(Func<string, string[], FormatItem> write)
    {
        var (group, things) = draw.Pick(content.Groups);
        var items = draw.PickMany(things, draw.Index(2, Math.Min(6, things.Count)));
        var count = draw.Chance(0.5) ? $"{items.Length}" : NumberWords.Spell(items.Length);
        return write(draw.Pick(phrases.Things).Replace("{n}", count).Replace("{g}", group), items) with { Topic = things };
    }

    FormatItem InSentences(Func<string, string[], FormatItem> write)
    {
        var (subject, about) = draw.Pick(content.Subjects);
        var sentences = draw.PickMany(about, draw.Index(2, Math.Min(4, about.Count)));
        var count = draw.Chance(0.5) ? $"{sentences.Length}" : NumberWords.Spell(sentences.Length);
        return write(draw.Pick(phrases.Sentences).Replace("{n}", count).Replace("{s}", subject), sentences) with
        {
            Topic = TopicOf(subject, about),
        };
    }

    // Its name, of many or of one, and long words: those that tell of this subject rather than of any.
    static IReadOnlyList<string> TopicOf(string subject, IReadOnlyList<string> about) =>
        [subject.TrimEnd('s'), .. about.SelectMany(sentence => sentence.Split(' ', '.', ',')).Where(word => word.Length > 5).Distinct()];

    FormatItem Cased(IReadOnlyList<string> demands, FormatRule rule, Func<string, string> change) => draw.Chance(0.5)
        ? Things((request, items) => new(
            $"{request} {draw.Pick(demands)}", change(Join(items)), [rule, FormatRule.Items(items.Length)]))
        : InSentences((request, sentences) => new(
            $"{request} {draw.Pick(demands)}", change(string.Join(' ', sentences)),
            rule == FormatRule.Quoted ? [rule] : [rule, FormatRule.SentenceCount(sentences.Length)]));

    FormatItem Pairs()
    {
        var keys = draw.PickMany(s_keys, 2);
        string[] values = [draw.InventedName(), $"{draw.Digits(draw.Index(1, 3))}"];
        var request = draw.Pick(phrases.JsonPairs).Replace("{k}", keys[0]).Replace("{l}", keys[1]).Replace("{v}", values[0]).Replace("{w}",
            values[1]);
        var answer = $"{{\"{keys[0]}\": \"{values[0]}\", \"{keys[1]}\": {values[1]}}}";
        return new(request, answer, [FormatRule.Json(keys), FormatRule.Contains(values[0]), FormatRule.Contains(values[1])]);
    }

    string Join(string[] items) => draw.Chance(0.5) || items.Length < 2
        ? string.Join(", ", items)
        : $"{string.Join(", ", items[..^1])} and {items[^1]}";
}
