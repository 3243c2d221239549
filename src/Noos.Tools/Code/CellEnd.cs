namespace Noos.Tools.Code;

/// <summary>How a cell ended.</summary>
public enum CellEnd
{
    /// <summary>It ran to its end.</summary>
    Completed,

    /// <summary>An error ended it.</summary>
    Failed,

    /// <summary>Its time was over.</summary>
    TimedOut,

    /// <summary>It printed more than may be printed.</summary>
    TooLoud,

    /// <summary>Its session is gone.</summary>
    SessionEnded,
}
