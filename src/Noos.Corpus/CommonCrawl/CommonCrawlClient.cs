using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Noos.Core;
using Noos.Corpus.Addresses;
using Noos.Corpus.Archive;

namespace Noos.Corpus.CommonCrawl;

/// <summary>
/// Common Crawl over HTTP: lists of files, whole files that go on where they were cut, and single captures by the index (ZipNum CDXJ), by
/// ranges alone. Thread-safe.
/// </summary>
/// <param name="http">Of a guard that neither unpacks nor limits length.</param>
/// <param name="options">Where and how.</param>
/// <param name="timeProvider">Waits between tries.</param>
public sealed class CommonCrawlClient(HttpClient http, CommonCrawlOptions options, TimeProvider timeProvider)
{
    // Of the index of the index that is read at a time: some dozens of lines.
    const int ProbeBytes = 8 << 10;
    const int MaxBlocks = 100;
    const int MaxRangeBytes = 512 << 20;

    /// <summary>The paths of the files of a crawl, in their order.</summary>
    /// <param name="crawl">Such as <c>CC-MAIN-2026-30</c>.</param>
    /// <param name="kind">In which form.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NoosException">There is no such crawl (NotFound), or it cannot be reached.</exception>
    public async Task<IReadOnlyList<string>> ReadPathsAsync(string crawl, CommonCrawlKind kind, CancellationToken cancellationToken)
    {
        var name = kind switch
        {
            CommonCrawlKind.RobotsTxt => "robotstxt",
            CommonCrawlKind.NonPages => "non200responses",
            _ => kind.ToString().ToLowerInvariant(),
        };
        return await ReadListAsync($"crawl-data/{crawl}/{name}.paths.gz", cancellationToken);
    }

    /// <summary>The lines of a packed list.</summary>
    internal async Task<IReadOnlyList<string>> ReadListAsync(string path, CancellationToken cancellationToken)
    {
        var packed = await ReadRangeAsync(path, 0, null, cancellationToken);
        using var unpacked = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(cancellationToken);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>Fetches a file; what is there of it from an earlier try stays. The file has its name when it is whole.</summary>
    /// <param name="path">As in a list of paths.</param>
    /// <param name="file">Where it goes.</param>
    /// <param name="progress">Told of bytes that came.</param>
    /// <param name="cancellationToken">Stops it; the next call goes on.</param>
    /// <exception cref="NoosException">It is not there, or cannot be had after all tries.</exception>
    public async Task DownloadAsync(string path, string file, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var part = file + ".part";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        for (var tries = 1; ;)
        {
            try
            {
                await using var stream = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
                stream.Seek(0, SeekOrigin.End);
                using var response = await SendAsync(path, stream.Position, null, cancellationToken);
                if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && stream.Position > 0
                    && response.Content.Headers.ContentRange?.Length == stream.Position)
                {
                    // It was whole already.
                }
                else
                {
                    Check(path, response);
                    if (response.StatusCode != HttpStatusCode.PartialContent
                        || response.Content.Headers.ContentRange?.From != stream.Position)
                    {
                        // The server knows no ranges: from the beginning.
                        stream.SetLength(0);
                    }

                    var whole = response.Content.Headers.ContentRange?.Length ?? response.Content.Headers.ContentLength;
                    await CopyAsync(response, stream, progress, () => tries = 1, cancellationToken);
                    if (whole is { } length && stream.Length != length)
                    {
                        throw new IOException("The answer was cut.");
                    }
                }

                stream.Flush(flushToDisk: true);
                stream.Close();
                File.Move(part, file, overwrite: true);
                return;
            }
            catch (Exception e) when (IsPassing(e, cancellationToken) && tries < options.MaxTries)
            {
                await WaitAsync(tries++, e, cancellationToken);
            }
        }
    }

