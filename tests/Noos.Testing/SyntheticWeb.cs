using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Noos.Testing;

/// <summary>
/// A web of virtual hosts on the loopback addresses, made from a number alone: plain sites, slow ones, traps, loops, broken and moved
/// robots.txt files, wrong charsets, opt-outs. Its own log says whether a crawler was polite (<see cref="FindFaults"/>).
/// </summary>
public sealed class SyntheticWeb : IDisposable
{
    // How often a crawl may fall into a trap, before it is one.
    const int MaxTrapRequests = 120;

    // Of a hundred hosts; the others are plain.
    static readonly SiteKind[] s_kinds =
    [
        SiteKind.Fenced, SiteKind.Fenced, SiteKind.RobotsBroken, SiteKind.RobotsCut, SiteKind.RobotsForbidden, SiteKind.RobotsMoved,
        SiteKind.RobotsLoop, SiteKind.RobotsElsewhere, SiteKind.RobotsBusy, SiteKind.CrawlDelay, SiteKind.Slow, SiteKind.Slow,
        SiteKind.Trap, SiteKind.Redirects, SiteKind.Troubled, SiteKind.OptedOut, SiteKind.Sitemaps, SiteKind.Charsets, SiteKind.Inward,
    ];

    readonly TcpListener _listener;
    readonly CancellationTokenSource _stop = new();
    readonly Dictionary<string, SyntheticSite> _sites;
    readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    readonly bool _isQuick;
    readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="hosts">How many.</param>
    /// <param name="port">0 for one that is free.</param>
    /// <param name="pages">Pages of a host, about.</param>
    /// <param name="isPlain">All hosts are plain, for measuring.</param>
    public SyntheticWeb(int hosts, int port = 0, int pages = 8, bool isPlain = false)
    {
        _isQuick = isPlain;
        Sites =
        [
            .. Enumerable.Range(0, hosts).Select(index => new SyntheticSite(
                index, string.Create(CultureInfo.InvariantCulture, $"s{index}.test"), isPlain ? SiteKind.Plain : KindOf(index),
                isPlain ? pages : 2 + (index * 7 % (2 * pages)))),
        ];
        _sites = Sites.ToDictionary(site => site.Name, StringComparer.OrdinalIgnoreCase);

        // All loopback addresses: each name has its own.
        _listener = new TcpListener(IPAddress.Any, port);
        _listener.Start(1000);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    public IReadOnlyList<SyntheticSite> Sites { get; }

    /// <summary>Everything that was asked for.</summary>
    public ConcurrentQueue<SyntheticRequest> Log { get; } = new();

    /// <summary>
    /// After so many answers no other is given until <see cref="GoOn"/>: a crawl cannot come to its end before a test has done to it what
    /// it does in its middle.
    /// </summary>
    public int HoldsAfter { get; init; } = int.MaxValue;

    /// <summary>The address to begin at: from it all others are found.</summary>
    public string Seed => Address(Sites[0].Name, "/");

    public string Address(string host, string path) => $"http://{host}:{Port}{path}";

    /// <summary>Leads each name to an address of its own; names that are not of this web lead nowhere.</summary>
    public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken) =>
        _sites.TryGetValue(name, out var site)
            ? Task.FromResult<IPAddress[]>([AddressOf(site)])
            : throw new SocketException((int)SocketError.HostNotFound);

    /// <summary>Sixteen names share a machine.</summary>
    static IPAddress AddressOf(SyntheticSite site) => new([127, 1, (byte)(site.Index / 16 / 250), (byte)(1 + (site.Index / 16 % 250))]);

