using Noos.Courses.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>
/// Stories put together from a beginning, one or two events and a question, so that a lesson is about what happens and not about a
/// sentence that is known by heart. The second of two events often leaves out what the first one has said.
/// </summary>
static class StoryParts
{
    static readonly string[] s_beginnings =
    [
        "{n} had {a} {o}", "{n} has {a} {o}", "{n} bought {a} {o}", "{n} found {a} {o}", "{n} has gathered {a} {o}", "A baker has {a} {o}", "The school had {a} {o}",
        "{n} made {a} {o}", "{n} owns {a} {o}", "{n} started with {a} {o}", "{n} got {a} {o} for the party", "{n} put {a} {o} on the shelf", "We had {a} {o} at home",
        "Yesterday {n} had {a} {o}", "{n} keeps {a} {o}", "{n} picked {a} {o}", "The shop gets {a} {o}", "{n} brought {a} {o} to school", "{n} counted {a} {o}",
        "There are {a} {o} {place}", "There were {a} {o} {place}", "{place} there are {a} {o}", "{place} there were {a} {o}", "{n} ordered {a} {o}", "{n} won {a} {o}",
        "{m} gave {n} {a} {o}", "{n} carried {a} {o}", "A box holds {a} {o}", "A bus brings {a} {o}", "{n} washed {a} {o}", "{n} painted {a} {o}",
    ];

    static readonly string[] s_places =
    [
        "in the bag", "in the shop", "on the table", "in the kitchen", "at school", "in the garden", "in the drawer", "on the floor", "in the garage", "under the tree",
        "in the truck", "on the wall", "in the cupboard", "in a big box", "on the farm", "in the library", "at the market", "in the hall", "on the roof", "in the cellar",
    ];

    // What somebody did.
    static readonly string[] s_losing =
    [
        "gave away {#}", "sold {#}", "lost {#}", "ate {#}", "used {#}", "threw away {#}", "broke {#}", "lent {#} to {m}", "dropped {#}", "gave {#} to {m}", "hid {#}",
        "burned {#}", "sent {#} to {m}", "handed {#} to {m}", "returned {#}", "gave back {#}", "spent {#}", "wasted {#}", "put away {#}", "shared {#} with {m}",
        "left {#} at school", "traded {#}", "sold {#} to {m}", "forgot {#} on the train", "gave {#} to a friend", "paid with {#}",
    ];

    static readonly string[] s_gaining =
    [
        "found {#} more", "bought {#} more", "bought {#} new ones", "got {#} from {m}", "made {#} more", "won {#} more", "picked up another {#}", "received {#}",
        "added {#}", "borrowed {#} from {m}", "was given {#} more", "brought {#} more",
    ];

    // What happened to things.
    static readonly string[] s_lost =
    [
        "were sold", "were broken", "were lost", "were eaten", "were used", "were stolen", "were bad", "were thrown away", "were given to {m}", "were taken away",
        "got lost", "got wet", "fell down", "were too old", "were sent back", "disappeared", "were missing", "broke", "were left behind", "were given to the school",
        "had to go", "were needed for the party",
    ];

    static readonly string[] s_gained = ["came in", "were found", "were added", "were made", "were bought", "came back", "were brought by {m}"];

    static readonly string[] s_thieves = ["{m}", "The dog", "A thief", "The children", "A neighbour", "The teacher", "The wind", "A friend"];

    static readonly string[] s_leftQuestions =
    [
        "How many are left?", "How many {o} are left?", "How many are left now?", "How many {o} are there now?", "How many does {n} have left?",
        "How many {o} remain?", "How many are still there?", "What is left?", "How many are there now?", "Tell me how many are left.",
        "How many {o} are left over?", "How many {o} does {n} still have?", "How many were not gone?", "How many are left in the end?",
    ];

    static readonly string[] s_nowQuestions =
    [
        "How many are there now?", "How many {o} are there now?", "How many does {n} have now?", "How many is that?", "How many are there in all?",
        "What is the total?", "How many {o} does {n} have in the end?", "How many {o} is that now?",
    ];

    static readonly string[] s_leftAnswers = ["{r} {o} are left.", "{r} are left.", "There are {r} {o} left."];

