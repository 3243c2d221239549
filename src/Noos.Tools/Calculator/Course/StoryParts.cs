using Noos.Tools.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>
/// Stories put together from a beginning, one or two events and a question, so that a lesson is about what happens and not about a
/// sentence that is known by heart. The second of two events often leaves out what the first one has said.
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

    // Two events in one sentence. The second one is understood only from the first.
    static readonly string[] s_doubleLosses =
    [
        "{n} gave {b} to {m} and later {c} more.", "{m} took {b}, then {c} more.", "{b} of them were broken, and {c} were bad.",
        "On Monday {b} were sold, on Tuesday {c}.", "{n} lost {b}, and then another {c}.", "First {m} took {b}, and after that {c}.",
        "{n} uses {b} in the morning and {c} in the evening.", "{b} were given to {m} and {c} to the school.", "{n} ate {b} and {m} ate {c}.",
        "{n} sold {b} to {m}, then {c} to a friend.", "At first {b} of them were used, later {c} more.", "{b} got wet and {c} got lost.",
        "{n} gave away {b}, then {c}.", "{m} needed {b} for the party and {c} for the school.", "The dog took {b} and the cat took {c}.",
        "{b} fell down, then {c} more.", "{n} had to throw away {b}, and the next day {c} more.", "The first child took {b} and the second one {c}.",
    ];

    static readonly string[] s_lossesAndGains =
    [
        "{n} lost {b} but found {c}.", "{n} sold {b} and bought {c} new ones.", "{b} were sold and {c} came in.", "{m} took {b} and brought back {c}.",
        "{n} gave away {b} and got {c} from {m}.", "{n} threw away {b}, then made {c} more.", "First {b} were broken, then {c} new ones came.",
        "{n} used {b} and then bought {c}.", "{b} were taken away, and then {n} added {c}.", "{n} ate {b}, and {m} gave {n} another {c}.",
        "{n} spent {b}, then won {c}.", "{n} paid with {b} and got back {c}.",
    ];

    static readonly string[] s_doubleGains =
    [
        "{n} found {b} more and then {c}.", "{m} brought {b}, and later {c} more.", "On Monday {b} came, on Tuesday {c}.", "{n} won {b}, then another {c}.",
        "{n} got {b} from {m} and {c} from a friend.", "First {b} were added, then {c} more.",
    ];

    static readonly string[] s_purses =
    [
        "{n} has {#} dollars.", "{n} had {#} dollars.", "I have {#} dollars.", "I had {#} dollars in my pocket.", "{n} earned {#} dollars.",
        "{n} takes {#} dollars to the shop.", "There are {#} dollars in the box.", "{n} saved {#} dollars.", "{n} got {#} dollars from {m}.",
    ];

    static readonly string[] s_purchases =
    [
        "The bus costs {b} and the lunch {c}.", "{b} go for bread and {c} for milk.", "{b} dollars are spent on a book and {c} on a pen.",
        "A coat costs {b} and a hat {c}.", "{m} needs {b} for the doctor and {c} for a taxi.", "The bill is {b} dollars, and the tip is {c}.",
        "First {b} are spent on toys, then {c} on sweets.", "{b} dollars go to {m} and {c} to the bank.", "The rent is {b} and the phone is {c}.",
        "{b} are paid for a ticket, {c} for a drink.",
    ];

    static readonly string[] s_priced =
    [
        "{n} buys {b} {o} for {a} dollars each.", "{n} buys {b} {o}, each for {a} dollars.", "{n} pays for {b} {o} at {a} dollars each.",
        "There {n} gets {b} {o}. Each one costs {a} dollars.", "{b} {o} cost {a} dollars each, and {n} buys them.",
        "{n} wants {b} {o}, and one costs {a} dollars.", "Then {n} buys {b} tickets for {a} dollars each.", "{n} gives {a} dollars to each of {b} children.",
    ];

    static readonly string[] s_moneyQuestions =
    [
        "How much is left?", "How much money is left?", "What is left?", "How many dollars are left?", "How much remains?", "How much money remains?",
        "How many dollars remain?", "How much is still there?", "How much money is there now?", "Tell me how much is left.",
    ];

    static readonly string[] s_moneyAnswers = ["{r} dollars are left.", "There are {r} dollars left.", "{r} dollars remain."];

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

    // The amount and what becomes of it in one sentence.
    static readonly string[] s_parts =
    [
        "Out of {a} {o}, {b} were sold.", "From {a} {o}, {m} took {b}.", "{n} sold {b} of {a} {o}.", "{b} out of {a} {o} were bad.",
        "Of all the {a} {o}, {b} broke.", "{m} took {b} of the {a} {o}.", "Out of {a} {o}, {n} used {b}.", "Of the {a} {o} that {n} had, {b} were lost.",
        "From a bag of {a} {o}, {n} ate {b}.", "{n} had {a} {o}, but {b} of them were broken.", "{n} found {a} {o} and gave {b} back.",
    ];

    /// <summary>A template that no list holds.</summary>
    public static ProblemTemplate Compose(Draw draw) => draw.Index(0, 99) switch
    {
        < 40 => Separate(draw),
        < 48 => new(Shape.Minus, $"{draw.Pick(s_parts)} {draw.Pick(s_leftQuestions)}", "{a}-{b}", draw.Pick(s_answers)),
        < 62 => Things(draw, s_doubleLosses, s_leftQuestions, "{a}-{b}-{c}", s_answers),
        < 74 => Things(draw, s_lossesAndGains, s_nowQuestions, "{a}-{b}+{c}", s_totals),
        < 80 => Things(draw, s_doubleGains, s_nowQuestions, "{a}+{b}+{c}", s_totals),
        < 90 => Money(draw, Shape.Minus, s_purchases, "{a}-{b}-{c}", "{a}"),
        _ => Money(draw, Shape.Change, s_priced, "{c}-{b}*{a}", "{c}"),
    };

    static ProblemTemplate Separate(Draw draw)
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

    static ProblemTemplate Things(Draw draw, string[] events, string[] questions, string expression, string[] answers) =>
        new(Shape.Minus, $"{draw.Pick(s_beginnings)} {draw.Pick(events)} {draw.Pick(questions)}", expression, draw.Pick(answers));

    static ProblemTemplate Money(Draw draw, Shape shape, string[] events, string expression, string purse) =>
        new(shape, $"{draw.Pick(s_purses).Replace("{#}", purse)} {draw.Pick(events)} {draw.Pick(s_moneyQuestions)}", expression, draw.Pick(s_moneyAnswers));
}
