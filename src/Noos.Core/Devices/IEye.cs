namespace Noos.Core.Devices;

/// <summary>
/// The device that looks at pictures for a model that reads text only: what it sees it reports as text. Thread-safe.
/// </summary>
public interface IEye
{
    /// <summary>
    /// The address of the service that pictures and questions are sent to, scheme and host; null where none leaves this machine.
    /// </summary>
    string? Service { get; }

    /// <summary>Reports what a picture shows. What is in the report was written by whoever made the picture.</summary>
    /// <param name="content">All of the file.</param>
    /// <param name="request">What is asked of it.</param>
    /// <param name="cancellationToken">Stops the looking.</param>
    /// <exception cref="NoosException">
    /// It is no picture that is read (Invalid), damaged (Damaged), or beyond the limits (Refused); or there is no such region (Invalid).
    /// </exception>
    Task<ImageReport> LookAsync(ReadOnlyMemory<byte> content, LookRequest request, CancellationToken cancellationToken = default);
}

/// <summary>What is asked of an eye.</summary>
public sealed record LookRequest
{
    /// <summary>What usually is asked.</summary>
    public static LookRequest Usual { get; } = new();

    /// <summary>
    /// The part that is looked at, enlarged: <c>top left</c>, <c>bottom</c>, <c>center</c>, or left, top, width and height in pixels as in
    /// <c>10 20 300 200</c>; null for all of it.
    /// </summary>
    public string? Region { get; init; }

    /// <summary>What somebody wants to know of it; null for a description.</summary>
    public string? Question { get; init; }

    /// <summary>
    /// Only what costs next to nothing: no code and no text is read, no model asked. For who sees the picture itself, too.
    /// </summary>
    public bool IsBrief { get; init; }

    /// <summary>Characters of the report.</summary>
    public int MaxLength { get; init; } = 3000;
}

/// <summary>What an eye has seen.</summary>
/// <param name="MediaType">What the picture is by its content.</param>
/// <param name="Text">A fact, code or text a line, each with its confidence where it is not certain.</param>
public sealed record ImageReport(string MediaType, string Text);
