namespace Noos.Pages.Traces;

/// <summary>What a process does for a stretch of time.</summary>
public enum TraceSpanKind
{
    /// <summary>It waits for its turn.</summary>
    Wait,

    /// <summary>The model reads the prompt, up to the first token (prefill).</summary>
    Read,

    /// <summary>The model thinks in writing.</summary>
    Think,

    /// <summary>The model writes the answer (decode).</summary>
    Write,

    /// <summary>A tool works.</summary>
    Call,

    /// <summary>A person is asked.</summary>
    Person,
}

/// <summary>A stretch of an answer.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Begin">From.</param>
/// <param name="End">To; now, while it goes on.</param>
/// <param name="Label">What happened, for people.</param>
public sealed record TraceSpan(TraceSpanKind Kind, DateTimeOffset Begin, DateTimeOffset End, string Label)
{
    public TimeSpan Duration => End - Begin;

    /// <summary>It goes on.</summary>
    public bool IsOpen { get; init; }

    /// <summary>It ended with an error.</summary>
    public bool IsError { get; init; }

    /// <summary>Tokens that were read or written; null where nobody knows.</summary>
    public long? Tokens { get; init; }

    /// <summary>When which tokens were written.</summary>
    public IReadOnlyList<TracePiece> Pieces { get; init; } = [];

    /// <summary>Tokens a second; null where there are none, or too short a time for a rate.</summary>
    public double? Rate => Tokens is > 1 and var tokens && Duration.TotalSeconds > 0.01 ? tokens / Duration.TotalSeconds : null;
}

/// <summary>Tokens that were written together.</summary>
/// <param name="Time">When.</param>
/// <param name="Tokens">How many.</param>
public readonly record struct TracePiece(DateTimeOffset Time, int Tokens);
