using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Noos.Core;
using Noos.Core.Network;
using Noos.Corpus.Archive;
using Noos.Corpus.Cleaning;
using Noos.Corpus.Crawling;
using Noos.Corpus.Crawling.Fetching;
using Noos.Corpus.Crawling.Rendering;
using Noos.Testing;

namespace Noos.Corpus.Tests.Crawling;

/// <summary>The real crawler and a real Chromium on sites whose pages are built by script.</summary>
public sealed class RenderTests : IDisposable
{
    const string Frame = "<!doctype html><title>App</title><div id=app></div><script src=/app.js></script>";
    const string Text = "The harbour of this town was built by hand, and every stone of its wall has a name that the old people know.";

    static readonly string? s_searchPath = Environment.GetEnvironmentVariable("PATH");

    static readonly CrawlOptions s_options = new()
    {
        Scope = CrawlScope.Host,
        HostDelay = TimeSpan.FromMilliseconds(10),
        AddressDelay = TimeSpan.Zero,
        RetryDelay = TimeSpan.FromSeconds(0.2),
        MaxLatencyDelay = TimeSpan.FromMilliseconds(10),
        ReadsTdmFile = false,
        MaxWait = TimeSpan.FromSeconds(5),
    };

    // A busy machine comes late to what a page does next, and a page that does nothing is taken for built.
    static readonly RenderOptions s_patient = new() { MaxTime = TimeSpan.FromMinutes(10), Quiet = TimeSpan.FromSeconds(3) };

    readonly TemporaryFolder _folder = new();
    readonly LoopbackWeb _web = new();
    readonly Dictionary<string, LoopbackResponse> _files = new(StringComparer.Ordinal);

    public RenderTests()
    {
        Assert.SkipUnless(Browser.IsInstalled, "Chromium is not installed.");
        _web.Respond = request => _files.GetValueOrDefault($"{request.Host}{request.Path}")
            ?? _files.GetValueOrDefault(request.Path) ?? new LoopbackResponse("", 404);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _web.Dispose();
    }

    [Fact]
    public async Task Page_that_scripts_build_is_kept_as_sent_and_as_built_and_becomes_a_page_of_the_corpus()
    {
        Add("/", Frame, "text/html");
        Add("/app.js", """
            fetch('/data.json').then(answer => answer.json()).then(data => {
              document.getElementById('app').innerHTML = '<h1>Harbour</h1><p>' + data.text + '</p><a href="/second">on</a>';
            });
            """, "text/javascript");
        Add("/data.json", $$"""{"text":"{{Text}} {{Text}} {{Text}}"}""", "application/json");
        Add("/second", $"<p>{Text} {Text} {Text}</p><script>document.body.textContent = 'gone'</script>", "text/html");
        await CrawlAsync();

        // A page that has text is left as it is, and one link was in nothing but the built page.
        var built = Assert.Single(Records(), record => record.Type == WarcTypes.Conversion);
        var sent = Records().Single(record => record.Id == built.Headers["WARC-Refers-To"]);
        Assert.Equal(WarcTypes.Response, sent.Type);
        Assert.Equal(Frame, Encoding.UTF8.GetString(sent.Http!.Body.Span));
        Assert.Equal(sent.TargetUri, built.TargetUri);
        Assert.Contains(Text, Encoding.UTF8.GetString(built.Content.Span));
        Assert.Null(built.Headers["WARC-Truncated"]);
        Assert.Single(_web.Requests, request => request.Path == "/second");
        Assert.Single(_web.Requests, request => request.Path == "/");
        Assert.All(_web.Requests, request => Assert.Contains("noos/", request.Raw));

        var corpus = _folder.File("corpus");
        var cleaner = Cleaner.Open(corpus, new CleanOptions { Inputs = [_folder.Path] }, new() { Worker = "test" }, TimeProvider.System);
        await cleaner.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        var pages = Directory.GetFiles(Path.Combine(corpus, "pages")).SelectMany(PageFile.Read).ToList();
        Assert.Equal(["/", "/second"], pages.Select(page => new Uri(page.Address).AbsolutePath).Order(StringComparer.Ordinal));
        var page = pages.Single(page => new Uri(page.Address).AbsolutePath == "/");
        Assert.Contains(Text, page.Text);
        var record = CorpusFolder.Open(corpus).OpenCapture($"{page.Archive}#{page.Offset}");
        Assert.Equal(built.Id, record.Id);
    }

