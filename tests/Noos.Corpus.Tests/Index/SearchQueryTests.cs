using CsCheck;
using Noos.Core.Conversations;
using Noos.Corpus.Index;
using Noos.Testing;

namespace Noos.Corpus.Tests.Index;

/// <summary>Whatever is asked is a question and never a mistake.</summary>
public sealed class SearchQueryTests : IAsyncLifetime
{
    static readonly string[] s_pieces =
    [
        "\"", "'", "*", "^", "(", ")", "{", "}", ":", "+", "-", "NEAR(", "NEAR/2", " AND ", " OR ", " NOT ", "title:", "text : ",
            "rowid:", ";",
        "--", "/*", "*/", "%", "_", "\\", "\0", "\n", "\t", "?", "$match", "@x", "DROP TABLE words", "fox", "1st", "first", "is", "the",
            "\u00e9",
        "e\u0301", "\u0301", "\u6771\u4eac", "\ud83d\ude00", "\ud800", "\udc00", "\uffff", "\u202e", "US", "usa", "a'b", "O'Brien's",
            "3.14", "NULL",
    ];

    readonly TemporaryFolder _folder = new();
    SearchIndex _index = null!;

    public async ValueTask InitializeAsync()
    {
        _index = SearchIndex.Open(_folder.File("index.db"));
        await _index.ReplaceAsync(
            "a", SearchIndexTests.Many(
                SearchIndexTests.Text("a", "The quick brown fox was first; caf\u00e9 in Tokyo \u6771\u4eac. O'Brien's 3.14",
                    "Fox (animal)")),
            Origin.File, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _index.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void No_question_is_an_error()
    {
        var search = new PassageSearch([_index]);
        Gen.OneOf(
            Gen.Int[0, s_pieces.Length - 1].Array[0, 12].Select(choices => string.Concat(choices.Select(choice => s_pieces[choice]))),
            Gen.String[Gen.Char, 0, 60])
            .Sample(question => search.Search(question, 3).Count is 0 or 1, iter: 1500);
    }

    [Fact]
    public void No_question_is_too_long()
    {
        var search = new PassageSearch([_index]);

        Assert.Single(search.Search("fox " + string.Join(' ', Enumerable.Range(0, 100_000)), 3));
        Assert.Empty(search.Search(new string('x', 1_000_000), 3));
    }

    [Theory]
    [InlineData("Who was the first president of the United States?", "first president united states")]
    [InlineData("Who was the 1st U.S. president", "1st united states president")]
    [InlineData("What is the capital of the USA?", "capital united states")]
    [InlineData("Did the US help us in WW2?", "united states help world war ii")]
    [InlineData("the who", "the who")]
    [InlineData("fox fox foxes FOX", "fox")]
    [InlineData("", "")]
    [InlineData("?!", "")]
    public void Stop_words_and_repetitions_are_left_out_unless_there_is_nothing_else(string question, string words)
    {
        var query = SearchQuery.Parse(question);

        Assert.Equal(words, query.Keywords);
        Assert.Equal(words.Length == 0, query.IsEmpty);
    }

    [Theory]
    [InlineData("cafe")]
    [InlineData("CAF\u00c9")]
    [InlineData("cafe\u0301")]
    [InlineData("1st")]
    [InlineData("obrien OR o'brien")]
    [InlineData("\u6771\u4eac")]
    [InlineData("title:nothing fox*")]
    public void Spellings_of_a_word_find_it(string question) => Assert.Single(new PassageSearch([_index]).Search(question, 3));
}
