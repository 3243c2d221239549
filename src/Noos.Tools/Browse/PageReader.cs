using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Unicode;
using Noos.Core;
using Noos.Core.Tools;
using Noos.Corpus.Documents;
using Noos.Corpus.Extraction;

namespace Noos.Tools.Browse;

/// <summary>
/// Fetches an address and turns what is there into text: HTML, plain text, and every format that a document reader knows.
/// </summary>
sealed class PageReader(BrowseOptions options, IReadOnlyList<IDocumentReader> readers)
{
    const int SniffedBytes = 1024;

    /// <exception cref="ToolException">The page cannot be had or read; the model reads why.</exception>
    public async Task<ReadPage> ReadAsync(Uri address, HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("noos", null));
            request.Headers.Accept.ParseAdd("text/html, application/xhtml+xml, text/plain;q=0.9, application/pdf;q=0.8, */*;q=0.5");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var final = response.RequestMessage?.RequestUri ?? address;
            if (!response.IsSuccessStatusCode)
            {
                throw new ToolException(Explain(final, response.StatusCode));
            }

            var content = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return await ReadAsync(content, response.Content.Headers.ContentType, final, cancellationToken);
        }
        catch (NoosException refusal)
        {
            throw new ToolException(refusal.Message, refusal);
        }
        catch (HttpRequestException e)
        {
            throw new ToolException($"{address.IdnHost} cannot be reached; try another address.", e);
        }
        catch (IOException e)
        {
            throw new ToolException($"The connection to {address.IdnHost} was cut; try again.", e);
        }
    }

    async Task<ReadPage> ReadAsync(byte[] content, MediaTypeHeaderValue? type, Uri address, CancellationToken cancellationToken)
    {
        var mediaType = MediaType(content, type?.MediaType, address);
        var charset = type?.CharSet;
        if (mediaType is "text/html" or "application/xhtml+xml")
        {
            return ReadHtml(content, charset, address);
        }

        // Text is decoded here and not by a reader: only the server knows its encoding.
        if (mediaType.StartsWith("text/", StringComparison.Ordinal) || mediaType is "application/json" or "application/xml"
            || mediaType.EndsWith("+json", StringComparison.Ordinal) || mediaType.EndsWith("+xml", StringComparison.Ordinal))
        {
            return Create(address, null, [], EncodingSniffer.Decode(content, charset).ReplaceLineEndings("\n"), []);
        }

        var reader = readers.FirstOrDefault(reader => reader.Reads(mediaType))
            ?? throw new ToolException($"What is at {address.IdnHost} is of the kind {mediaType}, which cannot be read as text.");
        var text = new StringBuilder();
        string? title = null;
        using var stream = new MemoryStream(content, writable: false);
        var origin = new DocumentOrigin(address.IdnHost, address.AbsoluteUri);
        await foreach (var document in reader.ReadAsync(stream, origin, cancellationToken))
        {
            title ??= document.Title;
            text.Append(text.Length > 0 ? "\n\n" : "").Append(document.Text);
        }

        return Create(address, title, [], text.ToString(), []);
    }

    ReadPage ReadHtml(byte[] content, string? charset, Uri address)
    {
        var page = HtmlExtractor.Extract(content, charset, address, new ExtractionOptions { Links = LinkStyle.Numbered });
        if (page.Markdown.Length == 0)
        {
            throw new ToolException($"The page at {address.IdnHost} has no text without its scripts; try another address.");
        }

        var about = new List<string>();
        if (page.Published is { } published)
        {
            about.Add($"published {published:yyyy-MM-dd}");
        }

        if (page.Author is { } author)
        {
            about.Add($"by {author}");
        }

        return Create(address, page.Title, about, page.Markdown, page.Links);
    }

    ReadPage Create(Uri address, string? title, List<string> about, string text, IReadOnlyList<PageLink> links)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new ToolException($"What is at {address.IdnHost} has no text.");
        }

        const int maxAddress = 300;
        var shown = address.AbsoluteUri.Length > maxAddress ? address.AbsoluteUri[..maxAddress] + "..." : address.AbsoluteUri;
        var head = title is null ? shown : $"{title}\n{shown}";
        return new ReadPage(
            address, about.Count == 0 ? head : $"{head}\n{string.Join(", ", about)}", TextPager.Cut(text, options.PageLength), links);
    }

    /// <summary>What the server says, unless it says nothing or what it says of everything.</summary>
    static string MediaType(ReadOnlySpan<byte> content, string? said, Uri address)
    {
        var start = content[..Math.Min(content.Length, SniffedBytes)];
        if (start.StartsWith("%PDF-"u8))
        {
            return "application/pdf";
        }

        if (said is not (null or "application/octet-stream" or "binary/octet-stream" or "text/plain" or "unknown/unknown"))
        {
            return said.ToLowerInvariant();
        }

        var text = start.TrimStart(" \t\r\n\uFEFF"u8);
        if (said != "text/plain" && (StartsWith(text, "<!doctype html"u8) || StartsWith(text, "<html"u8) || StartsWith(text, "<head"u8)
            || StartsWith(text, "<body"u8)))
        {
            return "text/html";
        }

        // A zero byte is in no text; a cut in the middle of a character is no fault.
        return !start.Contains((byte)0) && (said == "text/plain" || Utf8.IsValid(start[..Math.Max(0, start.Length - 3)]))
            ? "text/plain"
            : Path.GetExtension(address.AbsolutePath).ToLowerInvariant() switch
            {
                ".docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                ".xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ".pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                ".epub" => "application/epub+zip",
                ".zip" => "application/zip",
                _ => "application/octet-stream",
            };

        static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
            text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);
    }

    static string Explain(Uri address, HttpStatusCode status) => (int)status switch
    {
        404 or 410 => $"There is no page at {address.AbsoluteUri} ({(int)status}).",
        401 or 402 or 403 or 407 or 451 => $"{address.IdnHost} does not show this page to everybody ({(int)status}).",
        429 => $"{address.IdnHost} asks for fewer requests (429); try it later.",
        >= 500 => $"{address.IdnHost} has trouble ({(int)status}); try it later.",
        _ => $"{address.IdnHost} did not answer with a page ({(int)status}).",
    };
}
