using Noos.Tools.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>
/// Stories put together from a beginning, one or two events and a question, so that a lesson is about what happens and not about a
/// sentence that is known by heart.
/// </summary>
static class StoryParts
{
    static readonly string[] s_beginnings =
    [
        "{n} had {a} {o}.", "{n} has {a} {o}.", "There are {a} {o} in the bag.", "There were {a} {o} in the shop.", "{n} bought {a} {o}.",
        "{n} found {a} {o}.", "{n} has collected {a} {o}.", "A baker has {a} {o}.", "The school had {a} {o}.", "{n} made {a} {o}.",
        "{n} owns {a} {o}.", "{n} started with {a} {o}.", "In the kitchen there are {a} {o}.", "{n} got {a} {o} for the party.",
        "{n} put {a} {o} on the shelf.", "We had {a} {o} at home.", "A box holds {a} {o}.", "Yesterday {n} had {a} {o}.", "{n} keeps {a} {o}.",
        "{n} picked {a} {o}.", "The shop gets {a} {o}.", "{n} brought {a} {o} to school.", "{n} counted {a} {o}.",
    ];

    static readonly string[] s_losses =
    [
        "{n} gave {#} to {m}.", "{m} took {#}.", "{n} lost {#} of them.", "{#} of them were broken.", "{#} were sold.", "Then {n} sold {#}.",
        "{n} gave away {#}.", "{n} used {#}.", "{m} borrowed {#} of them.", "{#} fell down and broke.", "{n} threw {#} away.",
        "{#} were too old and had to go.", "{n} sold {#} of them to {m}.", "The dog ran away with {#}.", "{n} spent {#}.", "{m} needs {#} of them.",
        "{n} has to give back {#}.", "A thief stole {#}.", "{#} were lost on the way.", "The children took {#}.", "Then {n} gave {#} to the school.",
        "{n} ate {#}.", "{m} ate {#} of them.", "{#} of them were bad.", "After that {#} were taken away.", "{n} paid with {#}.",
    ];

    static readonly string[] s_gains =
    [
        "{m} brought {#} more.", "{n} found {#} more.", "Then {n} bought {#} more.", "{m} gave {n} {#}.", "{n} got {#} from {m}.",
        "{n} made {#} more.", "The next day {#} more came.", "{n} won {#}.", "Then {n} got another {#}.", "{#} new ones were added.",
    ];

    static readonly string[] s_leftQuestions =
    [
        "How many are left?", "How many {o} are left?", "How many are left now?", "How many {o} are there now?", "How many does {n} have left?",
        "How many {o} remain?", "How many are still there?", "What is left?", "How many are there now?", "Tell me how many are left.",
        "How many {o} are left over?", "How many did {n} keep?", "How many {o} does {n} still have?",
    ];

    static readonly string[] s_nowQuestions =
    [
        "How many are there now?", "How many {o} are there now?", "How many does {n} have now?", "How many is that?", "How many are there in all?",
        "What is the total?", "How many {o} does {n} have in the end?",
    ];

    static readonly string[] s_answers = ["{r} {o} are left.", "{r} are left.", "There are {r} {o} left."];

    static readonly string[] s_totals = ["There are {r} {o} now.", "{n} has {r} {o} now.", "That is {r} {o}."];

    /// <summary>A template that no list holds.</summary>
    public static ProblemTemplate Compose(Draw draw)
    {
        var loses = draw.Chance(0.75);
        var question = draw.Pick(s_beginnings) + " " + Event(draw, loses, "{b}");
        var expression = loses ? "{a}-{b}" : "{a}+{b}";
        if (draw.Chance(0.35))
        {
            var losesAgain = draw.Chance(0.6);
            question += " " + Event(draw, losesAgain, "{c}");
            expression += losesAgain ? "-{c}" : "+{c}";
            loses &= losesAgain;
        }

        question += " " + draw.Pick(loses ? s_leftQuestions : s_nowQuestions);
        return new ProblemTemplate(Shape.Minus, question, expression, draw.Pick(loses ? s_answers : s_totals));
    }

    static string Event(Draw draw, bool loses, string number) => draw.Pick(loses ? s_losses : s_gains).Replace("{#}", number);
}
