namespace Noos.Tools.Browse;

/// <summary>How web pages are shown to a model.</summary>
public sealed record BrowseOptions
{
    /// <summary>
    /// Longest text of a page of the result, in characters. With its head and its links it stays below what the gate lets a result have.
    /// </summary>
    public int PageLength { get; init; } = 2800;

    /// <summary>
    /// Longest list of links below that text, in characters; links that do not fit are opened by their number all the same.
    /// </summary>
    public int LinksLength { get; init; } = 800;

    /// <summary>How many links of a page the gate is told of; the others must be asked for.</summary>
    public int MaxLinks { get; init; } = 500;

    /// <summary>How long a page that was read is kept for its further pages.</summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Pages that are kept for one process.</summary>
    public int MaxPagesPerProcess { get; init; } = 8;

    /// <summary>Characters that are kept for all processes together.</summary>
    public long MaxCharacters { get; init; } = 32 << 20;
}