    static readonly string[] s_nowAnswers = ["There are {r} {o} now.", "{n} has {r} {o} now.", "That is {r} {o}."];

    static readonly string[] s_purses =
    [
        "{n} has {a} dollars", "{n} had {a} dollars", "I have {a} dollars", "I had {a} dollars in my pocket", "{n} earned {a} dollars", "{n} took {a} dollars to the shop",
        "There are {a} dollars in the box", "{n} saved {a} dollars", "{m} gave {n} {a} dollars", "{n} found {a} dollars", "{n} won {a} dollars",
    ];

    static readonly string[] s_items =
    [
        "a book", "bread", "a coat", "a toy", "lunch", "a ticket", "milk", "a present", "a game", "a cap", "a bag", "fruit", "a haircut", "a phone", "a bed", "a taxi",
        "a table", "cheese", "a doctor", "a dress", "socks", "a bike", "a pen", "sweets", "gas", "a clock", "flowers", "tea",
    ];

    static readonly string[] s_paying =
    [
        "spent {#} on {i}", "spent {#} dollars on {i}", "bought {i} for {#} dollars", "bought {i} for {#}", "gave {#} for {i}", "gave {#} dollars to {m}", "lost {#} dollars",
        "needed {#} for {i}", "used {#} dollars for {i}", "lent {#} dollars to {m}", "put {#} dollars into the bank",
    ];

    static readonly string[] s_costs =
    [
        "{i} costs {#} dollars.", "{#} dollars go to {m}.", "{#} dollars are spent on {i}.", "The bill for {i} is {#} dollars.", "{m} needs {#} dollars for {i}.",
        "Then {n} buys {i} for {#} dollars.", "{n} has to pay {#} dollars for {i}.",
    ];

    static readonly string[] s_doubleCosts =
    [
        "{i} costs {b} and {j} {c}.", "{b} go for {i} and {c} for {j}.", "{b} dollars are spent on {i} and {c} on {j}.", "{m} needs {b} for {i} and {c} for {j}.",
        "{n} spends {b} on {i} and {c} on {j}.", "The bill is {b} dollars, and the tip is {c}.", "At first {b} are spent on {i}, then {c} on {j}.",
        "{b} dollars go to {m} and {c} to the bank.", "{n} gives {b} for {i} and {c} for {j}.", "{n} buys {i} for {b} dollars and {j} for {c} dollars.",
    ];

    static readonly string[] s_prices =
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

    /// <summary>A template that no list holds.</summary>
    public static ProblemTemplate Compose(Draw draw)
    {
        var template = draw.Index(0, 99) switch
        {
            < 36 => Once(draw),
            < 68 => Twice(draw),
            < 78 => Money(draw, draw.Pick(s_purses), Paid(draw), "{a}-{b}"),
            < 90 => Money(draw, draw.Pick(s_purses), ". " + draw.Pick(s_doubleCosts), "{a}-{b}-{c}"),
            _ => Money(draw, draw.Pick(s_purses).Replace("{a}", "{c}"), ". " + draw.Pick(s_prices), "{c}-{b}*{a}") with { Shape = Shape.Change },
        };
        var question = template.Question.Replace("{place}", draw.Pick(s_places)).Replace("{i}", draw.Pick(s_items)).Replace("{j}", draw.Pick(s_items));
        return template with { Question = Sentences.Capitalize(question) };
    }

    /// <summary>One event.</summary>
    static ProblemTemplate Once(Draw draw)
    {
        var loses = draw.Chance(0.8);
        var text = draw.Index(0, 9) switch
        {
            < 3 => $"{draw.Pick(s_beginnings)}. {Event(draw, loses, "{b}")}.",
            < 5 => $"{draw.Pick(s_beginnings)}{draw.Pick(" and ", ", but ", " and then ")}{Deed(draw, loses, "{b}", draw.Pick("", " of them"))}.",
            < 7 when loses => $"{draw.Pick(s_beginnings)}, but {{b}}{draw.Pick("", " of them")} {draw.Pick(s_lost)}.",
            7 when loses => $"{draw.Pick("Out of", "From", "Of all the", "Of the")} {{a}} {{o}} {draw.Pick(s_places)}, {{b}} {draw.Pick(s_lost)}.",
            8 when loses => $"{draw.Pick("Out of", "From")} {{a}} {{o}}, {{n}} {Deed(draw, loses, "{b}", "")}.",
            9 when loses => $"{{n}} {draw.Pick("sold", "lost", "used", "ate", "broke", "took", "wasted")} {{b}} of {draw.Pick("", "the ")}{{a}} {{o}}.",
            _ => $"{draw.Pick(s_beginnings)}. Then {Event(draw, loses, "{b}")}.",
        };
        return Asked(draw, text, loses, loses ? "{a}-{b}" : "{a}+{b}");
    }

