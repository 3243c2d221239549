namespace Noos.Courses.Passages;

/// <summary>Found passages with a question that a rule made.</summary>
/// <param name="Passages">As they were found, or with another name or number in the place that is asked for.</param>
/// <param name="Question">About one of them.</param>
/// <param name="Answer">A span of that passage; null where none says.</param>
/// <param name="Passage">Index of the passage; -1 for none.</param>
sealed record PassageItem(IReadOnlyList<string> Passages, string Question, string? Answer, int Passage);

/// <summary>How the rule makes a question.</summary>
enum PassageRule
{
    /// <summary>A sentence of the passage with a gap.</summary>
    Gap,

    /// <summary>A gap in the passage itself, for something that stands there a second time: a recurring span.</summary>
    Recurring,

    /// <summary>A sentence without its year.</summary>
    Year,

    /// <summary>Some words of the passage; asked is the next. For examinations only.</summary>
    NextWord,
}

/// <summary>{c} is the sentence or the words. Lessons and examination have no wording in common.</summary>
sealed record PassagePhrases
{
    public required IReadOnlyList<string> Gaps { get; init; }

    public required IReadOnlyList<string> Recurring { get; init; }

    public required IReadOnlyList<string> Years { get; init; }

    public required IReadOnlyList<string> NextWords { get; init; }

    public static PassagePhrases Lessons { get; } = new()
    {
        Gaps =
        [
            "Fill the gap: {c}", "What is missing here? {c}", "Complete this from the text: {c}", "What belongs into the gap? {c}",
            "Which words are left out? {c}", "{c} - what stands in the gap?", "Put in what is missing: {c}",
        ],
        Recurring =
        [
            "What belongs into the gap in the text?", "Which word or number is missing in the text?", "Fill the gap in the text.",
            "Something was left out of the text. What?",
        ],
        Years =
        [
            "In which year was this? {c}", "When was this? {c}", "Which year does the text give for this? {c}", "{c} When?",
            "When did this happen? {c}",
        ],
        NextWords = [],
    };

    public static PassagePhrases Examination { get; } = new()
    {
        Gaps = ["Someone tore a hole into this sentence, what was there? {c}", "Restore the original: {c}"],
        Recurring = ["One place in the passage is blank. Tell me the words for it."],
        Years = ["Date the following by the passage: {c}", "The year of this event, please: {c}"],
        NextWords = ["Directly behind \"{c}\", which word comes in the passage?", "Continue by one word, as the passage does: {c}"],
    };
}
