using Noos.Corpus.Crawling.OptOuts;

namespace Noos.Corpus.Crawling.Rendering;

/// <summary>What a browser has made of a page.</summary>
/// <param name="Html">Its document tree as markup; null where nothing came of it.</param>
/// <param name="Fault">Why nothing came of it, in a word or two; null where something did.</param>
/// <param name="Time">When the tree was taken.</param>
sealed record RenderedPage(string? Html, string? Fault, DateTimeOffset Time)
{
    /// <summary>Why it is not whole, as <c>WARC-Truncated</c> says it (<c>time</c>, <c>length</c>); null where it is.</summary>
    public string? Truncated { get; init; }

    /// <summary>What answers that it was built from do not want to be used for.</summary>
    public OptOut OptOuts { get; init; }

    /// <summary>Where its scripts wanted to go; nobody went there.</summary>
    public IReadOnlyList<string> Navigations { get; init; } = [];
}
