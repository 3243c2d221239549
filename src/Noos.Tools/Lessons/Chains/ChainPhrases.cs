namespace Noos.Tools.Lessons.Chains;

/// <summary>
/// What is asked about a number that has to be found first: {q} is the question for it, {n} another number; in the expression {v} is what
/// was found. Lessons and examination have no wording in common.
/// </summary>
sealed record ChainPhrases
{
    /// <summary>For years.</summary>
    public required IReadOnlyList<(string Question, string Expression, string Answer)> Years { get; init; }

    /// <summary>For other numbers.</summary>
    public required IReadOnlyList<(string Question, string Expression, string Answer)> Numbers { get; init; }

    public static ChainPhrases Lessons { get; } = new()
    {
        Years =
        [
            ("{q} And how many years before 2026 was that?", "2026-{v}", "That was {r} years before 2026."),
            ("{q} How long ago was that in 2026?", "2026-{v}", "In 2026 that was {r} years ago."),
            ("{q} How many years is that from 1400 on?", "{v}-1400", "It is {r} years from 1400 on."),
            ("{q} Which year came {n} years later?", "{v}+{n}", "The year {r}."),
            ("{q} Add {n} to that year.", "{v}+{n}", "That makes {r}."),
            ("{q} Which year was {n} years before it?", "{v}-{n}", "The year {r}."),
        ],
        Numbers =
        [
            ("{q} What is twice that number?", "2*{v}", "Twice that is {r}."),
            ("{q} Add {n} to it.", "{v}+{n}", "That makes {r}."),
            ("{q} And how much is {n} more?", "{v}+{n}", "{n} more is {r}."),
            ("{q} What is ten times as much?", "10*{v}", "Ten times as much is {r}."),
            ("{q} How many is that with {n} more?", "{v}+{n}", "With {n} more it is {r}."),
            ("{q} Multiply the number by {n}.", "{v}*{n}", "That makes {r}."),
            ("{q} What is half of that?", "{v}/2", "Half of that is {r}."),
        ],
    };

    public static ChainPhrases Examination { get; } = new()
    {
        Years =
        [
            ("{q} Then count on {n} years: where do you arrive?", "{v}+{n}", ""),
            ("{q} To the year 2050, how many years are missing?", "2050-{v}", ""),
        ],
        Numbers =
        [
            ("{q} And three times this?", "3*{v}", ""),
            ("{q} Were it {n} fewer, how many would it be?", "{v}-{n}", ""),
        ],
    };
}