    /// <summary>What the log says against a crawler, a sentence each.</summary>
    /// <param name="hostDelay">The pause that it promises to a host, in seconds.</param>
    /// <param name="addressDelay">The pause that it promises to an IP address, in seconds.</param>
    /// <param name="agent">How it calls itself.</param>
    public List<string> FindFaults(double hostDelay, double addressDelay, string agent = "noos")
    {
        var faults = new List<string>();
        foreach (var visits in Log.GroupBy(request => request.Host))
        {
            var site = _sites[visits.Key];
            var all = visits.OrderBy(request => request.Start).ToList();
            if (all[0].Path != "/robots.txt" && site.Kind is not SiteKind.RobotsElsewhere)
            {
                // A host that the robots.txt of another one was moved to is asked for that one first.
                if (all[0].Path != "/robots-of-others.txt")
                {
                    faults.Add($"{site.Name} was asked for {all[0].Path} before its robots.txt.");
                }
            }

            faults.AddRange(all.Where(request => site.IsForbidden(request.Path))
                .Select(request => $"{site.Name} ({site.Kind}) was asked for {request.Path}."));
            faults.AddRange(all.Where(request => !request.Agent.StartsWith(agent, StringComparison.Ordinal))
                .Select(request => $"{site.Name} was asked for {request.Path} by '{request.Agent}'."));
            if (all.Count(request => request.Path.StartsWith("/trap/", StringComparison.Ordinal)) is > MaxTrapRequests and var trapped)
            {
                faults.Add($"{site.Name} has trapped {trapped} requests.");
            }

            AddPauses(faults, site.Name, all, Math.Max(hostDelay, site.CrawlDelay));
            foreach (var (one, next) in all.Zip(all.Skip(1)))
            {
                if (one.RetryAfter > 0 && next.Start < one.Start + one.RetryAfter)
                {
                    faults.Add($"{site.Name} was asked for {next.Path} although it wanted {one.RetryAfter} s of peace.");
                }
            }
        }

        foreach (var visits in Log.GroupBy(request => request.Address))
        {
            AddPauses(faults, visits.Key, [.. visits.OrderBy(request => request.Start)], addressDelay);
        }

        return faults;
    }

    public void GoOn() => _goesOn.TrySetResult();

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    /// <summary>From the beginning of a request to the beginning of the next: the crawler's pause can only be longer.</summary>
    static void AddPauses(List<string> faults, string name, List<SyntheticRequest> all, double delay)
    {
        foreach (var (one, next) in all.Zip(all.Skip(1)))
        {
            if (next.Start < one.End)
            {
                faults.Add($"{name} was asked for {next.Path} while {one.Path} was not answered.");
            }
            else if (next.Start < one.Start + delay)
            {
                faults.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{name} was asked for {next.Path} {next.Start - one.Start:0.000} s after {one.Path}."));
            }
        }
    }

