namespace Noos.Tools.Lessons;

/// <summary>How tools are asked for. Lessons and examination have no wording in common.</summary>
sealed record ToolPhrases
{
    /// <summary>{n} is a number, {u} the unit it is in, {v} the one wanted.</summary>
    public required IReadOnlyList<string> Units { get; init; }

    /// <summary>
    /// Questions for the clock with the expression: {c} a city, {d} a day, {n} a number, {y} a year, {w} days, weeks or months.
    /// </summary>
    public required IReadOnlyList<(string Question, string Expression)> Times { get; init; }

    /// <summary>{f} is a fact that begins with "my", "I like" or "I have".</summary>
    public required IReadOnlyList<string> Memory { get; init; }

    /// <summary>{q} is a question for a fact that nobody can know.</summary>
    public required IReadOnlyList<string> Search { get; init; }

    public static ToolPhrases Lessons { get; } = new()
    {
        Units =
        [
            "How many {v} are {n} {u}?", "Convert {n} {u} to {v}.", "What is {n} {u} in {v}?", "{n} {u} in {v}", "{n} {u} to {v}",
            "Change {n} {u} into {v}.",
            "How much is {n} {u} in {v}?", "I have {n} {u}. What is that in {v}?", "Tell me {n} {u} in {v}.",
            "Please convert {n} {u} into {v}.",
            "What are {n} {u} in {v}?", "{n} {u} = ? {v}", "Can you convert {n} {u} to {v}?", "How do you write {n} {u} in {v}?",
        ],
        Times =
        [
            ("What time is it?", "now"), ("What's the time?", "now"), ("Tell me the time.", "now"), ("How late is it?", "now"),
            ("What day is it today?", "today"), ("What is the date today?", "today"), ("Which date is it?", "today"),
            ("What is today's date?", "today"),
            ("What time is it in {c}?", "now in {c}"), ("How late is it in {c} now?", "now in {c}"),
            ("Tell me the time in {c}.", "now in {c}"),
            ("How many days until {d}?", "{d} - today"), ("How long is it until {d}?", "{d} - today"),
            ("How many days are left until {d}?", "{d} - today"),
            ("What weekday is {d}?", "weekday of {d}"), ("On which weekday falls {d}?", "weekday of {d}"),
            ("Which day of the week was {d}?", "weekday of {d}"),
            ("What date is it in {n} {w}?", "today + {n} {w}"), ("Which day is in {n} {w}?", "today + {n} {w}"),
            ("What is the date {n} {w} from now?", "today + {n} {w}"),
            ("What date was it {n} {w} ago?", "today - {n} {w}"), ("Which day was {n} {w} ago?", "today - {n} {w}"),
            ("Is {y} a leap year?", "leap year {y}"), ("Was {y} a leap year?", "leap year {y}"),
            ("Tell me whether {y} is a leap year.", "leap year {y}"),
        ],
        Memory =
        [
            "Remember that {f}.", "Please remember that {f}.", "Keep in mind that {f}.", "Do not forget that {f}.", "Note that {f}.",
            "Can you remember that {f}?", "Remember: {f}.", "For later: {f}. Please remember it.",
        ],
        Search =
        [
            "{q}", "{q}", "{q}", "Look it up: {q}", "Search for this: {q}", "Can you find out? {q}", "Please look this up. {q}",
            "I want to know: {q}",
        ],
    };

    public static ToolPhrases Examination { get; } = new()
    {
        Units = ["Express {n} {u} in {v}.", "If I measure {n} {u}, which number of {v} is it?", "Give the equivalent of {n} {u} in {v}.",
            "To how many {v} do {n} {u} correspond?"],
        Times =
        [
            ("Could you look at the clock for me?", "now"), ("Have you got the current date?", "today"),
            ("Someone in {c} looks at a watch: what does it show?", "now in {c}"),
            ("Count the days between today and {d}.", "{d} - today"), ("{d}: which weekday does the calendar show?", "weekday of {d}"),
            ("Go {n} {w} into the future: what date do you reach?", "today + {n} {w}"),
            ("Go back {n} {w}: what date do you reach?", "today - {n} {w}"),
            ("Does February of {y} have 29 days because it is a leap year?", "leap year {y}"),
        ],
        Memory = ["It matters to me that you know later: {f}.", "Store this about me: {f}.", "Next time you should still know that {f}."],
        Search = ["Find this on your own: {q}", "I could not find it anywhere. {q}", "Research this for me, please. {q}"],
    };
}
