using System.Globalization;
using System.Text;
using Noos.Core;
using Noos.Corpus.Archive;
using Noos.Corpus.Cleaning.Languages;
using Noos.Corpus.Cleaning.Signals;
using Noos.Corpus.Crawling.Links;
using Noos.Corpus.Crawling.OptOuts;
using Noos.Corpus.Documents;
using Noos.Corpus.Extraction;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Cleaning.Pages;

/// <summary>
/// Makes a page of an archived answer: unpacked, its format told by its content, its content taken out of its frame, measured. Whatever
/// comes gives a page or a reason. For one thread at a time.
/// </summary>
/// <param name="tools">What it is measured with.</param>
sealed class PageExtractor(PageTools tools)
{
    // The product token that meta elements may name; a crawl has read those of its own name already.
    const string Agent = "noos";

    // Of a text without a format of its own, more is a table or a log.
    const int MaxTextLength = 2_000_000;

    const OptOut NoTraining = OptOut.NoAi | OptOut.Tdm | OptOut.NoTraining | OptOut.NoIndex | OptOut.NoArchive;
    const OptOut NoSearch = OptOut.NoIndex | OptOut.NoArchive | OptOut.NoSnippet | OptOut.NoAiInput | OptOut.NoSearch;

    readonly DocumentReaderRegistry _readers = DocumentReaderRegistry.CreateForFiles();
    readonly List<int> _tokens = [];

    /// <summary>Makes a page.</summary>
    /// <param name="record">A response, resource or conversion (WET).</param>
    /// <param name="archive">The file that it is in.</param>
    /// <param name="metadata">What a crawl has stored beside it; null where it has not.</param>
    /// <param name="reason">Why there is no page: a few words that many share.</param>
    public PageRecord? Extract(WarcRecord record, string archive, HeaderList? metadata, out string reason)
    {
        ArgumentNullException.ThrowIfNull(record);
        try
        {
            return TryExtract(record, archive, metadata, out reason);
        }
        catch (Exception e) when (e is NoosException or IOException or InvalidDataException or ArgumentException
            or InvalidOperationException or System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            // Readers of foreign formats find ever new ways to fail; one page must not stop a range.
            reason = "damaged";
            return null;
        }
    }

    PageRecord? TryExtract(WarcRecord record, string archive, HeaderList? metadata, out string reason)
    {
        var address = record.TargetUri ?? "";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            reason = "no web address";
            return null;
        }

        if (record.Type == WarcTypes.Revisit)
        {
            // Its content is that of another capture, which is a page.
            reason = "seen before";
            return null;
        }

        if (metadata?[WarcTypes.Rendered] is not null || metadata?["role"] == WarcTypes.PageRequisite)
        {
            // The page is what a browser has built of it, which is a record of its own.
            reason = metadata["role"] is null ? "built by script" : "part of a page";
            return null;
        }

        // WET has text; a crawl that renders has markup.
        var contentType = record.Headers["Content-Type"]?.Split(';')[0].Trim();
        var isBuilt = record.Type == WarcTypes.Conversion && contentType == "text/html";
        var optOuts = OptOutNames.Parse(metadata?["optOuts"] ?? "");
        string? title = null;
        string text, plain, mediaType;
        string? charset = null;
        if (record.Type == WarcTypes.Conversion && !isBuilt)
        {
            // WET: the text alone, and no word on what the page did not want.
            (text, mediaType) = (ProseText.Clean(Encoding.UTF8.GetString(record.Content.Span)), "text/plain");
            plain = text;
        }
        else
        {
            var http = record.Http;
            if (record.Type == WarcTypes.Response && (http is null || http.Status != 200))
            {
                reason = http is null ? "no HTTP" : string.Create(CultureInfo.InvariantCulture, $"status {http.Status}");
                return null;
            }

            var body = http is null ? record.Content.ToArray() : http.DecodeBody(tools.MaxPageBytes);
            if (body.Length == 0)
            {
                reason = "empty";
                return null;
            }

            optOuts |= http is null ? OptOut.None
                : http.Headers.Aggregate(OptOut.None, (all, field) => all | OptOutReader.ReadHeader(field.Key, field.Value, Agent));
            var declared = (http?.MediaType ?? contentType ?? "").ToLowerInvariant();
            var format = FindFormat(body, declared, uri);
            mediaType = format.MediaType;
            if (format.Refusal is not null)
            {
                reason = "type " + mediaType;
                return null;
            }

            if (format == FileFormat.Html)
            {
                var named = isBuilt ? "utf-8" : http?.Charset;
                var encoding = EncodingSniffer.Find(body, named);
                var html = EncodingSniffer.Decode(body, named);
                charset = encoding.WebName;
                optOuts |= ReadMetas(html);
                var page = HtmlExtractor.Extract(
                    html, uri, new ExtractionOptions { Links = LinkStyle.None, Threshold = tools.Threshold });
                (text, plain, title) = (ProseText.Clean(page.Markdown), page.Text, page.Title);
            }
            else
            {
                (text, title) = ReadFile(body, format, uri);
                plain = text;
            }
        }

        if (text.Length == 0)
        {
            reason = "no text";
            return null;
        }