    [Fact]
    public async Task Scripts_reach_nothing_that_the_crawler_does_not_fetch()
    {
        using var secret = new TcpListener(IPAddress.Loopback, 0);
        secret.Start();
        var port = ((IPEndPoint)secret.LocalEndpoint).Port;
        Add("/", Frame, "text/html");
        Add("/app.js", $$"""
            const say = text => document.getElementById('app').append(text + ' ');
            const tries = ['http://127.0.0.1:{{port}}/', 'http://10.0.0.1/', '{{_web.Address("fenced.test", "/private")}}',
                           '{{_web.Address("open.test", "/public")}}'];
            for (const address of tries) { fetch(address).then(r => r.text()).then(say, () => say('no')); }
            fetch('/post', { method: 'POST', body: 'x' }).then(() => say('posted'), () => say('no'));
            try { new WebSocket('ws://127.0.0.1:{{port}}/'); } catch { }
            try { navigator.serviceWorker.register('/worker.js'); } catch { }
            for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'icon']) {
              const link = document.createElement('link'); link.rel = rel; link.href = 'http://127.0.0.1:{{port}}/';
              document.head.append(link);
            }
            const frame = document.createElement('iframe'); frame.src = 'http://127.0.0.1:{{port}}/'; document.body.append(frame);
            new Image().src = 'http://127.0.0.1:{{port}}/';
            """, "text/javascript");
        _files["fenced.test/robots.txt"] = new LoopbackResponse("User-agent: *\nDisallow: /private\n");
        _files["fenced.test/private"] = new LoopbackResponse("private");
        _files["open.test/public"] = new LoopbackResponse("public");
        await CrawlAsync();

        Assert.False(secret.Pending());
        Assert.DoesNotContain(_web.Requests, request => request.Path is "/private" or "/post" or "/worker.js");
        var html = Built();
        Assert.Contains("public", html);
        Assert.Equal(4, html.Split("no ").Length - 1);
        Assert.DoesNotContain("posted", html);
        Assert.Contains(_web.Requests, request => request is { Host: "open.test", Path: "/robots.txt" });
    }

    [Theory]
    [InlineData("""
        document.body.append('begun');
        const sign = new XMLHttpRequest(); sign.open('GET', '/sign', false); sign.send();
        while (true) { }
        """)]
    [InlineData("""
        document.body.append('begun');
        (async () => { for (let i = 0; ; i++) { await fetch('/sign?' + i).catch(() => 0); } })();
        """)]
    public async Task Script_without_an_end_costs_its_time_and_no_more(string script)
    {
        Add("/", "<!doctype html><body><script src=/app.js></script>", "text/html");
        Add("/app.js", script, "text/javascript");

        // Its time passes when it has begun, however late a busy machine comes to it.
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new RenderOptions { MaxRequests = 5 };
        var crawl = CrawlAsync(options, clock);
        while (!_web.Requests.Any(IsSign))
        {
            Assert.False(crawl.IsCompleted);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        clock.Advance(options.MaxTime);
        await crawl;

        var record = Assert.Single(Records(), record => record.Type == WarcTypes.Conversion);
        Assert.Equal("time", record.Headers["WARC-Truncated"]);
        Assert.Contains("begun", Encoding.UTF8.GetString(record.Content.Span));
        Assert.InRange(_web.Requests.Count(IsSign), 1, 5);

        static bool IsSign(LoopbackRequest request) => request.Path.StartsWith("/sign", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dialogs_downloads_windows_and_journeys_are_declined()
    {
        Add("/", Frame, "text/html");
        Add("/app.js", """
            alert('one'); const answer = confirm('two'); const word = prompt('three');
            open('/window'); print();
            const link = document.createElement('a'); link.href = URL.createObjectURL(new Blob(['x'])); link.download = 'x.txt';
            document.body.append(link); link.click();
            onbeforeunload = () => 'stay';
            document.getElementById('app').textContent = 'answers: ' + answer + ' ' + word;
            setTimeout(() => { location.href = '/journey'; }, 50);
            """, "text/javascript");
        Add("/journey", "<p>there</p>", "text/html");
        // Chromium itself may hang soon after such a page is built; whoever reads it at once has it.
        await CrawlAsync(s_patient with { Quiet = TimeSpan.FromSeconds(1) });

        Assert.Contains("answers: false null", Built());
        Assert.DoesNotContain(_web.Requests, request => request.Path == "/window");

        // Not by the page, but by the crawl: where it wanted to go is a link.
        Assert.Single(_web.Requests, request => request.Path == "/journey");
    }

    [Fact]
    public void Without_a_browser_it_says_what_to_do()
    {
        var missing = Assert.Throws<NoosException>(() => ChromiumBrowser.Open(new RenderOptions(), _folder.Path, TimeProvider.System));
        Assert.Contains("--chromium", missing.Message, StringComparison.Ordinal);
        Assert.Throws<NoosException>(() => ChromiumBrowser.Open(
            new RenderOptions { Program = _folder.File("none") }, s_searchPath, TimeProvider.System));
    }

    void Add(string path, string body, string type) => _files[path] = new LoopbackResponse(body, Headers: $"Content-Type: {type}\r\n");

    async Task CrawlAsync(RenderOptions? options = null, TimeProvider? clock = null)
    {
        var names = new NameResolver(_web.ResolveAsync, s_options.ResolvedLifetime);
        using var egress = new EgressGuard(CrawlServices.EgressFor(s_options, names, [$"*.test:{_web.Port}"]));
        using var http = egress.CreateClient();
        await using var browser = ChromiumBrowser.Open(options ?? s_patient, s_searchPath, clock ?? TimeProvider.System);
        using var crawler = Crawler.Open(
            _folder.Path, s_options, new CrawlServices(http, names, TimeProvider.System) { Browser = browser });
        await crawler.RunAsync([_web.Address("app.test")], TestContext.Current.CancellationToken);
    }

    string Built() =>
        Encoding.UTF8.GetString(Assert.Single(Records(), record => record.Type == WarcTypes.Conversion).Content.Span);

    List<WarcRecord> Records() => [.. Directory.GetFiles(_folder.Path, "*.warc.gz").SelectMany(path =>
    {
        using var reader = WarcReader.Open(path);
        return reader.Read().ToList();
    })];
}
