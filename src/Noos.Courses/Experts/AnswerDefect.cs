namespace Noos.Courses.Experts;

/// <summary>What is wrong with an answer that was written on purpose.</summary>
public enum AnswerDefect
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It says something else than what was asked for.</summary>
    Wrong,

    /// <summary>It says what stands nowhere.</summary>
    Ungrounded,

    /// <summary>Its form is another than the one that was asked for, or is usual.</summary>
    BadFormat,

    /// <summary>It goes in circles and does not end.</summary>
    Endless,

    /// <summary>It says much that nobody asked for.</summary>
    TooLong,

    /// <summary>It insults who asks.</summary>
    Rude,
}