        reason = "";
        var guess = tools.Identifier.Identify(plain);
        return new PageRecord
        {
            Address = address,
            Host = uri.IdnHost,
            FetchedAt = record.Date,
            Archive = archive,
            Offset = record.Offset,
            Digest = record.Headers["WARC-Payload-Digest"],
            MediaType = mediaType,
            Charset = charset,
            Language = guess.Language,
            Title = title is { Length: > 0 } ? title : null,
            OptOuts = optOuts == OptOut.None ? null : OptOutNames.Format(optOuts),
            Signals = Measure(text, plain, address, guess, optOuts, record.IsCut || record.Headers["WARC-Truncated"] is not null),
            Text = text,
        };
    }

    SignalSet Measure(string text, string plain, string address, LanguageGuess guess, OptOut optOuts, bool isCut)
    {
        var signals = TextSignals.Measure(plain);
        var words = Math.Max(1, signals[SignalNames.Words] ?? 1);
        signals.Add(SignalNames.Tokens, CountTokens(text));
        signals.Add(SignalNames.LanguageScore, guess.Probability);
        if (guess.Language == "en")
        {
            signals.Add(SignalNames.Quality, tools.Quality.Score(plain));
        }

        var personal = PersonalData.Find(text);
        AddCount(SignalNames.Emails, PersonalDataKind.Email);
        AddCount(SignalNames.Phones, PersonalDataKind.Phone);
        AddCount(SignalNames.IpAddresses, PersonalDataKind.IpAddress);
        AddCount(SignalNames.Accounts, PersonalDataKind.Account | PersonalDataKind.Card);
        AddIf(SignalNames.PersonalData, 1000 * personal.Count / words);
        AddIf(SignalNames.ListedAddress, tools.Addresses.Contains(address) ? 1 : 0);
        AddIf(SignalNames.ListedWords, 1000 * tools.Words.CountIn(plain) / words);
        AddIf(SignalNames.ExamPassages, tools.Exams.CountIn(plain));
        AddIf(SignalNames.NoTraining, (optOuts & NoTraining) != OptOut.None ? 1 : 0);
        AddIf(SignalNames.NoSearch, (optOuts & NoSearch) != OptOut.None ? 1 : 0);
        AddIf(SignalNames.Truncated, isCut ? 1 : 0);
        return signals;

        void AddCount(string name, PersonalDataKind kind) =>
            AddIf(name, personal.Count(datum => (datum.Kind & kind) != PersonalDataKind.None));

        // What is nothing for nearly every page is left out.
        void AddIf(string name, double value)
        {
            if (value != 0)
            {
                signals.Add(name, value);
            }
        }
    }

    double CountTokens(string text)
    {
        if (tools.Tokenizer is not { } tokenizer)
        {
            return Math.Ceiling(Encoding.UTF8.GetByteCount(text) / 4.0);
        }

        _tokens.Clear();
        tokenizer.Encode(Encoding.UTF8.GetBytes(text), _tokens);
        return _tokens.Count;
    }

    /// <summary>What a body is: by its first bytes where those say it, else by what the server says, else by its name.</summary>
    static FileFormat FindFormat(byte[] body, string declared, Uri uri)
    {
        if (declared is "text/html" or "application/xhtml+xml" && !IsBinary(body))
        {
            return FileFormat.Html;
        }

        var name = Path.GetFileName(uri.AbsolutePath);
        var head = body.AsSpan(0, Math.Min(body.Length, FileFormats.HeadLength));
        var format = FileFormats.Find(head, name, body.Length < FileFormats.HeadLength);
        return declared switch
        {
            _ when declared.Split('/')[0] is "image" or "audio" or "video" or "font" =>
                FileFormat.Unread(declared, "no text", "it is no page"),
            _ when format.Refusal is not null => format,
            // Scripts, style sheets and feeds look like text; nobody reads them.
            "text/css" or "text/javascript" or "application/javascript" or "application/x-javascript" or "application/json"
                or "application/rss+xml" or "application/atom+xml" or "application/xml" or "text/xml" or "image/svg+xml"
                => FileFormat.Unread(declared, "no page", "it is no page"),
            "text/plain" when format == FileFormat.Html => FileFormat.Lines,
            _ => format,
        };
    }

    static bool IsBinary(byte[] body)
    {
        var format = FileFormats.Find(body.AsSpan(0, Math.Min(body.Length, 1024)), "", isWhole: false);
        return format.Refusal is not null && format.MediaType != "application/octet-stream";
    }

    /// <summary>PDF, office files and text; tables and archives are no pages.</summary>
    (string Text, string? Title) ReadFile(byte[] body, FileFormat format, Uri uri)
    {
        if (format == FileFormat.Lines || format == FileFormat.Code || format == FileFormat.Markdown)
        {
            var decoded = EncodingSniffer.Decode(body);
            return (ProseText.Clean(decoded.Length > MaxTextLength ? decoded[..MaxTextLength] : decoded), null);
        }

        if (format != FileFormat.Pdf && format != FileFormat.Word && format != FileFormat.Presentation && format != FileFormat.Epub)
        {
            return ("", null);
        }

        var text = new StringBuilder();
        using var content = new MemoryStream(body, writable: false);
        var origin = new DocumentOrigin(uri.IdnHost, uri.AbsoluteUri);
        foreach (var document in _readers.Get(format.Name).ReadAsync(content, origin).ToBlockingEnumerable())
        {
            text.Append(text.Length > 0 ? "\n\n" : "").Append(document.Text);
            if (text.Length > MaxTextLength)
            {
                break;
            }
        }

        return (ProseText.Clean(text.ToString()), null);
    }

    static OptOut ReadMetas(string html)
    {
        // Most pages have neither word.
        var head = html.AsSpan(0, Math.Min(html.Length, 64 << 10));
        return head.Contains("robots", StringComparison.OrdinalIgnoreCase) || head.Contains("tdm-", StringComparison.OrdinalIgnoreCase)
            ? LinkScanner.Scan(head, maxLinks: 1).Metas
                .Aggregate(OptOut.None, (all, meta) => all | OptOutReader.ReadMeta(meta.Name, meta.Content, Agent))
            : OptOut.None;
    }
}
