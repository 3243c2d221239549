namespace Noos.Tools.Files.Course;

/// <summary>
/// How files are asked about: {q} is a question, {f} the name of the file, {n} a number, {p} such as page or slide, {w} a word, {c} a
/// column. Lessons and examination have no wording in common.
/// </summary>
sealed record FilePhrases
{
    /// <summary>A question that one of the parts in the overview answers.</summary>
    public required IReadOnlyList<string> Part { get; init; }

    /// <summary>A part by its number.</summary>
    public required IReadOnlyList<string> Place { get; init; }

    /// <summary>A cell of a table by its row and column.</summary>
    public required IReadOnlyList<string> Cell { get; init; }

    /// <summary>Where a word is.</summary>
    public required IReadOnlyList<string> Word { get; init; }

    /// <summary>A question for a file that is shown whole.</summary>
    public required IReadOnlyList<string> Whole { get; init; }

    public static FilePhrases Lessons { get; } = new()
    {
        Part =
        [
            "{q}", "{q}", "{q}", "In this file: {q}", "What does the file say? {q}", "Look it up in {f}: {q}", "Read {f}. {q}",
            "{q} It is in {f}.", "{q} Please look into the file.", "I gave you {f}. {q}", "Can you find it in the file? {q}",
            "Answer from {f}: {q}", "From the file: {q}", "{q} Use the file.",
        ],
        Place =
        [
            "What is on {p} {n}?", "Read {p} {n}.", "What does {p} {n} say?", "Show me {p} {n}.", "Open {p} {n} of {f}.",
            "Read me {p} {n} of the file.", "Please read {p} {n}.", "What stands on {p} {n} of {f}?", "How does {p} {n} begin?",
            "Go to {p} {n}.", "Tell me what {p} {n} is about.", "And {p} {n}?",
        ],
        Cell =
        [
            "What is the {c} in row {n}?", "Which {c} has row {n}?", "Row {n}: what is the {c}?", "Give me the {c} of row {n}.",
            "Look at row {n} of {f}. What is the {c}?", "Read row {n} and tell me the {c}.", "{c} in row {n}?",
            "What does row {n} have as {c}?", "Tell me the {c} of row {n} in {f}.", "Find row {n}. Its {c}?",
            "Which value has {c} in row {n}?", "The {c} in row {n}, please.",
        ],
        Word =
        [
            "Where is {w} mentioned?", "On which page is {w}?", "Find {w} in the file.", "Does {f} mention {w}?", "Search {f} for {w}.",
            "Where does it say {w}?", "Which pages mention {w}?", "Is {w} in the file?", "Look for {w} in {f}.",
            "Where can I read about {w}?", "Find the places with {w}.", "Search for {w}.",
        ],
        Whole =
        [
            "{q}", "{q}", "{q}", "In this file: {q}", "What does the file say? {q}", "Look at {f}: {q}", "Read {f}. {q}",
            "I gave you {f}. {q}", "Answer from {f}: {q}", "From the file: {q}", "{q} Use the file.", "{q} See {f}.",
        ],
    };

    public static FilePhrases Examination { get; } = new()
    {
        Part = ["Somewhere in there it must stand: {q}", "My colleague put this into {f}, so tell me: {q}"],
        Place = ["I am interested in {p} {n}, what do we have there?", "Turn to {p} number {n} for me."],
        Cell = ["I need one value: the {c}, and it is row {n}.", "Down at row {n}, what was entered as {c}?"],
        Word = ["Could there be anything about {w} in what I uploaded?", "List the spots at which {w} occurs."],
        Whole = ["Somewhere in there it must stand: {q}", "My colleague put this into {f}, so tell me: {q}"],
    };
}
