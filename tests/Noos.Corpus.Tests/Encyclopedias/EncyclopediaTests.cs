using System.Text;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Encyclopedias;
using Noos.Corpus.Index;
using Noos.Corpus.Reading;
using Noos.Testing;

namespace Noos.Corpus.Tests.Encyclopedias;

public sealed class EncyclopediaTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Bach (17321799) wrote.", "Bach (1732\u20131799) wrote.")]
    [InlineData("He (February 22, 1732December 14, 1799) led.", "He (February 22, 1732 \u2013 December 14, 1799) led.")]
    [InlineData("He (1 May 180217 June 1870) wrote.", "He (1 May 1802 \u2013 17 June 1870) wrote.")]
    [InlineData("He (30October 1873 \u2013 October4, 1917) led.", "He (30 October 1873 \u2013 October 4, 1917) led.")]
    [InlineData("Dominik (; born 1965) plays.", "Dominik (born 1965) plays.")]
    [InlineData("The tragedy ( ) was one. It cost 24.8 million people .", "The tragedy was one. It cost 24.8 million people.")]
    [InlineData("A king (Gaelic: \"D\"; \u2013 24 May 1153) ruled.", "A king (Gaelic: \"D\"; died 24 May 1153) ruled.")]
    [InlineData("A bird. It is long with a wingspan. It eats fish.", "A bird. It eats fish.")]
    [InlineData("The year 1999 and 2,000 men, 18 of 1,234.", "The year 1999 and 2,000 men, 18 of 1,234.")]
    [InlineData("The asteroid 20161234 stays.", "The asteroid 20161234 stays.")]
    public void Gaps_that_templates_left_are_mended(string text, string mended) => Assert.Equal(mended, GapRepair.Mend(text));

    [Fact]
    public async Task Articles_are_made_of_the_sources()
    {
        var articles = await EncyclopediaBuilder.ReadAsync(WriteSources(), cancellationToken: Cancel);

        Assert.Equal(
            [
                "wikipedia https://en.wikipedia.org/wiki/Red_Fox: The red fox lives (1900\u20131999).",
                "factbook https://github.com/factbook/factbook.json/blob/master/europe/xx.json: "
                    + "The capital city of Xland is Xtown. The population of Xland, the number of people who live there, is 7 (2025 est.).",
                "wordnet wordnet:George Washington: George Washington: first President of the United States (1732-1799). "
                    + "Also called Washington.",
                "wordnet wordnet:red fox: red fox: a fox with reddish fur and a bushy tail. A kind of mammal.",
                "openstax openstax:physics/atom: atom: the smallest piece of an element.",
            ],
            articles.Select(article => $"{article.Source} {article.Address}: {article.Text}"));
    }

    [Fact]
    public async Task A_pack_gives_back_what_was_packed_and_is_the_same_each_time()
    {
        Document[] documents =
        [
            new(new DocumentOrigin("s", "a") { FetchedAt = new DateTimeOffset(2019, 1, 1, 0, 0, 0, TimeSpan.Zero), Licence = "CC0" },
                "\u00e9\n\"x\"", "T"),
            new(new DocumentOrigin("s", "b"), "text", "U"),
        ];
        DocumentPack.Write(_folder.File("1.zst"), documents);
        DocumentPack.Write(_folder.File("2.zst"), documents);

        var read = new List<Document>();
        await foreach (var document in DocumentPack.ReadAsync(_folder.File("1.zst"), Cancel))
        {
            read.Add(document);
        }

        Assert.Equal(documents, read);
        Assert.Equal(File.ReadAllBytes(_folder.File("1.zst")), File.ReadAllBytes(_folder.File("2.zst")));
    }

    [Fact]
    public async Task The_index_is_made_once_and_anew_for_another_file_and_where_it_is_damaged()
    {
        var location = new EncyclopediaLocation([_folder.File("none"), _folder.File("e.zst")], _folder.File("cache"));
        Assert.Null(await Encyclopedia.OpenAsync(location, Cancel));

        Write("apples");
        var path = await Encyclopedia.PrepareAsync(location, Cancel);
        Assert.Equal(1, await CountAsync("apples"));
        var time = File.GetLastWriteTimeUtc(path!);
        Assert.Equal(path, await Encyclopedia.PrepareAsync(location, Cancel));
        Assert.Equal(time, File.GetLastWriteTimeUtc(path!));

        File.WriteAllText(path!, new string('x', 4096));
        Assert.Equal(1, await CountAsync("apples"));

        Write("bananas");
        Assert.Equal(1, await CountAsync("bananas"));
        Assert.Single(Directory.GetFiles(location.CacheFolder));

        File.WriteAllText(_folder.File("e.zst"), "garbage");
        Assert.Equal(
            ErrorKind.Damaged, (await Assert.ThrowsAsync<NoosException>(() => Encyclopedia.OpenAsync(location, Cancel))).Kind);

        void Write(string text) =>
            DocumentPack.Write(_folder.File("e.zst"), [new Document(new DocumentOrigin("s", "a"), text, "T")]);

        async Task<int> CountAsync(string words)
        {
            using var index = await Encyclopedia.OpenAsync(location, Cancel);
            return new PassageSearch([index!]).Search(words, 5).Count;
        }
    }

    [Fact]
    public async Task Two_that_begin_at_the_same_time_find_the_same()
    {
        DocumentPack.Write(_folder.File("e.zst"), [new Document(new DocumentOrigin("s", "a"), "apples", "T")]);
        var location = new EncyclopediaLocation([_folder.File("e.zst")], _folder.File("cache"));

        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Encyclopedia.OpenAsync(location, Cancel))));

        Assert.All(opened, index => Assert.Single(new PassageSearch([index!]).Search("apples", 5)));
        Array.ForEach(opened, index => index!.Dispose());
        Assert.Single(Directory.GetFiles(location.CacheFolder));
    }

    string WriteSources()
    {
        Write("wikipedia.jsonl.zst", """{"title": "Red Fox", "text": "The red fox ( ) lives (19001999)."}""");
        Write(
            "factbook.jsonl.zst",
            """
            {"code": "xx", "region": "europe", "name": "Xland", "facts": {"Government": {"Capital": {"name": "Xtown; note: x"}}, "People and Society": {"Population": {"total": "7 (2025 est.)"}}}}
            {"code": "oo", "region": "oceans", "name": "", "facts": {"Geography": {}}}
            """);
        Write(
            "wordnet.tsv.zst",
            "pos\twords\tdefinition\texamples\thypernyms\n"
            + "noun\tWashington, George Washington\t1st President of the United States (1732-1799)\t\tPresident of the United States\n"
            + "noun\tred fox\ta fox with reddish fur and a bushy tail\t\tmammal\n"
            + "noun\tdisrepair\tin need of repairs of all kinds\t\tunsoundness\n"
            + "verb\trun\tto move fast on foot, faster than a walk\t\tmove\n");
        Write("textbooks.jsonl.zst", """{"book": "physics", "title": "A", "text": "A", "glossary": [{"term": "atom", "meaning": "the smallest piece of an element"}]}""");
        return _folder.Path;

        void Write(string name, string text) =>
            CompressedFile.Write(Path.Combine(_folder.CreateFolder("text"), name), file => file.Write(Encoding.UTF8.GetBytes(text)));
    }
}
