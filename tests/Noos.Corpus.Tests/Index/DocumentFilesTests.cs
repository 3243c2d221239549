using System.Text;
using Noos.Corpus.Documents;
using Noos.Corpus.Index;

namespace Noos.Corpus.Tests.Index;

/// <summary>What an index takes out of files and pages.</summary>
public sealed class DocumentFilesTests
{
    const string Page = """
        <!DOCTYPE html><html><head><title>The ferry to Skerry | Harbour News</title></head><body>
        <nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li><li><a href="/jobs">Vacancies</a></li></ul></nav>
        <article><h1>The ferry to Skerry</h1>
        <p>The ferry to Skerry leaves the old harbour at nine in the morning, and comes back at six, on every day but Sunday.</p>
        <p>Caf&eacute; and deck are open in summer. Dogs travel free of charge, bicycles cost two crowns, and cars have to stay ashore.</p>
        <h2>Fares</h2><p>Adults pay twelve crowns for the crossing, children five, and whoever is older than seventy pays nothing at all.</p>
        </article><footer><p>Copyright Harbour News. <a href="/imprint">Imprint</a> <a href="/privacy">Cookie policy</a></p></footer>
        </body></html>
        """;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_is_taken_in_without_its_frame_and_under_its_title()
    {
        var document = Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(Page), "https://harbour.example/ferry", null));

        Assert.Equal(("The ferry to Skerry", "https://harbour.example/ferry"), (document.Title, document.Address));
        Assert.Contains("leaves the old harbour at nine", document.Text, StringComparison.Ordinal);
        Assert.Contains("## Fares\n\nAdults pay twelve", document.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Vacancies", document.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Cookie policy", document.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_is_read_in_the_encoding_that_its_server_names()
    {
        var page = Encoding.Latin1.GetBytes(Page.Replace("Caf&eacute;", "Caf\u00E9", StringComparison.Ordinal));

        var document = Assert.Single(await ReadAsync(page, "https://harbour.example/ferry", "iso-8859-1"));

        Assert.Contains("Caf\u00E9 and deck", document.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_without_content_is_taken_in_as_it_is()
    {
        var document = Assert.Single(await ReadAsync("<html><body><p>Ferry: 9 h</p></body></html>"u8.ToArray(), "/home/a.html", null));

        Assert.Contains("Ferry: 9 h", document.Text, StringComparison.Ordinal);
    }

    static async Task<Document[]> ReadAsync(byte[] content, string address, string? charset)
    {
        using var stream = new MemoryStream(content);
        return await DocumentFiles.ReadAsync(stream, "page.html", new DocumentOrigin("files", address), charset, Token).ToArrayAsync(Token);
    }
}
