namespace Noos.Tools.Search;

/// <summary>What a source answered.</summary>
/// <param name="Results">The best first.</param>
/// <param name="Fault">What went wrong with a part of the source, in one sentence.</param>
public sealed record SourceAnswer(IReadOnlyList<SearchResult> Results, string? Fault = null);
