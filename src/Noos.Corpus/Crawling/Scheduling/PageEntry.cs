namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>An address that waits for its turn.</summary>
/// <param name="Id">Its fingerprint.</param>
/// <param name="PathAndQuery">Behind the origin of its host.</param>
/// <param name="Depth">Links from a seed.</param>
/// <param name="Redirects">Redirects that led to it.</param>
/// <param name="Tries">Requests so far that failed.</param>
/// <param name="IsSitemap">It is read for addresses and not as a page.</param>
/// <param name="Known">What is known from the last fetch; null before the first.</param>
sealed record PageEntry(long Id, string PathAndQuery, int Depth, int Redirects, int Tries, bool IsSitemap, PageVersion? Known);