    static SiteKind KindOf(int index) => index % 100 is > 0 and var place && (place - 1) % 5 == 0 && (place - 1) / 5 < s_kinds.Length
        ? s_kinds[(place - 1) / 5]
        : SiteKind.Plain;

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                if (IPAddress.IsLoopback(((IPEndPoint)client.RemoteEndPoint!).Address))
                {
                    _ = Task.Run(() => ServeAsync(client));
                }
                else
                {
                    client.Dispose();
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Disposed.
        }
    }

    async Task ServeAsync(Socket client)
    {
        using var stream = new NetworkStream(client, ownsSocket: true);
        var address = ((IPEndPoint)client.LocalEndPoint!).Address.ToString();
        var buffer = new byte[16 << 10];
        var length = 0;
        try
        {
            while (true)
            {
                int end;
                while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
                {
                    var count = length < buffer.Length ? await stream.ReadAsync(buffer.AsMemory(length), _stop.Token) : 0;
                    if (count == 0)
                    {
                        return;
                    }

                    length += count;
                }

                var start = Now;
                var head = Encoding.Latin1.GetString(buffer, 0, end).Split("\r\n");
                buffer.AsSpan(end + 4, length - end - 4).CopyTo(buffer);
                length -= end + 4;
                var path = head[0].Split(' ')[1];
                var host = Field(head, "Host").Split(':')[0];
                var answer = _sites.TryGetValue(host, out var site) ? Answer(site, path, head) : new SyntheticAnswer(421);
                if (Log.Count >= HoldsAfter)
                {
                    await _goesOn.Task.WaitAsync(_stop.Token);
                }

                if (answer.Delay > TimeSpan.Zero)
                {
                    await Task.Delay(answer.Delay, _stop.Token);
                }

                if (site is not null)
                {
                    Log.Enqueue(new SyntheticRequest(
                        site.Name, address, path, Field(head, "User-Agent"), start, Now, answer.IsCut ? 0 : answer.Status,
                        Field(head, "If-None-Match").Length > 0)
                    {
                        RetryAfter = answer.RetryAfter,
                    });
                }

                if (answer.IsCut)
                {
                    await stream.WriteAsync(answer.ToBytes().AsMemory(0, answer.Body.Length / 2));
                    return;
                }

                await stream.WriteAsync(answer.ToBytes(), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has had enough.
        }
    }

    static double Now => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    static string Field(string[] head, string name) =>
        Array.Find(head, line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim() ?? "";

    SyntheticAnswer Answer(SyntheticSite site, string path, string[] head)
    {
        if (path == "/robots.txt")
        {
            return Robots(site);
        }

        if (path == "/robots-of-others.txt" || path.StartsWith("/robots-moved/", StringComparison.Ordinal))
        {
            return Moved(site, path);
        }

        var answer = Page(site, path);
        if (answer.Status == 200 && answer.Body.Length > 0 && !answer.IsCut)
        {
            var tag = string.Create(CultureInfo.InvariantCulture, $"\"{path.Length:x}-{answer.Body.Length:x}\"");
            if (Field(head, "If-None-Match") == tag)
            {
                return new SyntheticAnswer(304) { Headers = $"ETag: {tag}\r\n" };
            }

            answer = Pack(answer with { Headers = answer.Headers + $"ETag: {tag}\r\n" }, path, Field(head, "Accept-Encoding"));
        }

        return answer with { Delay = site.Kind == SiteKind.Slow ? TimeSpan.FromMilliseconds(60) : answer.Delay };
    }

    SyntheticAnswer Robots(SyntheticSite site)
    {
        var count = _counts.AddOrUpdate(site.Name, 1, (_, before) => before + 1);
        return site.Kind switch
        {
            SiteKind.RobotsBroken => new SyntheticAnswer(503),
            SiteKind.RobotsCut => new SyntheticAnswer(200) { IsCut = true },
            SiteKind.RobotsForbidden => new SyntheticAnswer(403),
            SiteKind.RobotsMoved or SiteKind.RobotsLoop => SyntheticAnswer.Redirect("/robots-moved/1", 301),
            SiteKind.RobotsElsewhere => SyntheticAnswer.Redirect(Address(Next(site).Name, "/robots-of-others.txt"), 302),
            SiteKind.RobotsBusy when count == 1 => new SyntheticAnswer(429) { RetryAfter = 1, Headers = "Retry-After: 1\r\n" },
            _ => site.Robots is { } text ? SyntheticAnswer.Text(text, "text/plain") : new SyntheticAnswer(404),
        };
    }

    SyntheticAnswer Moved(SyntheticSite site, string path)
    {
        if (path == "/robots-of-others.txt")
        {
            return SyntheticAnswer.Text(new SyntheticSite(0, "", SiteKind.RobotsElsewhere, 0).Robots!, "text/plain");
        }

        var hop = int.Parse(path.AsSpan("/robots-moved/".Length), CultureInfo.InvariantCulture);
        return hop < 5 || site.Kind == SiteKind.RobotsLoop
            ? SyntheticAnswer.Redirect(string.Create(CultureInfo.InvariantCulture, $"/robots-moved/{hop + 1}"), 307)
            : SyntheticAnswer.Text(site.Robots!, "text/plain");
    }

    SyntheticSite Next(SyntheticSite site) => Sites[(site.Index + 1) % Sites.Count];

    SyntheticAnswer Page(SyntheticSite site, string path)
    {
        if (!path.StartsWith("/p/", StringComparison.Ordinal))
        {
            return path == "/" ? TreePage(site, 0) : OddPage(site, path);
        }

        return int.TryParse(path[3..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page < site.Pages
            ? TreePage(site, page)
            : new SyntheticAnswer(404);
    }

    /// <summary>Each page has two below it, and the first one leads to the next two sites.</summary>
    SyntheticAnswer TreePage(SyntheticSite site, int page)
    {
        var links = new List<string>();
        foreach (var child in (ReadOnlySpan<int>)[(2 * page) + 1, (2 * page) + 2, page * 7 % site.Pages])
        {
            if (child < site.Pages)
            {
                links.Add(SyntheticSite.PathOf(child));
            }
        }

        if (page == 0)
        {
            // As a binary tree, so that sites are found fast; closed sites lead nowhere, so there are two ways.
            foreach (var other in (ReadOnlySpan<int>)
                [(2 * site.Index) + 1, (2 * site.Index) + 2, site.Index + 1, site.Index + 2, site.Index + 3])
            {
                if (other < Sites.Count)
                {
                    links.Add(Address(Sites[other].Name, "/"));
                }
            }

            links.AddRange(OddLinks(site));
        }

        var text = new StringBuilder();
        for (var i = 0; i < 12; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"<p>Sentence {i} of page {page} at {site.Name}: every page says something ");
            text.Append("of its own. It goes on for a while, so that it is about as long as pages are.</p>\n");
        }

        return Html(site, $"Page {page}", links, text.ToString(), page);
    }

    IEnumerable<string> OddLinks(SyntheticSite site) => site.Kind switch
    {
        SiteKind.Fenced or SiteKind.RobotsMoved or SiteKind.RobotsElsewhere =>
            ["/private/a.html", "/private/open.html", "/x/y.secret", "/caf\u00e9/menu.html", "/%63af%c3%a9"],
        SiteKind.CrawlDelay => ["/private/a.html"],
        SiteKind.Trap => ["/trap/a/", "/trap/day?n=1", "/trap/same/1", "trap/up/../deep/"],
        SiteKind.Redirects => ["/moved/1", "/circle/a", "/long/1", "//"],
        SiteKind.Troubled => ["/error/500", "/error/once", "/cut.html", "/gone.html", "/busy.html", "/big.html"],
        SiteKind.OptedOut => [.. site.Unwanted(), "/opt/plain.html", "/opt/nofollow.html"],
        SiteKind.Inward =>
            [
                "http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/", "ftp://s0.test/", "http://u:p@s0.test/",
                "javascript:x()",
            ],
        _ => [],
    };

    SyntheticAnswer OddPage(SyntheticSite site, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (parts)
        {
            case ["private", "open.html"]:
            case ["listed", ..]:
            case ["moved", "target.html"]:
            case ["opt", "plain.html"]:
            case ["signal", "page.html"]:
            case ["reserved", "page.html"]:
                return Html(site, path, [], $"<p>Plain text of {path} at {site.Name}.</p>", 0);
            case ["trap", "a", ..] or ["trap", "deep", ..]:
                return Html(site, path, ["a/", "b/"], $"<p>{path}</p>", 0);
            case ["trap", var day] when day.StartsWith("day?n=", StringComparison.Ordinal):
                var number = int.Parse(day.AsSpan(6).ToString().Split('&')[0], CultureInfo.InvariantCulture);
                return Html(site, path, [string.Create(CultureInfo.InvariantCulture, $"/trap/day?n={number + 1}")], $"<p>{path}</p>", 0);
            case ["trap", "same", ..]:
                return SyntheticAnswer.Text("<p>Always the same. <a href='x/'>on</a>", "text/html");
            case ["moved", "1"]:
                return SyntheticAnswer.Redirect("2", 301);
            case ["moved", "2"]:
                return SyntheticAnswer.Redirect("target.html", 308);
            case ["circle", "a"]:
                return SyntheticAnswer.Redirect("/circle/b", 302);
            case ["circle", "b"]:
                return SyntheticAnswer.Redirect("/circle/a", 302);
            case ["long", var step]:
                return SyntheticAnswer.Redirect($"/long/{step}1", 303);
            case ["error", "500"]:
                return new SyntheticAnswer(500);
            case ["error", "once"]:
                return _counts.AddOrUpdate(site.Name + path, 1, (_, before) => before + 1) == 1
                    ? new SyntheticAnswer(502)
                    : Html(site, path, [], "<p>At last.</p>", 0);
            case ["cut.html"]:
                return Html(site, path, [], new string('x', 2000), 0) with { IsCut = true };
            case ["busy.html"]:
                return _counts.AddOrUpdate(site.Name + path, 1, (_, before) => before + 1) == 1
                    ? new SyntheticAnswer(429) { RetryAfter = 1, Headers = "Retry-After: 1\r\n" }
                    : Html(site, path, [], "<p>Now.</p>", 0);
            case ["big.html"]:
                return Html(site, path, [], new string('y', 3 << 20), 1);
            case ["opt", "noindex.html"]:
                return Head(site, "<meta name=robots content='NOINDEX'>", path);
            case ["opt", "noai.html"]:
                return Head(site, "<META content=\"noai, noimageai\" NAME=\"Robots\">", path);
            case ["opt", "tdm.html"]:
                return Head(site, "<meta name='tdm-reservation' content='1'>", path);
            case ["opt", "header.html"]:
                return Head(site, "", path) with { Headers = "X-Robots-Tag: otherbot: all, *: noarchive\r\nContent-Type: text/html\r\n" };
            case ["opt", "nofollow.html"]:
                return Head(site, "<meta name=robots content=nofollow>", path, "/nofollow/a.html");
            case ["sitemap-index.xml"]:
                return SyntheticAnswer.Text(
                    "<?xml version='1.0'?><sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
                    + $"<sitemap><loc>{Address(site.Name, "/sitemap.xml")}</loc></sitemap></sitemapindex>", "application/xml");
            case ["sitemap.xml"]:
                return SyntheticAnswer.Text(
                    "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
                    + string.Concat(Enumerable.Range(0, site.Pages).Select(page =>
                        $"<url><loc>{Address(site.Name, SyntheticSite.SitemapPath(page))}</loc><priority>0.5</priority></url>"))
                    + "</urlset>", "text/xml");
            case [".well-known", "tdmrep.json"] when site.Kind == SiteKind.OptedOut:
                return SyntheticAnswer.Text("[{\"location\": \"/reserved/*\", \"tdm-reservation\": 1}]", "application/json");
            default:
                return new SyntheticAnswer(404);
        }
    }

    static SyntheticAnswer Head(SyntheticSite site, string head, string path, string link = "/opt/plain.html") => SyntheticAnswer.Text(
        $"<!doctype html><html><head><title>x</title>{head}</head><body><a href={link}>on</a>{path} of {site.Name}</body></html>",
        "text/html");

    static SyntheticAnswer Html(SyntheticSite site, string title, IReadOnlyList<string> links, string text, int page)
    {
        var html = new StringBuilder("<!doctype html>\n<html><head><title>").Append(title).Append(" of ").Append(site.Name)
            .Append("</title></head><body>\n<script>var a = '<a href=\"/nofollow/script\">';</script>\n")
            .Append("<!-- <a href='/nofollow/comment'> --><a rel='nofollow' href='/nofollow/link'>no</a>\n");
        foreach (var link in links)
        {
            html.Append("<a class=\"x\" href=\"").Append(link.Replace("&", "&amp;")).Append("\">").Append(link).Append("</a>\n");
        }

        html.Append(text).Append("</body></html>\n");
        if (site.Kind != SiteKind.Charsets)
        {
            return SyntheticAnswer.Text(html.ToString(), "text/html; charset=utf-8");
        }

        // Latin-1 that says it is something else, or nothing.
        html.Replace("</body>", "caf\u00e9 \u00fc\u00df</body>");
        return SyntheticAnswer.Text("", (page % 4) switch
        {
            0 => "text/html",
            1 => "text/html; charset=utf-8",
            2 => "text/html; charset=\"x-unknown\"",
            _ => "text/html;charset=windows-1251",
        }) with
        {
            Body = Encoding.Latin1.GetBytes(html.ToString()),
        };
    }

    /// <summary>A quarter of the pages each as they are, in gzip, Brotli and Zstandard, and every third in chunks.</summary>
    SyntheticAnswer Pack(SyntheticAnswer answer, string path, string accepted)
    {
        var number = _isQuick ? 0 : path.Sum(letter => letter);
        var (name, body) = (number % 4) switch
        {
            1 when accepted.Contains("gzip", StringComparison.Ordinal) =>
                ("gzip", Pack(answer.Body, stream => new GZipStream(stream, CompressionLevel.Fastest))),
            2 when accepted.Contains("br", StringComparison.Ordinal) =>
                ("br", Pack(answer.Body, stream => new BrotliStream(stream, CompressionLevel.Fastest))),
            3 when accepted.Contains("zstd", StringComparison.Ordinal) && answer.Body.Length < 1 << 17 => ("zstd", Zstandard(answer.Body)),
            _ => (null, answer.Body),
        };
        return answer with
        {
            Body = body,
            Headers = name is null ? answer.Headers : $"{answer.Headers}Content-Encoding: {name}\r\n",
            IsChunked = number % 3 == 1,
        };
    }

    static byte[] Pack(byte[] body, Func<Stream, Stream> open)
    {
        using var packed = new MemoryStream();
        using (var stream = open(packed))
        {
            stream.Write(body);
        }

        return packed.ToArray();
    }

    /// <summary>A frame of one block that is not compressed (RFC 8878): any decoder reads it.</summary>
    static byte[] Zstandard(byte[] body)
    {
        var block = (body.Length << 3) | 1;
        return
        [
            0x28, 0xB5, 0x2F, 0xFD, 0xA0, .. BitConverter.GetBytes(body.Length),
            (byte)block, (byte)(block >> 8), (byte)(block >> 16), .. body,
        ];
    }
}
