using Microsoft.Extensions.Time.Testing;
using Noos.Core.Conversations;
using Noos.Kernel.Gate;
using Noos.Tools.Browse;

namespace Noos.Tools.Tests.Browse;

public sealed class OpenPageToolTests : IDisposable
{
    readonly FakeTimeProvider _time = new();
    readonly BrowseWorld _world;

    public OpenPageToolTests() => _world = new BrowseWorld(timeProvider: _time);

    [Fact]
    public async Task Page_that_a_person_named_is_read_without_a_question()
    {
        var address = _world.Page("/washington", """
            <html lang="en"><head><title>George Washington | Encyclopedia</title>
            <meta property="article:published_time" content="2020-02-22T10:00:00Z"><meta name="author" content="Ann Writer"></head>
            <body><nav><a href="/">Home</a> <a href="/all">All articles</a></nav><article><h1>George Washington</h1>
            <p>George Washington was the first president of the <a href="/usa">United States</a>, from 1789 to 1797. He led the army in
            the war of independence, and presided over the convention that wrote the constitution.</p>
            <p>He is on the one-dollar bill, and the capital of the country bears his name.</p></article>
            <footer>Copyright Encyclopedia. <a href="/terms">Terms of use</a></footer></body></html>
            """);
        _world.Say($"What does {address} say?");

        var outcome = await _world.OpenAsync(address);

        var text = Text(outcome);
        Assert.False(outcome.Result.IsError, text);
        Assert.StartsWith($"George Washington\n{address}\npublished 2020-02-22, by Ann Writer\n\n", text, StringComparison.Ordinal);
        Assert.Contains("first president of the United States [1]", text, StringComparison.Ordinal);
        Assert.EndsWith($"Links:\n[1] {_world.Web.Address("open.test", "/usa")}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Copyright", text, StringComparison.Ordinal);
        Assert.Empty(_world.Asked);
        Assert.Equal(Origin.Web, outcome.Result.Origin);
        Assert.Equal([_world.Web.Address("open.test", "/usa")], outcome.Result.Links);
        Assert.Equal("open.test", outcome.Result.LinkSource);
    }

    [Fact]
    public async Task Address_that_nobody_named_is_asked_for()
    {
        var address = _world.Page("/a", "<p>Nothing that anybody has asked for, but a page all the same.</p>");

        var refused = await _world.OpenAsync(address);
        _world.IsAllowed = true;
        var allowed = await _world.OpenAsync(address);

        Assert.True(refused.Result.IsError);
        Assert.False(allowed.Result.IsError, Text(allowed));
        Assert.Equal(2, _world.Asked.Count);
        Assert.Single(_world.Web.Requests);
    }

    [Fact]
    public async Task Link_is_followed_by_its_number_without_a_question_and_with_data_added_it_is_asked_for()
    {
        var next = _world.Page("/next", "<p>The next page, which was reached by the number of its link on the page before.</p>");
        var first = _world.Page("/first", $"<p>A first page with a link to the <a href=\"/next\">next page</a>, which comes after it.</p>");
        _world.Say(first);

        await _world.OpenAsync(first);
        var followed = await _world.OpenAsync("1");
        var told = await _world.OpenAsync(next + "?secret=1");

        Assert.Contains("reached by the number", Text(followed), StringComparison.Ordinal);
        Assert.True(told.Result.IsError);
        Assert.Contains(next + "?secret=1", Assert.Single(_world.Asked).Effects[0].Effect.Target, StringComparison.Ordinal);
        Assert.Equal(["/first", "/next"], _world.Web.Requests.Select(request => request.Path));
    }

    [Fact]
    public async Task Further_pages_of_a_text_cost_no_request()
    {
        var address = _world.Page("/long", LongPage(60));
        _world.Say(address);

        var first = Text(await _world.OpenAsync(address));
        var second = await _world.OpenAsync(address, page: 2);
        var beyond = await _world.OpenAsync(address, page: 99);

        Assert.Contains("\nPage 1 of ", first, StringComparison.Ordinal);
        Assert.Contains("Paragraph 1 ", first, StringComparison.Ordinal);
        Assert.Contains("\nPage 2 of ", Text(second), StringComparison.Ordinal);
        Assert.DoesNotContain("Paragraph 1 ", Text(second), StringComparison.Ordinal);
        Assert.Equal((Origin.Web, 0), (second.Result.Origin, second.Result.Links.Count));
        Assert.Matches("^The text has only [0-9]+ pages\\.$", Text(beyond));
        Assert.Single(_world.Web.Requests);
    }

