namespace Noos.Corpus.Archive;

/// <summary>One answer of the web, and the request that it answers.</summary>
/// <param name="Uri">The address that was asked for.</param>
/// <param name="Time">When it was.</param>
/// <param name="Request">What was sent.</param>
/// <param name="Response">What came; its body as it was sent, packed if it was, but without chunks.</param>
public sealed record Capture(string Uri, DateTimeOffset Time, HttpMessage Request, HttpMessage Response)
{
    /// <summary>The IP address that answered; null when it is not known.</summary>
    public string? Address { get; init; }

    /// <summary>Such as <c>h2</c>; null for HTTP/1.1, which is what is written.</summary>
    public string? Protocol { get; init; }

    /// <summary>Why the body is not whole (<c>length</c>, <c>time</c>, <c>disconnect</c>); null where it is.</summary>
    public string? Truncated { get; init; }
}
