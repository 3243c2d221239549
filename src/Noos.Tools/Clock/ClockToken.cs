namespace Noos.Tools.Clock;

/// <summary>What a piece of an expression is.</summary>
enum ClockTokenKind
{
    /// <summary>A word, in lower case; the name of a zone such as europe/berlin is one.</summary>
    Word,

    /// <summary>A number without a sign.</summary>
    Number,

    /// <summary>A whole date.</summary>
    Date,

    /// <summary>A year and a month.</summary>
    Month,

    /// <summary>A time of day.</summary>
    Time,

    /// <summary>A difference to UTC, such as +02:00 or Z, right behind a time or behind UTC.</summary>
    Offset,

    Plus,

    Minus,

    End,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">As it was written; a word in lower case.</param>
readonly record struct ClockToken(ClockTokenKind Kind, string Text)
{
    /// <summary>Of a number.</summary>
    public decimal Number { get; init; }

    /// <summary>Of a date, or the first day of a month.</summary>
    public DateOnly Date { get; init; }

    /// <summary>Of a time of day.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>Of a difference to UTC.</summary>
    public TimeSpan Offset { get; init; }
}
