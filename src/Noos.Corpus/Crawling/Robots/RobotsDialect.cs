namespace Noos.Corpus.Crawling.Robots;

/// <summary>How a robots.txt is read where the standard and the best known parser differ.</summary>
public enum RobotsDialect
{
    /// <summary>RFC 9309: letters and digits that are percent-encoded are themselves.</summary>
    Rfc9309,

    /// <summary>
    /// Google's parser: <c>%61</c> is not <c>a</c>, a rule for <c>/index.html</c> is one for its folder, and lines are cut at 16,664 bytes.
    /// </summary>
    Google,
}
