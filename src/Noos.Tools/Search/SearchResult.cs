using Noos.Core.Conversations;

namespace Noos.Tools.Search;

/// <summary>A passage that a search found, as it was read.</summary>
/// <param name="Source">The source that found it.</param>
/// <param name="Title">Of the document.</param>
/// <param name="Address">Of the document.</param>
/// <param name="Text">The passage.</param>
public sealed record SearchResult(string Source, string Title, string Address, string Text)
{
    /// <summary>How far it may be trusted.</summary>
    public Origin Origin { get; init; } = Origin.Web;

    /// <summary>What time it tells of, or when it was changed last.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>Which passage of a document in the local index.</summary>
    public int? Passage { get; init; }

    /// <summary>Where the text begins in that of the document.</summary>
    public int Start { get; init; }

    public string? Licence { get; init; }

    /// <summary>Where the document lies as it was fetched, in an archive of this machine.</summary>
    public string? Capture { get; init; }

    /// <summary>Whether the address is one of the web, which can be opened.</summary>
    public bool IsPage =>
        Address.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || Address.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>What an answer cites.</summary>
    public Citation ToCitation(int number) => new(number, Title, Address)
    {
        Source = Source,
        Passage = Passage,
        Start = Start,
        Date = Date,
        Licence = Licence,
        Capture = Capture,
    };
}
