namespace Noos.Courses.Formats;

/// <summary>How formats are asked for. Lessons and examination have no wording in common.</summary>
sealed record FormatPhrases
{
    /// <summary>{n} things of the group {g}.</summary>
    public required IReadOnlyList<string> Things { get; init; }

    /// <summary>One thing of the group {g} as one word.</summary>
    public required IReadOnlyList<string> OneWord { get; init; }

    /// <summary>{n} sentences about {s}.</summary>
    public required IReadOnlyList<string> Sentences { get; init; }

    /// <summary>{q} is a question.</summary>
    public required IReadOnlyList<string> YesOrNo { get; init; }

    public required IReadOnlyList<string> Upper { get; init; }

    public required IReadOnlyList<string> Lower { get; init; }

    public required IReadOnlyList<string> Numbered { get; init; }

    public required IReadOnlyList<string> Bullets { get; init; }

    /// <summary>The things as JSON, in a list under the key {k}.</summary>
    public required IReadOnlyList<string> Json { get; init; }

    /// <summary>A pair of keys {k} and {l} with the values {v} and {w}.</summary>
    public required IReadOnlyList<string> JsonPairs { get; init; }

    public required IReadOnlyList<string> NoDigits { get; init; }

    /// <summary>Begin with {t}.</summary>
    public required IReadOnlyList<string> Beginning { get; init; }

    /// <summary>End with {t}.</summary>
    public required IReadOnlyList<string> End { get; init; }

    public required IReadOnlyList<string> Quoted { get; init; }

    /// <summary>At most {n} words about {s}.</summary>
    public required IReadOnlyList<string> Short { get; init; }

    public static FormatPhrases Lessons { get; } = new()
    {
        Things = ["Name {n} {g}.", "Tell me {n} {g}.", "Give me {n} {g}.", "List {n} {g}.", "Can you name {n} {g}?", "Say {n} {g}.",
            "I need {n} {g}."],
        OneWord = ["Name one of the {g} in one word.", "One word: one of the {g}.", "Give me one of the {g}. Answer with one word.",
            "Just one word, please: one of the {g}."],
        Sentences =
        [
            "Write {n} sentences about {s}.", "Tell me about {s} in {n} sentences.", "Describe {s} in {n} sentences.",
            "Give me {n} sentences about {s}.", "Say something about {s}. Use {n} sentences.",
        ],
        YesOrNo = ["{q} Answer yes or no.", "Yes or no: {q}", "{q} Only yes or no.", "{q} Just say yes or no."],
        Upper = ["Write it in capital letters.", "Use upper case.", "In capitals, please.", "Answer in upper case."],
        Lower = ["Write it in small letters.", "Use lower case.", "No capital letters, please.", "Answer in lower case."],
        Numbered = ["Write a numbered list.", "As a numbered list, please.", "Number them.", "Use a numbered list."],
        Bullets = ["Write a list with a dash before each.", "Begin each line with a dash.", "As a list with dashes, please."],
        Json = ["Write JSON with the key \"{k}\".", "As JSON with the key \"{k}\", please.", "Answer in JSON, key \"{k}\".",
            "Give JSON with \"{k}\"."],
        JsonPairs =
        [
            "Write JSON: {k} is {v}, {l} is {w}.", "Make JSON of this: {k} {v}, {l} {w}.", "As JSON, please: {k} = {v} and {l} = {w}.",
            "Give me JSON with {k} {v} and {l} {w}.",
        ],
        NoDigits = ["Use no digits.", "Write numbers in words.", "Without digits, please."],
        Beginning = ["Begin with \"{t}\".", "Start your answer with \"{t}\".", "The first words must be \"{t}\"."],
        End = ["End with \"{t}\".", "Finish with \"{t}\".", "The last words must be \"{t}\"."],
        Quoted = ["Put it in quotation marks.", "Use quotation marks around it.", "In quotes, please."],
        Short = ["Tell me about {s} in at most {n} words.", "Describe {s} in {n} words or less.", "At most {n} words about {s}."],
    };

    public static FormatPhrases Examination { get; } = new()
    {
        Things = ["Which {n} {g} come to your mind?", "Let me hear {n} {g}.", "Mention {n} {g}."],
        OneWord = ["Mention one of the {g}, a single word.", "A single word will do: one of the {g}."],
        Sentences = ["What can you say about {s}? Exactly {n} sentences.", "Compose {n} sentences on the subject of {s}."],
        YesOrNo = ["{q} Reply with yes or with no.", "{q} A yes or a no is enough."],
        Upper = ["All letters must be capitals.", "Please shout: capitals only."],
        Lower = ["All letters must be small.", "Not a single capital letter."],
        Numbered = ["Put a number before each, one to a line.", "Make it a list with numbers."],
        Bullets = ["Each on its own line after a dash.", "Dashes in front, one to a line."],
        Json = ["Reply as a JSON object whose only key is \"{k}\".", "I want a JSON object with one key, \"{k}\"."],
        JsonPairs = ["Turn this into a JSON object: {k} is {v} and {l} is {w}.", "A JSON object, please, where {k} is {v} and {l} is {w}."],
        NoDigits = ["Digits are forbidden.", "There must not be a digit."],
        Beginning = ["Let the reply open with \"{t}\".", "Open with the words \"{t}\"."],
        End = ["Let the reply close with \"{t}\".", "Close with the words \"{t}\"."],
        Quoted = ["Enclose the reply in quotation marks.", "Quotation marks before and after it."],
        Short = ["No more than {n} words on {s}.", "What is {s} about? You have {n} words at most."],
    };
}
