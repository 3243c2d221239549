using System.Globalization;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;
using Noos.Tools.Clock;
using Noos.Tools.Memory;
using Noos.Tools.Units;

namespace Noos.Tools.Lessons;

/// <summary>Writes requests for the clock, units, memory and search, with the call, its true result and the answer.</summary>
sealed class ToolWriter(Draw draw, ToolPhrases phrases, IEnumerator<ReadingItem> items)
{
    // The tool may not be in the box of this machine; its name and the shape of its results are what the lessons need.
    public const string SearchName = "search";
    public const string SearchArgument = "query";

    public const string NothingFound = "Nothing was found.";

    static readonly ConvertTool s_convert = new();

    static readonly (string From, string To)[] s_units =
    [
        ("miles", "km"), ("km", "miles"), ("feet", "metres"), ("metres", "feet"), ("inches", "cm"), ("cm", "inches"), ("pounds", "kg"),
        ("kg", "pounds"),
        ("ounces", "grams"), ("grams", "ounces"), ("litres", "gallons"), ("gallons", "litres"), ("yards", "metres"),
        ("kilometres", "metres"),
        ("hours", "minutes"), ("minutes", "seconds"), ("days", "hours"), ("weeks", "days"), ("tonnes", "kg"), ("hectares", "acres"),
        ("acres", "hectares"),
        ("MB", "GB"), ("km/h", "mph"), ("mph", "km/h"), ("°C", "°F"), ("°F", "°C"), ("metres", "km"), ("grams", "kg"), ("kg", "grams"),
    ];

    static readonly string[] s_cities = ["London", "Paris", "Tokyo", "Berlin", "Sydney", "Moscow", "Cairo", "Madrid", "Rome", "Lima",
        "Oslo", "Vienna", "Athens"];

    static readonly string[] s_things = ["sister", "brother", "dog", "cat", "boat", "school", "street", "teacher", "doctor", "horse",
        "village", "best friend"];

    static readonly HashSet<string> s_stopWords =
    [
        "what", "who", "when", "where", "which", "how", "is", "are", "was", "were", "do", "does", "did", "the", "a", "an", "of", "in",
        "on", "to", "for", "it",
        "has", "have", "by", "from", "with", "at", "that", "this", "my", "i", "me", "whom", "as", "one", "we", "you", "will", "be", "there",
    ];

    public ToolRequest Next() => draw.Index(0, 99) switch
    {
        < 25 => Units(),
        < 50 => Times(),
        < 62 => Memory(),
        _ => Search(),
    };

    public ToolRequest Units()
    {
        while (true)
        {
            var (from, to) = draw.Pick(s_units);
            var number = draw.Chance(0.2) ? $"{draw.Digits(draw.Index(1, 2))}.{draw.Index(1, 9)}" : $"{draw.Digits(draw.Index(1, 4))}";
            var expression = $"{number} {from} to {to}";
            if (Try(() => s_convert.Evaluate(expression, TimeProvider.System)) is { } result)
            {
                var question = WordingTemplate.Fill(draw.Pick(phrases.Units), ("n", number), ("u", from), ("v", to));
                return new(
                    "units", question, ConvertTool.Name, ConvertTool.Argument, expression, new ToolResultPart(ConvertTool.Name, result),
                    $"{(draw.Chance(0.5) ? "That is" : $"{number} {from} are")} {result}.",
                    value => Try(() => s_convert.Evaluate(value, TimeProvider.System)) == result);
            }
        }
    }

    public ToolRequest Times()
    {
        while (true)
        {
            var clock = new DrawnClock(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(draw.Index(0, 5 * 525_600)));
            var template = draw.Pick(phrases.Times);
            (string, string)[] values =
            [
                ("c", draw.Pick(s_cities)), ("y", $"{draw.Number(1800, 2100)}"), ("n", $"{draw.Number(2, 60)}"),
                ("w", draw.Pick("days", "weeks", "months")),
                ("d", new DateOnly(draw.Index(1950, 2040), 1, 1).AddDays(draw.Index(0, 364)).ToString("yyyy-MM-dd",
                CultureInfo.InvariantCulture)),
            ];
            var expression = WordingTemplate.Fill(template.Expression, values);
            if (Try(() => ClockTool.Evaluate(expression, clock)) is { } result)
            {
                return new(
                    "clock", WordingTemplate.Fill(template.Question, values), ClockTool.Name, ClockTool.Argument, expression,
                    new ToolResultPart(ClockTool.Name, result),
                    Sentences.Capitalize(result.TrimEnd('.')) + ".", value => Try(() => ClockTool.Evaluate(value, clock)) == result);
            }
        }
    }

    public ToolRequest Memory()
    {
        var (said, kept) = draw.Index(0, 2) switch
        {
            0 when draw.Pick(s_things) is var thing && draw.InventedName() is var name =>
                ($"my {thing} is called {name}", $"The user's {thing} is called {name}."),
            1 when draw.InventedName() is var place => ($"I live in {place}", $"The user lives in {place}."),
            _ when draw.InventedName() is var food => ($"I like {food} most of all", $"The user likes {food} most of all."),
            _ => ("", ""),
        };
        var words = kept.Split(' ', '.').Where(word => word.Length > 3
            && char.IsUpper(word[0])).Append(kept.Split(' ')[^1].TrimEnd('.')).ToArray();
        return new(
            "memory", WordingTemplate.Fill(draw.Pick(phrases.Memory), ("f", said)), RememberTool.Name, RememberTool.Argument, kept,
            new ToolResultPart(RememberTool.Name, $"Remembered as fact {draw.Index(1, 40)}."),
            draw.Pick("I will remember that.", "I have noted it.", "All right, I will keep that in mind.", "Remembered."),
            value => words.All(word => value.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    public ToolRequest Search()
    {
        items.MoveNext();
        var item = items.Current;
        var query = Query(item);
        var isEmpty = item.Answer is null && draw.Chance(0.3);
        var found = isEmpty ? NothingFound : Found(item, draw);
        return new(
            "search", WordingTemplate.Fill(draw.Pick(phrases.Search), ("q", item.Question)), SearchName, SearchArgument, query,
            new ToolResultPart(SearchName, found),
            item.Answer is { } span ? $"{span} [{item.Passage + 1}]" : "I could not find that.",
            value => query.Split(' ').Count(word => value.Contains(word,
                StringComparison.OrdinalIgnoreCase)) * 2 > query.Split(' ').Length);
    }

    /// <summary>The words of a question that a search needs.</summary>
    public static string Query(ReadingItem item) => string.Join(
        ' ', item.Question.Split([' ', '?', ',', '.', '"'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => !s_stopWords.Contains(word.ToLowerInvariant())));

    /// <summary>The passages as results of a search.</summary>
    public static string Found(ReadingItem item, Draw draw) => string.Join('\n', item.Passages.Select((passage, index) =>
        $"[{index + 1}] {item.Subjects[index].Trim('"')} ({draw.InventedWord()}.{draw.Pick("org", "com", "net")}/{draw.InventedWord()})\n"
        + passage));

    static string? Try(Func<string> evaluate)
    {
        try
        {
            return evaluate();
        }
        catch (ToolException)
        {
            return null;
        }
    }

    /// <summary>A clock that stands at a moment, in UTC.</summary>
    sealed class DrawnClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
