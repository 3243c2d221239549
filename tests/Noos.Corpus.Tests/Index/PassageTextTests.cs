using CsCheck;
using Microsoft.Data.Sqlite;
using Noos.Corpus.Index;

namespace Noos.Corpus.Tests.Index;

/// <summary>How texts are cut, and words compared.</summary>
public sealed class PassageTextTests
{
    static readonly string[] s_pieces =
    [
        "word", "a", " ", "  ", "\n", "\n\n", ". ", ".", "! The", "Mr. X", "J. K. ", "\ud83d\ude00", "\u00e9",
            "longlonglonglonglonglonglong", "\"", "1732",
    ];

    static readonly Gen<string> s_text = Gen.Int[0, s_pieces.Length - 1].Array[0, 200]
        .Select(choices => string.Concat(choices.Select(choice => s_pieces[choice])));

    [Fact]
    public void Passages_follow_each_other_and_lose_nothing_but_white_space() => Gen.Select(s_text, Gen.Int[16, 200]).Sample((text, max) =>
    {
        var end = 0;
        foreach (var (start, length) in PassageSplitter.Split(text, max))
        {
            Assert.InRange(length, 1, max);
            Assert.True(string.IsNullOrWhiteSpace(text[end..start]), "Something lies between two passages.");
            Assert.False(char.IsWhiteSpace(text[start]) || char.IsWhiteSpace(text[start + length - 1]));
            Assert.False(char.IsLowSurrogate(text[start]) || char.IsHighSurrogate(text[start + length - 1]));
            end = start + length;
        }

        Assert.True(string.IsNullOrWhiteSpace(text[end..]));
    });

    [Fact]
    public void Sentences_stay_whole_where_they_fit()
    {
        const string Text = "J. K. Rowling wrote it in St. Albans. It sold well. Then came the next.\n"
            + "Another paragraph, with more words in it.";

        Assert.Equal(
            ["J. K. Rowling wrote it in St. Albans.", "It sold well. Then came the next.", "Another paragraph, with more words in it."],
            PassageSplitter.Split(Text, 41).Select(place => Text.Substring(place.Start, place.Length)));
    }

    [Fact]
    public void An_excerpt_is_the_sentences_that_fit_the_question()
    {
        const string Text =
            "The fox is a mammal. It eats mice, birds and fruit in summer. In winter it digs for voles under the snow. Foxes live in dens.";

        Assert.Equal("In winter it digs for voles under the snow.", Excerpt("What does it dig for in the snow?", 50));
        Assert.Equal("The fox is a mammal.", Excerpt("mammal", 30));
        Assert.Equal(Text, Excerpt("anything", 1000));

        static string Excerpt(string question, int max)
        {
            var (start, length) = Noos.Corpus.Index.Excerpt.Find(Text, SearchQuery.Parse(question), max);
            return Text.Substring(start, length);
        }
    }

    [Fact]
    public void An_excerpt_is_never_longer_than_it_may_be() => Gen.Select(s_text, Gen.Int[16, 100]).Sample((text, max) =>
    {
        var (start, length) = Noos.Corpus.Index.Excerpt.Find(text, SearchQuery.Parse("word 1732"), max);
        Assert.InRange(length, 0, max);
        Assert.InRange(start, 0, text.Length - length);
    });

    /// <summary>The oracle is SQLite's own stemmer, which made the words of the index.</summary>
    [Fact]
    public void Stems_are_those_of_the_index()
    {
        string[] begins = ["president", "relat", "hop", "motor", "happ", "general", "oper", "sens", "adjust", "fl", "tro", "conflat",
            "digit", "y"];
        string[] ends =
        [
            "", "s", "ed", "ing", "es", "ies", "sses", "eed", "ational", "tional", "ization", "izer", "ness", "fulness", "iveness",
                "able", "ible",
            "ement", "ment", "ent", "ion", "tion", "sion", "al", "ally", "y", "e", "ll", "logy", "logi", "icate", "ative", "iciti",
                "ous", "ousli",
        ];
        string[] words = [.. begins.SelectMany(begin => ends.Select(end => begin + end)).Distinct()];
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Execute("CREATE VIRTUAL TABLE w USING fts5(text, tokenize = 'porter unicode61')");
        Execute("CREATE VIRTUAL TABLE v USING fts5vocab(w, instance)");
        foreach (var word in words)
        {
            using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO w VALUES ($word)";
            insert.Parameters.AddWithValue("$word", word);
            insert.ExecuteNonQuery();
        }

        using var command = connection.CreateCommand();
        command.CommandText = "SELECT term FROM v ORDER BY doc";
        using var reader = command.ExecuteReader();
        foreach (var word in words)
        {
            Assert.True(reader.Read());
            Assert.Equal((word, reader.GetString(0)), (word, PorterStemmer.Stem(word)));
        }

        void Execute(string sql)
        {
            using var statement = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of the test.
            statement.CommandText = sql;
#pragma warning restore CA2100
            statement.ExecuteNonQuery();
        }
    }
}
