using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Corpus.Documents;
using Noos.Corpus.Index;
using Noos.Testing;

namespace Noos.Corpus.Tests.Index;

public sealed class PassageSearchTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly List<SearchIndex> _opened = [];

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _opened.ForEach(index => index.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task The_passage_that_answers_goes_before_those_that_share_words()
    {
        var index = await OpenAsync(
            ("White House", "The house of the President of the United States. Every president of the United States lived in it."),
            ("Presidents' Day", "A holiday of the United States in honour of the first and all other presidents."),
            ("John Adams", "2nd President of the United States."),
            ("George Washington", "1st President of the United States."));

        Assert.Equal("George Washington", First("Who was the first president of the United States?", index));
        Assert.Equal("John Adams", First("who was the second US president", index));
        Assert.Equal("White House", First("white house", index));
    }

    [Fact]
    public async Task Several_indexes_are_searched_as_one()
    {
        var large = await OpenAsync([.. Enumerable.Range(0, 200)
            .Select(i => ($"Town {i}", $"Town number {i} has a market and a church."))]);
        var small = await OpenAsync(("My notes", "The market of town 7 is closed on Mondays."), ("Shopping", "Milk, eggs."));

        Assert.Equal("My notes", First("When is the market of town 7 closed?", large, small));
        Assert.Equal("Town 42", First("town number 42", large, small));
        Assert.Equal("Shopping", First("eggs", small, large));
    }

    [Fact]
    public async Task Vectors_find_what_shares_no_word()
    {
        var index = await OpenAsync(("Feline", "A cat purrs."), ("Canine", "A dog barks."), ("Motor", "A car drives."));
        using var meaning = new WordMeanings(("kitten", 0), ("cat", 0), ("dog", 1), ("car", 2));
        var search = new PassageSearch([index]);

        Assert.Equal(3, await PassageVectors.AddAsync(index, meaning, cancellationToken: Cancel));
        Assert.Equal(0, await PassageVectors.AddAsync(index, meaning, cancellationToken: Cancel));

        Assert.Empty(search.Search("kitten", 3));
        Assert.Equal("Feline", (await search.SearchAsync("kitten", 3, meaning, Cancel))[0].Passage.Title);
        // Words and meaning agree.
        Assert.Equal("Canine", (await search.SearchAsync("dog", 3, meaning, Cancel))[0].Passage.Title);

        index.Remove("Feline");
        Assert.DoesNotContain(await search.SearchAsync("kitten", 3, meaning, Cancel), hit => hit.Passage.Title == "Feline");
    }

    [Fact]
    public void Fused_ranks_put_first_what_both_lists_have()
    {
        var fused = RankFusion.Fuse<string>(["a", "b", "c"], ["d", "b", "e"]);

        Assert.Equal(["b", "a", "d", "c", "e"], fused.Select(item => item.Item));
    }

    static string First(string question, params SearchIndex[] indexes) =>
        new PassageSearch(indexes).Search(question, 3)[0].Passage.Title;

    async Task<SearchIndex> OpenAsync(params (string Title, string Text)[] documents)
    {
        var index = SearchIndex.Open(_folder.File($"{_opened.Count}.db"));
        _opened.Add(index);
        foreach (var (title, text) in documents)
        {
            await index.ReplaceAsync(
                title, SearchIndexTests.Once(new Document(new DocumentOrigin("test", title), text, title)), Origin.File, Cancel);
        }

        return index;
    }

    /// <summary>A direction for each meaning; a text points where its first known word does.</summary>
    sealed class WordMeanings(params (string Word, int Meaning)[] words) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(Embed)));

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test", defaultModelId: "meanings") : null;

        public void Dispose()
        {
        }

        Embedding<float> Embed(string text)
        {
            var vector = new float[4];
            var known = words.FirstOrDefault(word => text.Contains(word.Word, StringComparison.Ordinal));
            vector[known.Word is null ? 3 : known.Meaning] = 2;
            return new Embedding<float>(vector);
        }
    }
}