    /// <summary>The captures of an address in a crawl.</summary>
    /// <param name="crawl">Such as <c>CC-MAIN-2026-30</c>.</param>
    /// <param name="address">Of a page.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<CdxjEntry>> FindAsync(string crawl, string address, CancellationToken cancellationToken)
    {
        var key = SurtKey.From(address) + " ";
        var folder = $"cc-index/collections/{crawl}/indexes";
        var found = new List<CdxjEntry>();
        foreach (var block in await FindBlocksAsync($"{folder}/cluster.idx", key, cancellationToken))
        {
            var packed = await ReadRangeAsync($"{folder}/{block.File}", block.Offset, block.Length, cancellationToken);
            using var reader = new StreamReader(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress), Encoding.UTF8);
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.StartsWith(key, StringComparison.Ordinal))
                {
                    found.Add(CdxjEntry.Parse(line));
                }
            }
        }

        return found;
    }

    /// <summary>The record of a capture as it lies in its file: a gzip member.</summary>
    public Task<byte[]> ReadCaptureAsync(CdxjEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry is { Offset: >= 0, Length: > 0 and <= MaxRangeBytes }
            ? ReadRangeAsync(entry.FileName, entry.Offset, entry.Length, cancellationToken)
            : throw new NoosException(ErrorKind.Damaged, $"The index does not say where the capture of {entry.Url} lies.");
    }

    /// <summary>
    /// The blocks of the index in which a key can be: that whose first line is the last one before the key, and those that begin with it.
    /// </summary>
    async Task<List<Block>> FindBlocksAsync(string path, string key, CancellationToken cancellationToken)
    {
        // By halves over bytes, with ranges, since the file has a hundred megabytes: low is always the start of a line before the key.
        var (low, high) = (0L, await ReadLengthAsync(path, cancellationToken));
        while (high - low > ProbeBytes)
        {
            var middle = low + ((high - low) / 2);
            var text = await ReadTextAsync(path, middle, Math.Min(ProbeBytes, high - middle), cancellationToken);
            var start = text.IndexOf('\n', StringComparison.Ordinal) + 1;
            var end = start > 0 ? text.IndexOf('\n', start) : -1;
            if (end < 0)
            {
                high = middle;
            }
            else if (string.CompareOrdinal(text[start..end], key) < 0)
            {
                low = middle + Encoding.UTF8.GetByteCount(text.AsSpan(0, start));
            }
            else
            {
                high = middle;
            }
        }

        var blocks = new List<Block>();
        Block? last = null;
        for (var at = low; blocks.Count < MaxBlocks;)
        {
            var text = await ReadTextAsync(path, at, 2 * ProbeBytes, cancellationToken);
            var lines = text.Split('\n');
            // The last one is cut, or empty.
            foreach (var line in lines[..^1])
            {
                var block = Block.Parse(line);
                if (string.CompareOrdinal(line, key) < 0)
                {
                    last = block;
                }
                else if (line.StartsWith(key, StringComparison.Ordinal))
                {
                    blocks.Add(block);
                }
                else
                {
                    return last is null ? blocks : [last, .. blocks];
                }
            }

            if (lines.Length < 2)
            {
                break;
            }

            at += Encoding.UTF8.GetByteCount(text) - Encoding.UTF8.GetByteCount(lines[^1]);
        }

        return last is null ? blocks : [last, .. blocks];
    }

    async Task<string> ReadTextAsync(string path, long offset, long length, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString(await ReadRangeAsync(path, offset, length, cancellationToken));

    internal async Task<long> ReadLengthAsync(string path, CancellationToken cancellationToken)
    {
        long length = 0;
        await TryAsync(async () =>
        {
            using var response = await SendAsync(path, 0, 1, cancellationToken);
            Check(path, response);
            length = response.Content.Headers.ContentRange?.Length ?? response.Content.Headers.ContentLength ?? 0;
        }, cancellationToken);
        return length;
    }

    internal async Task<byte[]> ReadRangeAsync(string path, long offset, long? length, CancellationToken cancellationToken)
    {
        byte[] content = [];
        await TryAsync(async () =>
        {
            using var response = await SendAsync(path, offset, length, cancellationToken);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return;
            }

            Check(path, response);
            content = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.StatusCode != HttpStatusCode.PartialContent && (offset > 0 || content.Length > length))
            {
                content = content[(int)Math.Min(content.Length, offset)..];
                content = length is { } count && count < content.Length ? content[..(int)count] : content;
            }
        }, cancellationToken);
        return content;
    }

    async Task TryAsync(Func<Task> request, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await request();
                return;
            }
            catch (Exception e) when (IsPassing(e, cancellationToken) && tries < options.MaxTries)
            {
                await WaitAsync(tries, e, cancellationToken);
            }
        }
    }

    async Task<HttpResponseMessage> SendAsync(string path, long offset, long? length, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(options.Base, path));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("noos", "0.1"));
        if (offset > 0 || length is not null)
        {
            request.Headers.Range = new RangeHeaderValue(offset, offset + length - 1);
        }

        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new NoosException(ErrorKind.Unavailable, $"{options.Base.Host} cannot be reached; check the network.", e);
        }
    }

    void Check(string path, HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            var address = new Uri(options.Base, path);
            throw response.StatusCode == HttpStatusCode.NotFound
                ? new NoosException(ErrorKind.NotFound, $"There is no {address}; check the name of the crawl.")
                : new NoosException(
                    (int)response.StatusCode is 403 or 408 or 429 or >= 500 ? ErrorKind.Unavailable : ErrorKind.Refused,
                    $"{address.Host} does not give {path} (HTTP {(int)response.StatusCode}); try it later.")
                {
                    RetryAfter = response.Headers.RetryAfter?.Delta,
                };
        }
    }

    static async Task CopyAsync(
        HttpResponseMessage response, FileStream stream, IProgress<long>? progress, Action came, CancellationToken cancellationToken)
    {
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[1 << 20];
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            progress?.Report(count);
            came();
        }
    }

    static bool IsPassing(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && error is NoosException { Kind: ErrorKind.Unavailable } or HttpRequestException or IOException or OperationCanceledException;

    Task WaitAsync(int tries, Exception reason, CancellationToken cancellationToken)
    {
        var wait = options.RetryDelay * Math.Pow(2, tries - 1);
        wait = reason is NoosException { RetryAfter: { } asked } && asked > wait ? asked : wait;
        return Task.Delay(wait > options.MaxRetryDelay ? options.MaxRetryDelay : wait, timeProvider, cancellationToken);
    }

    /// <summary>A line of the index of the index: where a block of some thousand lines lies.</summary>
    sealed record Block(string File, long Offset, long Length)
    {
        public static Block Parse(string line) => line.Split('\t') is [_, var file, var offset, var length, ..]
            && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? new Block(file, start, count)
                : throw new NoosException(ErrorKind.Damaged, $"'{line[..Math.Min(line.Length, 60)]}' is no line of a ZipNum index.");
    }
}
