using Noos.Corpus.Archive;

namespace Noos.Corpus.Crawling.Fetching;

/// <summary>What came of a request.</summary>
sealed record FetchAnswer
{
    /// <summary>What was sent and what came; null where nothing came.</summary>
    public Capture? Capture { get; init; }

    /// <summary>Why nothing came, in a word or two; null where something did.</summary>
    public string? Fault { get; init; }

    /// <summary>The same request fails again: it is refused here.</summary>
    public bool IsFinal { get; init; }

    /// <summary>From the request to the end of the answer.</summary>
    public TimeSpan Elapsed { get; init; }

    public int Status => Capture?.Response.Status ?? 0;

    /// <summary>How long the server wants to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
