namespace Noos.Corpus.Encyclopedias;

/// <summary>What goes into an encyclopedia.</summary>
public sealed record EncyclopediaOptions
{
    /// <summary>Characters of an article from Wikipedia.</summary>
    public int MaxLeadLength { get; init; } = 2000;
}
