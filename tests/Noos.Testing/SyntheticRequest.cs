namespace Noos.Testing;

/// <summary>A request that a synthetic web has seen.</summary>
/// <param name="Host">The host header without the port.</param>
/// <param name="Address">The IP address it came to.</param>
/// <param name="Path">With the query.</param>
/// <param name="Agent">The User-Agent.</param>
/// <param name="Start">When it was there, in seconds of a clock that never goes back.</param>
/// <param name="End">When the answer was about to be written.</param>
/// <param name="Status">What was answered; 0 where the connection was cut.</param>
/// <param name="IsConditional">It asked whether something has changed.</param>
public sealed record SyntheticRequest(
    string Host, string Address, string Path, string Agent, double Start, double End, int Status, bool IsConditional)
{
    /// <summary>How long the answer asked to be left alone; 0 for not.</summary>
    public double RetryAfter { get; init; }
}
