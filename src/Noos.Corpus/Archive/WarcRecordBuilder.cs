using System.Globalization;
using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace Noos.Corpus.Archive;

/// <summary>Makes records of WARC/1.1 (ISO 28500:2017), each a gzip member or Zstandard frame that can be read by itself.</summary>
public static class WarcRecordBuilder
{
    const int ZstandardLevel = 3;
    const string HttpResponse = "application/http;msgtype=response";
    const string HttpRequest = "application/http;msgtype=request";

    /// <summary>A new id of a record.</summary>
    public static string NewId() => $"<urn:uuid:{Guid.NewGuid():D}>";

    /// <summary>A time as archives write it.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>What a file is and who made it: the first record of each.</summary>
    /// <param name="fileName">Its name without folders.</param>
    /// <param name="time">When it was begun.</param>
    /// <param name="fields">Such as <c>software</c> and <c>robots</c>.</param>
    public static byte[] WarcInfo(
        string fileName, DateTimeOffset time, HeaderList fields, ArchiveCompression compression = ArchiveCompression.Gzip)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var content = new StringBuilder();
        fields.AppendTo(content);
        var headers = Begin(WarcTypes.WarcInfo, NewId(), time);
        headers.Add("WARC-Filename", fileName);
        return Build(headers, "application/warc-fields", Encoding.UTF8.GetBytes(content.ToString()), compression);
    }

    /// <summary>A capture.</summary>
    /// <param name="id">Of the record, which others refer to.</param>
    /// <param name="capture">What was fetched.</param>
    /// <param name="payloadDigest">Of the body as it was sent.</param>
    public static byte[] Response(
        string id, Capture capture, string payloadDigest, ArchiveCompression compression = ArchiveCompression.Gzip)
    {
        ArgumentNullException.ThrowIfNull(capture);
        var headers = Begin(WarcTypes.Response, id, capture.Time, capture);
        headers.Add("WARC-Payload-Digest", payloadDigest);
        if (capture.Truncated is { } reason)
        {
            headers.Add("WARC-Truncated", reason);
        }

        return Build(headers, HttpResponse, capture.Response.ToBytes(), compression);
    }

    /// <summary>A capture whose content is there already: the head alone.</summary>
    /// <param name="id">Of the record.</param>
    /// <param name="capture">What was fetched.</param>
    /// <param name="payloadDigest">Of the body.</param>
    /// <param name="profile">Why it is left out: one of the profiles of <see cref="WarcTypes"/>.</param>
    /// <param name="refersTo">Address and time of the capture that has it; null where they are not known.</param>
    public static byte[] Revisit(
        string id, Capture capture, string payloadDigest, string profile, (string Uri, DateTimeOffset Time)? refersTo,
        ArchiveCompression compression = ArchiveCompression.Gzip)
    {
        ArgumentNullException.ThrowIfNull(capture);
        var headers = Begin(WarcTypes.Revisit, id, capture.Time, capture);
        headers.Add("WARC-Payload-Digest", payloadDigest);
        headers.Add("WARC-Profile", profile);
        if (refersTo is { } other)
        {
            headers.Add("WARC-Refers-To-Target-URI", other.Uri);
            headers.Add("WARC-Refers-To-Date", Format(other.Time));
        }

        return Build(headers, HttpResponse, (capture.Response with { Body = default }).ToBytes(), compression);
    }

    /// <summary>The request that belongs to a capture.</summary>
    public static byte[] Request(
        string responseId, Capture capture, ArchiveCompression compression = ArchiveCompression.Gzip)
    {
        ArgumentNullException.ThrowIfNull(capture);
        var headers = Begin(WarcTypes.Request, NewId(), capture.Time, capture);
        headers.Add("WARC-Concurrent-To", responseId);
        return Build(headers, HttpRequest, capture.Request.ToBytes(), compression);
    }

    /// <summary>What else is known of a capture, as fields.</summary>
    public static byte[] Metadata(
        string responseId, Capture capture, HeaderList fields, ArchiveCompression compression = ArchiveCompression.Gzip)
    {
        ArgumentNullException.ThrowIfNull(capture);
        ArgumentNullException.ThrowIfNull(fields);
        var content = new StringBuilder();
        fields.AppendTo(content);
        var headers = Begin(WarcTypes.Metadata, NewId(), capture.Time, capture);
        headers.Add("WARC-Concurrent-To", responseId);
        return Build(headers, "application/warc-fields", Encoding.UTF8.GetBytes(content.ToString()), compression);
    }

    /// <summary>
    /// Another version of a capture that was made of it, such as the document tree of a browser: a conversion and no resource, since the
    /// server has never sent it (WARC/1.1, 6.7); it refers to the capture that it was made of, and a reader that looks an address up finds
    /// what was sent.
    /// </summary>
    /// <param name="id">Of the record.</param>
    /// <param name="originalId">Of the record of the capture.</param>
    /// <param name="capture">What it was made of.</param>
    /// <param name="time">When it was made.</param>
    /// <param name="contentType">Of the content.</param>
    /// <param name="content">The other version.</param>
    /// <param name="truncated">Why it is not whole; null where it is.</param>
    public static byte[] Conversion(
        string id, string originalId, Capture capture, DateTimeOffset time, string contentType, byte[] content, string? truncated,
        ArchiveCompression compression = ArchiveCompression.Gzip)
    {
        ArgumentNullException.ThrowIfNull(capture);
        ArgumentNullException.ThrowIfNull(content);
        var headers = Begin(WarcTypes.Conversion, id, time);
        headers.Add("WARC-Target-URI", capture.Uri);
        headers.Add("WARC-Refers-To", originalId);
        headers.Add("WARC-Payload-Digest", WarcDigest.Compute(content));
        if (truncated is not null)
        {
            headers.Add("WARC-Truncated", truncated);
        }

        return Build(headers, contentType, content, compression);
    }

    static HeaderList Begin(string type, string id, DateTimeOffset time, Capture? capture = null)
    {
        var headers = new HeaderList();
        headers.Add("WARC-Type", type);
        headers.Add("WARC-Record-ID", id);
        headers.Add("WARC-Date", Format(time));
        if (capture is not null)
        {
            headers.Add("WARC-Target-URI", capture.Uri);
            if (capture.Address is { } address)
            {
                headers.Add("WARC-IP-Address", address);
            }

            if (capture.Protocol is { } protocol)
            {
                // There is no form for HTTP/2 in an archive: it is written as HTTP/1.1, and this says what it was.
                headers.Add("WARC-Protocol", protocol);
            }
        }

        return headers;
    }

    static byte[] Build(HeaderList headers, string contentType, byte[] content, ArchiveCompression compression)
    {
        headers.Add("WARC-Block-Digest", WarcDigest.Compute(content));
        headers.Add("Content-Type", contentType);
        headers.Add("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture));
        var head = new StringBuilder("WARC/1.1\r\n");
        headers.AppendTo(head);
        using var packed = new MemoryStream(256 + (content.Length / 2));
        using (Stream stream = compression == ArchiveCompression.Zstandard
            ? new CompressionStream(packed, ZstandardLevel, leaveOpen: true)
            : new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()));
            stream.Write(content);
            stream.Write("\r\n\r\n"u8);
        }

        return packed.ToArray();
    }
}
