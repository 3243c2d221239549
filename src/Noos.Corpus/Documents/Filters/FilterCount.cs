namespace Noos.Corpus.Documents.Filters;

/// <summary>How many documents a filter dropped for one reason, or replaced.</summary>
/// <param name="Filter">Name of the filter.</param>
/// <param name="Reason">Why they were dropped; null for those that were replaced.</param>
/// <param name="Documents">How many.</param>
public sealed record FilterCount(string Filter, string? Reason, long Documents);
