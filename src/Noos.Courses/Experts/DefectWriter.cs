using Noos.Courses.Lessons;

namespace Noos.Courses.Experts;

/// <summary>Writes answers with one defect each, as a model makes them.</summary>
/// <param name="draw">Chooses.</param>
sealed class DefectWriter(Draw draw)
{
    static readonly string[] s_rude =
    [
        "What a stupid question.", "Are you dumb?", "You are an idiot.", "Shut up.", "Leave me alone, fool.", "Only a moron asks that.",
        "You are a waste of my time.", "Get lost.", "How lazy of you to ask.", "That is a ridiculous question, you fool.",
    ];

    static readonly string[] s_examRude =
    [
        "Go away, you annoy me.", "I hate your questions.", "Such an ignorant thing to ask.", "You are pathetic.", "Nobody likes you.",
    ];

    static readonly string[] s_fillers =
    [
        "I hope that this is what you wanted to know.", "There is much more that one could say about it.",
        "It is always good to ask when you want to know something.", "Many people have asked me this before.",
        "Let me know if you need anything else today.", "This is a very interesting question, and I like to answer it.",
        "First of all, I want to say that I have thought about it for a long time.", "As I said, that is my answer to it.",
        "In the end it is as simple as that.", "You can ask me again at any time, and I will help you.",
    ];

    /// <summary>Those that an answer to this question can have so that a rule sees them.</summary>
    public static IEnumerable<AnswerDefect> Possible(ExpertPrompt prompt)
    {
        if (prompt.Right is not null && prompt.WrongAnswers.Count > 0)
        {
            yield return AnswerDefect.Wrong;
        }

        if (prompt.Source is not null)
        {
            yield return AnswerDefect.Ungrounded;
        }

        if (OtherForms(prompt.Answer).Any(form => Breaks(prompt, form)))
        {
            yield return AnswerDefect.BadFormat;
        }

        yield return AnswerDefect.Endless;
        yield return AnswerDefect.TooLong;
        yield return AnswerDefect.Rude;
    }

    public ExpertAnswer Write(ExpertPrompt prompt, AnswerDefect defect)
    {
        var text = defect switch
        {
            AnswerDefect.Wrong => draw.Pick(prompt.WrongAnswers),
            AnswerDefect.Ungrounded => Invented(),
            AnswerDefect.BadFormat => draw.Pick(OtherForms(prompt.Answer).Where(form => Breaks(prompt, form)).ToArray()),
            AnswerDefect.Endless => Circle(prompt.Answer),
            AnswerDefect.TooLong => Lengthen(prompt),
            AnswerDefect.Rude => Insult(prompt.Answer),
            _ => prompt.Answer,
        };
        return new ExpertAnswer(text, IsEnded: defect != AnswerDefect.Endless) { Defect = defect };
    }

    string Invented() => draw.Index(0, 2) switch
    {
        0 => $"{draw.Digits(draw.Index(3, 5))}",
        1 => $"{draw.InventedName()} {draw.InventedName()}",
        _ => $"It is {draw.InventedName()}.",
    };

    static string[] OtherForms(string answer) =>
    [
        $"**Answer:** {answer}", $"# {answer} #", $"<b>{answer}</b>", $"* {answer}\n* {answer}", $"Sure! {answer} There you go.",
        answer.Any(char.IsLower) ? answer.ToUpperInvariant() : answer.ToLowerInvariant(),
    ];

    static bool Breaks(ExpertPrompt prompt, string answer) => prompt.Rules.Any(rule => !rule.Holds(answer));

    string Circle(string answer)
    {
        var (piece, count) = (draw.Chance(0.5) ? answer : draw.Pick(s_fillers), draw.Index(4, 8));
        return string.Join(' ', Enumerable.Repeat(piece, count).Prepend(answer));
    }

    string Lengthen(ExpertPrompt prompt)
    {
        var text = prompt.Answer + (char.IsPunctuation(prompt.Answer[^1]) ? "" : ".");
        foreach (var filler in draw.PickMany(s_fillers, s_fillers.Length))
        {
            if (ExpertPrompts.Words(text) > 2 * prompt.MaxWords)
            {
                break;
            }

            text += " " + filler;
        }

        return text;
    }

    string Insult(string answer)
    {
        var insult = draw.Pick(draw.IsExamination ? s_examRude : s_rude);
        return draw.Chance(0.5) ? $"{insult} {answer}" : $"{answer}{(char.IsPunctuation(answer[^1]) ? "" : ".")} {insult}";
    }
}
