using System.Net;
using System.Text;
using Noos.Core.Conversations;
using Noos.Corpus.Archive;
using Noos.Corpus.Batches;
using Noos.Corpus.Cleaning;
using Noos.Corpus.Cleaning.Policies;
using Noos.Corpus.Index;
using Noos.Kernel.Cpu;
using Noos.Server.Captures;
using Noos.Testing;
using Noos.Tools.Search;

namespace Noos.Server.Tests;

/// <summary>Pages of crawls as they were fetched, over HTTP.</summary>
public sealed class CaptureApiTests : IDisposable
{
    const string Address = "http://a.test/river?q=1&x=é";
    const string Other = "http://a.test/other";
    const string Question = """{"messages": [{"role": "user", "content": "What lives there?"}]}""";

    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string IndexPath => _folder.File("index.db");

    string Corpus => _folder.File("corpus");

    // Latin-1, so that what was sent is no UTF-8; and a script that must not run.
    static byte[] Page(string animal) => Encoding.Latin1.GetBytes(
        "<!doctype html><html lang=en><head><title>The river</title></head><body><main><article><h1>The river</h1>"
        + string.Concat(Enumerable.Range(1, 12).Select(number =>
            $"<p>Near the caf\u00e9 number {number} an {animal} swims in the wide river, and the people of the village watch it from the "
            + "bridge until the evening comes.</p>"))
        + "</article></main><script>alert(1)</script></body></html>");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Citation_of_a_crawled_page_opens_it_byte_for_byte_and_nothing_of_it_can_run()
    {
        await WriteAsync(Page("otter"));
        using var search = new SearchTool(() => new SearchOptions { Sources = [SearchSources.Local], IndexPath = IndexPath });
        await using var home = await StartAsync(search);

        var message = (await home.PostAsync("v1/chat/completions", Question)).GetProperty("choices")[0].GetProperty("message");
        var cited = message.GetProperty("annotations")[0].GetProperty("url_citation");
        using var page = await home.Http.GetAsync(new Uri(cited.GetProperty("archive_url").GetString()!, UriKind.Relative), Token);

        Assert.Equal(Address, cited.GetProperty("url").GetString());
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(Page("otter"), await page.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("text/plain; charset=iso-8859-1", page.Content.Headers.ContentType!.ToString());
        Assert.Equal("inline", page.Content.Headers.ContentDisposition!.ToString());
        Assert.Equal(Page("otter").Length, page.Content.Headers.ContentLength);
        Assert.Equal("sandbox; default-src 'none'", Header(page, "Content-Security-Policy"));
        Assert.Equal("nosniff", Header(page, "X-Content-Type-Options"));
        Assert.Equal("same-origin", Header(page, "Cross-Origin-Resource-Policy"));
        Assert.Equal("Wed, 04 Mar 2026 05:06:07 GMT", Header(page, "Memento-Datetime"));
        Assert.Equal("<http://a.test/river?q=1&x=%C3%A9>; rel=\"original\"", Header(page, "Link"));
    }

    [Fact]
    public async Task Whole_response_comes_as_it_was_stored()
    {
        await WriteAsync(Page("otter"));
        await using var home = await StartAsync();

        using var response = await GetAsync(home, Link(Address) + "&as=response");

        var bytes = await response.Content.ReadAsByteArrayAsync(Token);
        Assert.StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\n", Encoding.Latin1.GetString(bytes));
        Assert.True(bytes.AsSpan().EndsWith(Page("otter")));
        Assert.Equal("application/http", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.ToString());
    }

    [Fact]
    public async Task What_was_cited_opens_after_the_page_was_fetched_again_with_other_words()
    {
        await WriteAsync(Page("otter"));
        var before = Capture(Address);
        await WriteAsync(Page("beaver"), day: 5);
        await using var home = await StartAsync();

        using var latest = await GetAsync(home, Link(Address));
        using var cited = await GetAsync(home, CaptureLink.For(new Citation(1, "The river", Address) { Capture = before })!);

        Assert.NotEqual(before, Capture(Address));
        Assert.Equal(Page("beaver"), await latest.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(Page("otter"), await cited.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [InlineData("api/captures", 400)]
    [InlineData("api/captures?address=http://b.test/", 404)]
    [InlineData("api/captures?address=ADDRESS&as=page", 400)]
    [InlineData("api/captures?address=ADDRESS&path=/etc/passwd", 400)]
    [InlineData("api/captures?address=ADDRESS&capture=/etc/passwd%230", 404)]
    [InlineData("api/captures?address=ADDRESS&capture=../crawl/../secret.warc%230", 404)]
    [InlineData("api/captures?address=ADDRESS&capture=nonsense", 400)]
    [InlineData("api/captures?address=ADDRESS&capture=OTHER", 404)]
    public async Task Nothing_else_is_opened(string path, int status)
    {
        await WriteAsync(Page("otter"));
        await using var home = await StartAsync();

        using var response = await GetAsync(
            home, path.Replace("ADDRESS", Uri.EscapeDataString(Address), StringComparison.Ordinal)
                .Replace("OTHER", Uri.EscapeDataString(Capture(Other)), StringComparison.Ordinal));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Page_that_was_opted_out_is_not_shown()
    {
        await WriteAsync(Page("otter"));
        OptOutList.Add(CorpusFolder.Open(Corpus), ["a.test"]);
        await using var home = await StartAsync();

        using var response = await GetAsync(home, Link(Address));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    static string Link(string address) => "api/captures?address=" + Uri.EscapeDataString(address);

    static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));

    static Task<HttpResponseMessage> GetAsync(RunningHome home, string path) =>
        home.Http.GetAsync(new Uri(path.TrimStart('/'), UriKind.Relative), Token);

    Task<RunningHome> StartAsync(SearchTool? search = null) => RunningHome.StartAsync(
        new ScriptedCpu([ScriptedCpu.Call("1", "search", """{"query": "otter river"}""")], [new TextDelta("An otter [1].")]),
        tools: search is null ? [] : [search], options: options => options with { IndexPath = IndexPath });

    string Capture(string address)
    {
        using var index = SearchIndex.OpenRead(IndexPath);
        return index.FindCapture(address)!.Value.Capture;
    }

    /// <summary>Fetches, cleans and indexes a little web once more.</summary>
    async Task WriteAsync(byte[] page, int day = 4)
    {
        Directory.CreateDirectory(_folder.File("crawl"));
        using (var file = new FileStream(_folder.File("crawl/web.warc.gz"), FileMode.Append))
        {
            Write(Address, "text/html; charset=iso-8859-1", page);
            Write(Other, "text/html; charset=iso-8859-1", Page("eagle"));

            void Write(string address, string type, byte[] body)
            {
                var capture = new Capture(
                    address, new DateTimeOffset(2026, 3, day, 5, 6, 7, TimeSpan.Zero),
                    new HttpMessage("GET / HTTP/1.1", new HeaderList(), default),
                    new HttpMessage("HTTP/1.1 200 OK", new HeaderList { { "Content-Type", type } }, body));
                file.Write(WarcRecordBuilder.Response($"<urn:uuid:{Guid.NewGuid()}>", capture, WarcDigest.Compute(body)));
            }
        }

        var cleaner = Cleaner.Open(
            Corpus, new CleanOptions { Inputs = [_folder.File("crawl")] }, new WorkOptions { Worker = "test", Threads = 1 },
            TimeProvider.System);
        await cleaner.RunAsync(cancellationToken: Token);
        using var index = SearchIndex.Open(IndexPath);
        await index.ReplaceAsync(
            Corpus, CleanCorpus.Open(Corpus).ReadAsync(CleanPolicy.SearchName, masksPersonalData: false, Token), Origin.Web, Token);
    }
}
