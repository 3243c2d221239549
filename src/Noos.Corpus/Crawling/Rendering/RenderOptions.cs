namespace Noos.Corpus.Crawling.Rendering;

/// <summary>How long a page may take that its scripts build, and how much it may ask for.</summary>
public sealed record RenderOptions
{
    /// <summary>The Chromium to render with; null for the one on the PATH.</summary>
    public string? Program { get; init; }

    /// <summary>Time for one page, the pauses that hosts are left alone for included. What stands there then is kept as cut.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A page is done when it is loaded and has asked for nothing for so long.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Requests that scripts of one page may lead to; further ones fail.</summary>
    public int MaxRequests { get; init; } = 50;

    /// <summary>Bytes of all answers to them.</summary>
    public long MaxBytes { get; init; } = 32 << 20;

    /// <summary>Letters of a rendered page; the rest is cut.</summary>
    public int MaxLength { get; init; } = 5 << 20;
}
