namespace Noos.Tools.Calculator.Course;

/// <summary>How the numbers of a template are drawn.</summary>
enum Shape
{
    /// <summary>Any numbers.</summary>
    Free,

    /// <summary>{a} is larger than {b} and {c} together.</summary>
    Minus,

    /// <summary>{b} (and {c}) are short, so that products stay short.</summary>
    Times,

    /// <summary>{a} is a multiple of {b}, which is small.</summary>
    Share,

    /// <summary>{p} is a percentage of {a}.</summary>
    Percent,

    /// <summary>{a} times {b} is less than {c}.</summary>
    Change,

    /// <summary>{a} is small: the base of a power, the number of a factorial.</summary>
    Small,

    /// <summary>{a} is a square.</summary>
    Square,

    /// <summary>{a} is the base of a power, {b} an exponent of up to thirty.</summary>
    Power,

    /// <summary>{a} and {b} are years, {a} the later one.</summary>
    Years,
}

/// <summary>A wording with {a}, {b}, {c}, {p} for numbers, {n}, {m} for names and {o} for things, and the expression it asks for.</summary>
sealed record ProblemTemplate(Shape Shape, string Question, string Expression, string? Sentence = null);
