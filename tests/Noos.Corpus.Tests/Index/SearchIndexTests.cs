using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Documents;
using Noos.Corpus.Index;
using Noos.Testing;

namespace Noos.Corpus.Tests.Index;

public sealed class SearchIndexTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string File => _folder.File("index.db");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_added_is_found_with_all_that_a_citation_needs()
    {
        var date = new DateTimeOffset(2024, 5, 6, 0, 0, 0, TimeSpan.Zero);
        using var index = SearchIndex.Open(File);
        var document = new Document(
            new DocumentOrigin("zoo", "https://zoo.example/fox") { FetchedAt = date, Licence = "CC0" }, "The red fox lives in dens.",
                "Fox");

        await index.ReplaceAsync("https://zoo.example/fox", Once(document), Origin.Web, Cancel);

        var hit = Assert.Single(new PassageSearch([index]).Search("Where do foxes live?", 5));
        Assert.Equal(
            new Passage("https://zoo.example/fox", "Fox", 1, 0, "The red fox lives in dens.")
            {
                Source = "zoo",
                Origin = Origin.Web,
                Date = date,
                Licence = "CC0",
            },
            hit.Passage);
        Assert.Equal(hit.Passage, index.Find("https://zoo.example/fox", 1));
        Assert.Null(index.Find("https://zoo.example/fox", 2));
    }

    [Fact]
    public async Task Adding_again_changes_nothing_and_adding_another_text_replaces_it()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var index = SearchIndex.Open(File, new SearchIndexOptions { TimeProvider = time });
        Document[] first = [Text("a#1", "apples"), Text("a#2", "pears")];

        Assert.Equal(new IndexChange(2, 0, 0, 0), await index.ReplaceAsync("a", Many(first), Origin.File, Cancel));
        Assert.Equal(new IndexChange(0, 0, 2, 0), await index.ReplaceAsync("a", Many(first), Origin.File, Cancel));
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(
            new IndexChange(1, 1, 0, 1),
            await index.ReplaceAsync("a", Many(Text("a#1", "bananas"), Text("a#3", "cherries")), Origin.File, Cancel));

        Assert.Empty(Find(index, "apples"));
        Assert.Empty(Find(index, "pears"));
        Assert.Equal(["a#1"], Find(index, "bananas"));
        Assert.Equal(["a#3"], Find(index, "cherries"));
        Assert.Equal(new IndexEntry("a", "a#1", 2, 2, time.GetUtcNow()), Assert.Single(index.List()));
    }

    [Fact]
    public async Task Removing_takes_a_file_a_folder_or_a_document()
    {
        using var index = SearchIndex.Open(File);
        foreach (var place in (string[])["/docs/a.txt", "/docs/b/c.txt", "/docs2/d.txt", "/e.txt"])
        {
            await index.ReplaceAsync(place, Once(Text(place, "word")), Origin.File, Cancel);
        }

        Assert.Equal(2, index.Remove("/docs/"));
        Assert.Equal(0, index.Remove("/docs"));
        Assert.Equal(1, index.Remove("/e.txt"));

        Assert.Equal(["/docs2/d.txt"], Find(index, "word"));
        Assert.Equal("/docs2/d.txt", Assert.Single(index.List()).Place);
    }

    [Fact]
    public async Task A_change_that_is_stopped_leaves_all_as_it_was()
    {
        using (var index = SearchIndex.Open(File))
        {
            await index.ReplaceAsync("a", Many(Text("a#1", "apples"), Text("a#2", "pears")), Origin.File, Cancel);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => index.ReplaceAsync("a", Stopping(stop), Origin.File, stop.Token));
            await Assert.ThrowsAsync<NoosException>(() =>
                index.ReplaceAsync("a", Many(Text("a#1", "new"), Text("a#1", "again")), Origin.File, Cancel));

            Assert.Equal(["a#1"], Find(index, "apples"));
        }

        using var opened = SearchIndex.OpenRead(File);
        Assert.Equal(["a#2"], Find(opened, "pears"));
        Assert.Empty(Find(opened, "bananas"));

        static async IAsyncEnumerable<Document> Stopping(CancellationTokenSource stop)
        {
            yield return Text("a#1", "bananas");
            await stop.CancelAsync();
            stop.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task One_program_reads_while_another_adds()
    {
        using var writer = SearchIndex.Open(File);
        await writer.ReplaceAsync("a", Once(Text("a", "apples")), Origin.File, Cancel);
        using var reader = SearchIndex.OpenRead(File);

        await writer.ReplaceAsync("b", Reading(), Origin.File, Cancel);

        Assert.Equal(["b"], Find(reader, "bananas"));

        async IAsyncEnumerable<Document> Reading()
        {
            await Task.Yield();
            yield return Text("b", "bananas");
            Assert.Equal(["a"], Find(reader, "apples"));
            Assert.Empty(Find(reader, "bananas"));
        }
    }

    [Fact]
    public async Task A_built_file_replaces_an_older_one_and_leaves_nothing_beside_it()
    {
        await SearchIndex.BuildAsync(File, "pack", Once(Text("a", "apples")), Origin.Tool, cancellationToken: Cancel);
        await SearchIndex.BuildAsync(File, "pack", Once(Text("b", "bananas")), Origin.Tool, cancellationToken: Cancel);
        await Assert.ThrowsAsync<NoosException>(() =>
            SearchIndex.BuildAsync(File, "pack", Many(Text("c", "x"), Text("c", "y")), Origin.Tool, cancellationToken: Cancel));

        using var index = SearchIndex.OpenRead(File);
        Assert.Equal(["b"], Find(index, "bananas"));
        Assert.Equal([File], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void What_is_no_index_of_this_version_is_refused_in_a_sentence()
    {
        System.IO.File.WriteAllText(_folder.File("text.db"), new string('x', 5000));
        Execute(_folder.File("other.db"), "CREATE TABLE t (a)");
        SearchIndex.Open(_folder.File("newer.db")).Dispose();
        Execute(_folder.File("newer.db"), "PRAGMA user_version = 999");

        Assert.Equal(ErrorKind.Damaged, Open("text.db").Kind);
        Assert.Contains("of another program", Open("other.db").Message);
        Assert.Contains("newer Noos", Open("newer.db").Message);
        Assert.Equal(
            ErrorKind.NotFound, Assert.Throws<NoosException>(() => SearchIndex.OpenRead(_folder.File("none.db"))).Kind);

        NoosException Open(string name) => Assert.Throws<NoosException>(() => SearchIndex.Open(_folder.File(name)));
    }

    internal static Document Text(string address, string text, string? title = null) =>
        new(new DocumentOrigin("test", address), text, title);

    internal static IAsyncEnumerable<Document> Once(Document document) => Many(document);

    internal static async IAsyncEnumerable<Document> Many(params Document[] documents)
    {
        await Task.CompletedTask;
        foreach (var document in documents)
        {
            yield return document;
        }
    }

    static IEnumerable<string> Find(SearchIndex index, string words) =>
        new PassageSearch([index]).Search(words, 10).Select(hit => hit.Passage.Address);

    static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of the test.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