    [Fact]
    public async Task All_pages_together_are_the_text_and_each_fits_the_limit_of_the_gate()
    {
        var address = _world.Page("/long", LongPage(100));
        _world.Say(address);
        var shown = Text(await _world.OpenAsync(address));
        var count = int.Parse(shown.Split("Page 1 of ")[1].Split('\n')[0]);

        for (var page = 2; page <= count; page++)
        {
            var text = Text(await _world.OpenAsync(address, page));
            Assert.InRange(text.Length, 1, new ToolLimits().ResultLength);
            shown += text;
        }

        Assert.All(Enumerable.Range(1, 100), number => Assert.Contains($"Paragraph {number} ", shown, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_is_kept_for_one_process_and_for_a_while()
    {
        var address = _world.Page("/a", "<p>A page that two processes read, each of them for itself, as it should be.</p>");
        _world.Say(address);

        await _world.OpenAsync(address);
        await _world.OpenAsync(address);
        await _world.OpenAsync(address, process: "2");
        _time.Advance(new BrowseOptions().KeptFor + TimeSpan.FromSeconds(1));
        await _world.OpenAsync(address);

        Assert.Equal(3, _world.Web.Requests.Count);
    }

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", "Grüße", "Grüße")]
    [InlineData("application/json", """{"a": [1, 2]}""", """{"a": [1, 2]}""")]
    [InlineData("text/csv", "region,price\nnorth,3", "region,price\nnorth,3")]
    [InlineData(null, "just words", "just words")]
    public async Task Text_is_shown_as_it_is(string? type, string body, string shown)
    {
        // The listener writes UTF-8 whatever its header says.
        var address = _world.Page("/data", body, type);
        _world.Say(address);

        var text = Text(await _world.OpenAsync(address));

        Assert.EndsWith(type?.Contains("8859") == true ? "GrÃ¼ÃŸe" : shown, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/none", null, "There is no page at http://open.test")]
    [InlineData("/picture", "image/png", "of the kind image/png, which cannot be read as text")]
    [InlineData("/empty", "text/html", "has no text without its scripts")]
    public async Task What_cannot_be_read_is_said_in_one_sentence(string path, string? type, string message)
    {
        var address = _world.Web.Address("open.test", path);
        if (type is not null)
        {
            _world.Page(path, type == "text/html" ? "<html><body><script>render()</script></body></html>" : "\u0001\u0002", type);
        }

        _world.Say(address);

        var outcome = await _world.OpenAsync(address);

        Assert.True(outcome.Result.IsError);
        Assert.Contains(message, Text(outcome), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("mailto:someone@example.org")]
    [InlineData("ftp://example.org/file")]
    [InlineData("not an address")]
    public async Task What_is_no_address_is_refused_before_anybody_is_asked(string address)
    {
        var outcome = await _world.OpenAsync(address);

        Assert.True(outcome.Result.IsError);
        Assert.Empty(_world.Asked);
    }

    [Fact]
    public async Task Address_without_a_scheme_is_the_one_that_the_person_wrote()
    {
        _world.Say("Read example.invalid/page for me.");

        await _world.OpenAsync("example.invalid/page");

        Assert.Empty(_world.Asked);
        Assert.Equal(["example.invalid"], _world.Web.LookedUp);
    }

    [Fact]
    public async Task Page_after_a_redirect_within_its_site_resolves_links_by_its_own_address()
    {
        _world.Page("/new/place", "<p>The page has moved to here, and its <a href=\"other\">link</a> is relative to where it is now.</p>");
        var address = _world.Redirect("/old", "/new/place");
        _world.Say(address);

        var outcome = await _world.OpenAsync(address);

        Assert.Equal([_world.Web.Address("open.test", "/new/other")], outcome.Result.Links);
    }

    public void Dispose() => _world.Dispose();

    static string Text(ToolOutcome outcome) => string.Concat(outcome.Result.Parts.OfType<TextPart>().Select(part => part.Text));

    static string LongPage(int paragraphs) => $"<html><head><title>A long page</title></head><body><article>{string.Concat(
        Enumerable.Range(1, paragraphs).Select(number =>
            $"<p>Paragraph {number} tells of a river that flows from the mountains to the sea, number {number} of many such rivers. It has "
            + $"<a href=\"/river/{number}\">a source of its own</a>, and nobody knows how old it is.</p>"))}</article></body></html>";
}
