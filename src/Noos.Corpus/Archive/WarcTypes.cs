namespace Noos.Corpus.Archive;

/// <summary>The types of records (WARC/1.1, 6).</summary>
public static class WarcTypes
{
    public const string WarcInfo = "warcinfo";
    public const string Request = "request";
    public const string Response = "response";
    public const string Resource = "resource";
    public const string Metadata = "metadata";
    public const string Revisit = "revisit";
    public const string Conversion = "conversion";

    /// <summary>
    /// The <c>role</c>, in the metadata of a crawl, of an answer that scripts of a page have asked for: it is a part of that page (its
    /// <c>via</c>) and none by itself.
    /// </summary>
    public const string PageRequisite = "page-requisite";

    /// <summary>The field, in the metadata of a crawl, that names the conversion in which a browser has built the page.</summary>
    public const string Rendered = "rendered";

    /// <summary>The profile of a revisit whose content is that of an earlier capture.</summary>
    public const string SameDigest = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";

    /// <summary>The profile of a revisit for which the server has said that nothing changed (304).</summary>
    public const string NotModified = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";
}
