namespace Noos.Tools.Calculator.Course;

/// <summary>The sentences of the examination. No lesson uses them.</summary>
static class ExamPhrases
{
    public static IReadOnlyList<string> Frames { get; } =
    [
        "Find the value of {q}.", "Could you find {q} for me, please?", "I'd love to know what {q} is.", "Do you have the answer to {q}?",
        "Let me know what {q} is.", "What total does {q} give?", "Figure out {q}.", "Can you figure out {q}?", "Now tell me: what is {q}?",
        "May I ask what {q} is?", "Please tell me the value of {q}.", "What is the value of {q}?", "How much do you get for {q}?",
        "Kindly calculate {q}.", "I have to calculate {q}. What is it?", "Would you tell me how much {q} is?", "Try this one: {q}",
        "My son asks what {q} is.", "Can you do {q}?", "What do I get when I calculate {q}?",
    ];

    /// <summary>Questions about what is left.</summary>
    public static IReadOnlyList<ProblemTemplate> Stories { get; } =
    [
        new(Shape.Minus, "{n} owned {a} {o} but sold {b} of them. How many {o} are left?", "{a}-{b}"),
        new(Shape.Minus, "A farmer had {a} {o}. {b} of them went bad. How many good ones are left?", "{a}-{b}"),
        new(Shape.Minus, "There were {a} {o} in the basket and {n} took {b} out. How many {o} are left in it?", "{a}-{b}"),
        new(Shape.Minus, "{n} baked {a} muffins and the children ate {b}. How many are left over?", "{a}-{b}"),
        new(Shape.Minus, "{n} got {a} dollars and paid {b} dollars for shoes. How much money is left now?", "{a}-{b}"),
        new(Shape.Minus, "A tank holds {a} litres of water. We use {b} litres. How much water is left?", "{a}-{b}"),
        new(Shape.Minus, "Of {a} {o}, {n} gave {b} to a neighbour. How many did {n} keep?", "{a}-{b}"),
        new(Shape.Minus, "The class had {a} sheets of paper and used {b}. How many sheets are left?", "{a}-{b}"),
        new(Shape.Minus, "{n} had {a} {o}. First {b} were sold, then {c} more. How many are left?", "{a}-{b}-{c}"),
        new(Shape.Minus, "With {a} dollars in the bank, {n} pays {b} for rent and {c} for food. How much is left?", "{a}-{b}-{c}"),
        new(Shape.Minus, "{n} collected {a} {o}, lost {b} and then got {c} new ones. How many are there now?", "{a}-{b}+{c}"),
        new(Shape.Change, "{n} takes {c} dollars to the market and buys {b} {o} for {a} dollars each. How much is left over?", "{c}-{b}*{a}"),
    ];

    public static IReadOnlyList<string> Names { get; } = ["Oliver", "Grace", "Henry", "Clara", "Victor", "Julia", "Oscar", "Alice", "Hugo", "Ruth"];

    public static IReadOnlyList<string> Things { get; } = ["pears", "lemons", "hats", "lamps", "chairs", "potatoes", "rings", "kites", "muffins", "carrots"];
}
