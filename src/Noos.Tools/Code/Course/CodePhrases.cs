namespace Noos.Tools.Code.Course;

/// <summary>
/// How code is asked for: {o} is what is computed, such as "average", {v} the column with the numbers, {g} the one of the groups, {f} the
/// file, {w} a word. Lessons and examination have no wording in common.
/// </summary>
sealed record CodePhrases
{
    /// <summary>One number for each group.</summary>
    public required IReadOnlyList<string> Grouped { get; init; }

    /// <summary>One number for a whole column.</summary>
    public required IReadOnlyList<string> Column { get; init; }

    /// <summary>As <see cref="Grouped"/>, as a picture.</summary>
    public required IReadOnlyList<string> Chart { get; init; }

    /// <summary>Small things that are sure only in code, and the code with {w}.</summary>
    public required IReadOnlyList<(string Question, string Code)> Words { get; init; }

    /// <summary>A cell of a table that is shown whole: {k} is the name of its row.</summary>
    public required IReadOnlyList<string> Shown { get; init; }

    public static CodePhrases Lessons { get; } = new()
    {
        Grouped =
        [
            "What is the {o} {v} per {g}?", "What is the {o} {v} for each {g}?", "Compute the {o} {v} by {g}.",
            "Give me the {o} {v} of each {g}.", "{o} {v} per {g}?", "Show the {o} {v} for every {g}.", "Calculate the {o} {v} per {g}.",
            "Group by {g}: what is the {o} {v}?", "I need the {o} {v} by {g}.", "Tell me the {o} {v} for each {g} in {f}.",
            "From {f}: the {o} {v} per {g}.", "Which {o} {v} has each {g}?",
        ],
        Column =
        [
            "What is the {o} {v}?", "Compute the {o} {v} of all rows.", "Give me the {o} {v}.", "What is the {o} {v} in {f}?",
            "{o} {v}?", "Calculate the {o} {v}.", "I need the {o} {v} of the whole table.", "Tell me the {o} {v}.",
            "Find the {o} {v} in the file.", "From {f}: the {o} {v}.", "What {o} {v} does the table have?",
            "Over all rows, what is the {o} {v}?",
        ],
        Chart =
        [
            "What is the {o} {v} per {g}? Draw it.", "Draw the {o} {v} per {g}.", "Make a chart of the {o} {v} by {g}.",
            "Plot the {o} {v} for each {g}.", "Show me a bar chart of the {o} {v} per {g}.", "Draw a chart: {o} {v} by {g}.",
            "Chart the {o} {v} of each {g} in {f}.", "A picture of the {o} {v} per {g}, please.", "Can you draw the {o} {v} by {g}?",
            "Compute the {o} {v} per {g} and draw it.", "I want to see the {o} {v} of every {g} as bars.", "Plot {o} {v} against {g}.",
        ],
        Words =
        [
            ("Write {w} backwards.", "print(\"{w}\"[::-1])"), ("What is {w} backwards?", "print(\"{w}\"[::-1])"),
            ("Reverse the word {w}.", "print(\"{w}\"[::-1])"), ("Spell {w} in reverse.", "print(\"{w}\"[::-1])"),
            ("How many letters has {w}?", "print(len(\"{w}\"))"), ("How long is the word {w}?", "print(len(\"{w}\"))"),
            ("Count the letters of {w}.", "print(len(\"{w}\"))"), ("How many letters are in {w}?", "print(len(\"{w}\"))"),
            ("How many a's are in {w}?", "print(\"{w}\".count(\"a\"))"), ("Count the letter e in {w}.", "print(\"{w}\".count(\"e\"))"),
            ("How often is the letter o in {w}?", "print(\"{w}\".count(\"o\"))"),
            ("How many times does i occur in {w}?", "print(\"{w}\".count(\"i\"))"),
            ("Write {w} in capitals.", "print(\"{w}\".upper())"), ("Put {w} in capital letters.", "print(\"{w}\".upper())"),
            ("Sort the letters of {w}.", "print(\"\".join(sorted(\"{w}\")))"),
            ("Bring the letters of {w} into order.", "print(\"\".join(sorted(\"{w}\")))"),
        ],
        Shown =
        [
            "What is the {v} of {k}?", "Which {v} has {k}?", "{k}: what is its {v}?", "Tell me the {v} of {k}.", "Read off the {v} of {k}.",
            "The {v} of {k}?", "Look at the table: which {v} has {k}?", "What {v} does {k} have?", "Give me the {v} of {k}.",
            "How much {v} has {k}?", "In {f}, what is the {v} of {k}?", "I need the {v} of {k}.",
        ],
    };

    public static CodePhrases Examination { get; } = new()
    {
        Grouped = ["Split everything up by {g} and work out the {o} {v}.", "Broken down by {g}, how does the {o} {v} come out?"],
        Column = ["Go through {f} and work out the {o} {v}.", "Taking all entries together, what comes out as the {o} {v}?"],
        Chart = ["Visualize how the {o} {v} differs from {g} to {g}.", "I would like a diagram with one bar for every {g}: the {o} {v}."],
        Words =
        [
            ("Read from right to left, what does {w} say?", "print(\"{w}\"[::-1])"),
            ("If I count its letters, what do I get for {w}?", "print(len(\"{w}\"))"),
            ("The letter a: how frequent is it within {w}?", "print(\"{w}\".count(\"a\"))"),
        ],
        Shown = ["See the line of {k}, which {v} stands there?", "Just look it up: {k}, {v}."],
    };
}
