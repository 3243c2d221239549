namespace Noos.Tools.Browse.Course;

/// <summary>
/// How pages are asked for: {a} is an address, {q} a question, {s} what a link is about, {n} its number. Lessons and examination have no
/// wording in common.
/// </summary>
sealed record PagePhrases
{
    /// <summary>A question with the address of the page that answers it.</summary>
    public required IReadOnlyList<string> Open { get; init; }

    /// <summary>One of the links of the page that was read last.</summary>
    public required IReadOnlyList<string> Link { get; init; }

    /// <summary>The next page of a long text.</summary>
    public required IReadOnlyList<string> Next { get; init; }

    /// <summary>A question for what a search finds; its results only begin to say it.</summary>
    public required IReadOnlyList<string> Search { get; init; }

    /// <summary>The text itself is in the message, so that nothing needs to be opened: {t} is the text.</summary>
    public required IReadOnlyList<string> Given { get; init; }

    public static PagePhrases Lessons { get; } = new()
    {
        Open =
        [
            "Open {a} and tell me: {q}", "Read {a}. {q}", "{q} It is on {a}.", "Look at {a}: {q}", "{a} {q}", "Please read {a}. {q}",
            "{q} The page is {a}.", "Go to {a}. {q}", "On {a} there is the answer. {q}", "Can you open {a}? {q}", "{q} See {a}.",
            "Visit {a} and answer: {q}", "I have the address {a}. {q}", "Here is a link: {a}. {q}",
        ],
        Link =
        [
            "Open link {n}.", "Follow link {n}.", "Open the link about {s}.", "Follow the link to {s}.", "Read link {n}.", "Now open {s}.",
            "Go to link {n}.", "Click on {s}.", "Please open link {n}.", "And what is behind link {n}?", "Show me the page about {s}.",
            "Take link {n}.",
        ],
        Next =
        [
            "Read on.", "Go on reading.", "Open the next page.", "And the next page?", "What comes next?", "Read the next page.",
            "Continue with the next page.", "Next page, please.", "Turn the page.", "What is on the next page?", "Please read on.",
            "Show the following page.",
        ],
        Search =
        [
            "{q}", "{q} Search for it and read the page.", "Look it up and open the page: {q}", "Find the page and read it. {q}",
            "Search first, then read: {q}", "I want to know: {q} Please open what you find.", "Find out by reading a page: {q}",
            "{q} Look at the page itself.", "{q} Read the source.", "Please search and read: {q}", "{q} Open the best result.",
            "{q} Do not stop at the results.",
        ],
        Given =
        [
            "This is the text of {a}:\n{t}\n\n{q}", "I copied this from {a}:\n{t}\n\n{q}", "{t}\n(from {a})\n\n{q}",
            "From {a}:\n{t}\n\nMy question: {q}", "Here is what {a} says:\n{t}\n\n{q}", "{a} has this text:\n{t}\n\n{q}",
            "Text of {a}:\n{t}\n\nTell me: {q}", "I have read {a} already:\n{t}\n\n{q}", "Somebody sent me this from {a}:\n{t}\n\n{q}",
            "On {a} I found this:\n{t}\n\n{q}", "Below is {a}:\n{t}\n\nAnswer: {q}", "{t}\n\nThat stands on {a}. {q}",
        ],
    };

    public static PagePhrases Examination { get; } = new()
    {
        Open = ["What I need stands at {a}, so have a look: {q}", "Fetch {a}; then answer me this: {q}", "Using the site {a}: {q}"],
        Link = ["The link with number {n} looks good, try it.", "I would like to see what it says about {s}; there was a link."],
        Next = ["That cannot be the end of the article.", "There is another page, is there not? Bring it up."],
        Search = ["The results are too short, one of these pages will know more: {q}", "Dig into the source for this one: {q}"],
        Given = ["No need to visit {a}, its words are these:\n{t}\n\nSo: {q}", "Pasted below you see {a}:\n{t}\n\nWhat follows: {q}"],
    };
}
