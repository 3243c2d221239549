namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>What was fetched last, to ask whether it has changed.</summary>
/// <param name="ETag">As the server sent it.</param>
/// <param name="LastModified">As the server sent it.</param>
/// <param name="Digest">Of the body.</param>
/// <param name="FetchedAt">Milliseconds since 1970.</param>
/// <param name="Interval">Milliseconds until the next fetch.</param>
sealed record PageVersion(string? ETag, string? LastModified, string? Digest, long FetchedAt, long Interval);
