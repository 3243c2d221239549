namespace Noos.Corpus.Crawling;

/// <summary>What a run has done, and what is left.</summary>
/// <param name="Progress">At its end.</param>
/// <param name="Fetched">Pages over all runs.</param>
/// <param name="Failed">Addresses that gave no page, over all runs.</param>
/// <param name="Refused">Addresses that may not be fetched, over all runs.</param>
/// <param name="Reasons">Why, most frequent first.</param>
/// <param name="NextDue">When the next page is to be fetched again; null for none.</param>
public sealed record CrawlReport(
    CrawlProgress Progress, long Fetched, long Failed, long Refused, IReadOnlyList<(string Reason, long Count)> Reasons,
    DateTimeOffset? NextDue);