    /// <summary>Two events.</summary>
    static ProblemTemplate Twice(Draw draw)
    {
        var (loses, losesAgain) = (draw.Chance(0.8), draw.Chance(0.6));
        var beginning = draw.Pick(s_beginnings);
        var form = draw.Index(0, 9);
        if (form > 5)
        {
            losesAgain = loses;
        }

        var text = form switch
        {
            < 2 => $"{beginning}. {Event(draw, loses, "{b}")}. {draw.Pick("", "Then ", "Later ", "After that ", "The next day ")}{Event(draw, losesAgain, "{c}")}.",
            < 4 => $"{beginning}, {Deed(draw, loses, "{b}", "")} and {draw.Pick("", "then ", "later ")}{Deed(draw, losesAgain, "{c}", "")}.",
            < 6 => $"{beginning}. {{b}} {draw.Pick(loses ? s_lost : s_gained)}{draw.Pick(" and ", ", then ", ", and later ")}{{c}} {draw.Pick(losesAgain ? s_lost : s_gained)}.",
            // The second event is only a number.
            6 => $"{beginning}. {{b}} {draw.Pick(loses ? s_lost : s_gained)} {draw.Pick("on Monday and {c} on Tuesday", "and later {c} more", "and then another {c}", "at first and {c} later", "one day and {c} the next day")}.",
            7 => $"{beginning}. At first {Event(draw, loses, "{b}")}{draw.Pick(", then {c} more", ", later another {c}", ", after that {c}")}.",
            8 => $"{beginning}. {{n}} {Deed(draw, loses, "{b}", "")}{draw.Pick(", then {c} more", " and the next day {c}", ", and then another {c}", " and {c} more")}.",
            _ when loses => $"{beginning}. {draw.Pick(s_thieves)} took {{b}} and {{m}} {draw.Pick("took", "ate", "kept", "needed")} {{c}}.",
            _ => $"{beginning}. {{m}} brought {{b}} and a friend {{c}}.",
        };
        return Asked(draw, text, loses && losesAgain, (loses ? "{a}-{b}" : "{a}+{b}") + (losesAgain ? "-{c}" : "+{c}"));
    }

    static ProblemTemplate Asked(Draw draw, string text, bool loses, string expression) => new(
        Shape.Minus, $"{text} {draw.Pick(loses ? s_leftQuestions : s_nowQuestions)}", expression, draw.Pick(loses ? s_leftAnswers : s_nowAnswers));

    static ProblemTemplate Money(Draw draw, string purse, string payment, string expression) => new(
        Shape.Minus, $"{purse}{payment} {draw.Pick(s_moneyQuestions)}", expression, draw.Pick(s_moneyAnswers));

    static string Paid(Draw draw) => (draw.Chance(0.6)
        ? $"{draw.Pick(" and ", ", but ", ". Then {n} ", ". Later {n} ")}{draw.Pick(s_paying)}."
        : $". {draw.Pick(s_costs)}").Replace("{#}", "{b}");

    /// <summary>A whole sentence, without its point.</summary>
    static string Event(Draw draw, bool loses, string number) => draw.Index(0, 2) switch
    {
        0 => $"{number} {draw.Pick(loses ? s_lost : s_gained)}",
        1 when loses => $"{draw.Pick(s_thieves)} took {number}",
        _ => $"{{n}} {Deed(draw, loses, number, "")}",
    };

    /// <summary>What somebody did, without who.</summary>
    static string Deed(Draw draw, bool loses, string number, string end) => draw.Pick(loses ? s_losing : s_gaining).Replace("{#}", number + end);
}
