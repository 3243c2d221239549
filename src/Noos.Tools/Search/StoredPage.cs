using Noos.Core;
using Noos.Corpus.Archive;
using Noos.Corpus.Cleaning;
using Noos.Corpus.Index;

namespace Noos.Tools.Search;

/// <summary>A page of the index as it was fetched.</summary>
/// <param name="Address">That was asked for.</param>
/// <param name="Date">When it was fetched; null where nobody says it.</param>
/// <param name="Response">The answer with its head, as it is stored; what is no answer of HTTP is stored as it is.</param>
/// <param name="IsHttp">Whether it is an answer of HTTP.</param>
public sealed record StoredPage(string Address, DateTimeOffset? Date, ReadOnlyMemory<byte> Response, bool IsHttp)
{
    /// <summary>What the server had sent, unpacked.</summary>
    public ReadOnlyMemory<byte> Body { get; private init; } = Response;

    /// <summary>The media type without parameters, as it was sent or made; null without one.</summary>
    public string? MediaType { get; private init; }

    /// <summary>The charset that the server names; null where it names none.</summary>
    public string? Charset { get; private init; }

    /// <summary>Opens a page of an index.</summary>
    /// <param name="indexPath">The index that knows where it lies.</param>
    /// <param name="address">Of the page.</param>
    /// <param name="capture">
    /// What an answer has cited, which may be older than what the index knows (<see cref="Core.Conversations.Citation.Capture"/>); null for
    /// the latest.
    /// </param>
    /// <exception cref="NoosException">
    /// Nothing of it is kept (<see cref="ErrorKind.NotFound"/>), or it was opted out (<see cref="ErrorKind.Refused"/>).
    /// </exception>
    public static StoredPage Open(string indexPath, string address, string? capture = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        using var index = SearchIndex.OpenRead(indexPath);
        var (corpus, latest) = index.FindCapture(address) ?? throw new NoosException(
            ErrorKind.NotFound, $"'{address}' was not added from a corpus, so that nothing of it is kept as it was fetched.");
        var record = CorpusFolder.Open(corpus).OpenCapture(capture ?? latest);
        if (capture is not null && capture != latest && record.TargetUri != address)
        {
            throw new NoosException(ErrorKind.NotFound, $"The record '{capture}' is not of '{address}'.");
        }

        return record.Http is { } http
            ? new StoredPage(address, record.Date, record.Content, IsHttp: true)
            {
                Body = http.DecodeBody(int.MaxValue),
                MediaType = http.MediaType,
                Charset = http.Charset,
            }
            : new StoredPage(address, record.Date, record.Content, IsHttp: false)
            {
                // What a browser has built of a page is markup of our own writing.
                MediaType = record.Type == WarcTypes.Conversion ? record.Headers["Content-Type"]?.Split(';')[0].Trim() : null,
                Charset = record.Type == WarcTypes.Conversion ? "utf-8" : null,
            };
    }
}
