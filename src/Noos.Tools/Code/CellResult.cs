namespace Noos.Tools.Code;

/// <summary>What came of one cell: a piece of code that was run in a session.</summary>
/// <param name="Output">What it printed, as far as it was kept.</param>
/// <param name="Error">Traceback or message of an error; null where there was none.</param>
/// <param name="End">How it ended.</param>
public sealed record CellResult(string Output, string? Error, CellEnd End)
{
    /// <summary>Why the session is gone, and with it all variables; null while it lives on.</summary>
    public string? SessionEnd { get; init; }
}
