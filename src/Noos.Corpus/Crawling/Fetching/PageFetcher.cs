using System.Buffers;
using System.Globalization;
using Noos.Core;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling.Fetching;

/// <summary>
/// Sends one request and reads its answer as it comes over the wire, packed if it is. Follows nothing. Thread-safe.
/// </summary>
/// <param name="http">Of an egress guard that neither follows redirects nor unpacks.</param>
/// <param name="options">Name, limits.</param>
/// <param name="clock">Says when.</param>
sealed class PageFetcher(HttpClient http, CrawlOptions options, CrawlClock clock)
{
    const string Accept = "text/html,application/xhtml+xml,text/plain;q=0.9,application/xml;q=0.8,application/pdf;q=0.7,*/*;q=0.5";

    static readonly UriCreationOptions s_verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Asks for an address.</summary>
    /// <param name="origin">Scheme, host and port.</param>
    /// <param name="pathAndQuery">Sent as it is.</param>
    /// <param name="maxBytes">The rest of the body is cut.</param>
    /// <param name="known">What is there already; the server may say that nothing changed.</param>
    /// <param name="keeps">Whether an answer is read; else its head alone is.</param>
    /// <param name="cancellationToken">Stops the crawl.</param>
    public async Task<FetchAnswer> FetchAsync(
        string origin, string pathAndQuery, int maxBytes, PageVersion? known, Func<HttpMessage, bool>? keeps,
        CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(origin + pathAndQuery, s_verbatim, out var address))
        {
            return new FetchAnswer { Fault = "no address for a request", IsFinal = true };
        }

        var (time, start) = (clock.TimeProvider.GetUtcNow(), clock.TimeProvider.GetTimestamp());
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            var sent = Fill(request, known);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var head = ReadHead(response);
            var body = new ArrayBufferWriter<byte>();
            var truncated = keeps is null || keeps(head)
                ? await ReadBodyAsync(response, body, maxBytes, cancellationToken)
                : "unspecified";
            return new FetchAnswer
            {
                Capture = new Capture(origin + pathAndQuery, time, sent, head with { Body = body.WrittenMemory })
                {
                    Protocol = response.Version.Major >= 2 ? $"h{response.Version.Major}" : null,
                    Truncated = truncated,
                },
                Elapsed = clock.TimeProvider.GetElapsedTime(start),
                RetryAfter = response.Headers.RetryAfter is { } retry
                    ? retry.Delta ?? (retry.Date is { } date ? date - clock.TimeProvider.GetUtcNow() : null)
                    : null,
            };
        }
        catch (NoosException e) when (e.Kind == ErrorKind.Refused)
        {
            return new FetchAnswer { Fault = "not of the public web", IsFinal = true, Elapsed = clock.TimeProvider.GetElapsedTime(start) };
        }
        catch (Exception e) when (e is NoosException or HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new FetchAnswer
            {
                Fault = e switch
                {
                    HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "no such host",
                    HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "no connection",
                    HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "no secure connection",
                    NoosException { Message: var message } when message.EndsWith("cannot be found.", StringComparison.Ordinal) =>
                        "no such host",
                    NoosException or OperationCanceledException => "too slow",
                    _ => "broken answer",
                },
                Elapsed = clock.TimeProvider.GetElapsedTime(start),
            };
        }
    }

    HttpMessage Fill(HttpRequestMessage request, PageVersion? known)
    {
        var headers = new HeaderList();
        headers.Add("Host", request.RequestUri!.IsDefaultPort ? request.RequestUri.IdnHost : request.RequestUri.Authority);
        Add("User-Agent", options.UserAgent);
        Add("Accept", Accept);
        Add("Accept-Encoding", ContentCoding.Accepted);
        if (known?.ETag is { } tag)
        {
            Add("If-None-Match", tag);
        }

        if (known?.LastModified is { } modified)
        {
            Add("If-Modified-Since", modified);
        }

        return new HttpMessage($"GET {request.RequestUri.PathAndQuery} HTTP/1.1", headers, default);

        void Add(string name, string value)
        {
            headers.Add(name, value);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    static HttpMessage ReadHead(HttpResponseMessage response)
    {
        var headers = new HeaderList();
        foreach (var group in (ReadOnlySpan<System.Net.Http.Headers.HttpHeadersNonValidated>)
            [response.Headers.NonValidated, response.Content.Headers.NonValidated])
        {
            foreach (var (name, values) in group)
            {
                // Chunks are gone; their header would be a lie.
                if (!name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
                {
                    foreach (var value in values)
                    {
                        headers.Add(name, value.ReplaceLineEndings(" "));
                    }
                }
            }
        }

        return new HttpMessage(
            string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {(int)response.StatusCode} {response.ReasonPhrase}"), headers, default);
    }

    static async Task<string?> ReadBodyAsync(
        HttpResponseMessage response, ArrayBufferWriter<byte> body, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        while (true)
        {
            var room = body.GetMemory(16 << 10);
            room = room[..Math.Min(room.Length, maxBytes - body.WrittenCount + 1)];
            int count;
            try
            {
                count = await stream.ReadAsync(room, cancellationToken);
            }
            catch (Exception e) when (body.WrittenCount > 0 && e is HttpRequestException or IOException or NoosException)
            {
                // What came is worth keeping, as long as it says that it is not all.
                return e is NoosException ? "time" : "disconnect";
            }

            if (count == 0)
            {
                return null;
            }

            if (body.WrittenCount + count > maxBytes)
            {
                body.Advance(maxBytes - body.WrittenCount);
                return "length";
            }

            body.Advance(count);
        }
    }
}
