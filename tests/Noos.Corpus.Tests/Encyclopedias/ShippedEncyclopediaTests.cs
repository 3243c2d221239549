using System.Text.Json;
using Noos.Core.Settings;
using Noos.Corpus.Encyclopedias;
using Noos.Corpus.Index;
using Noos.Testing;

namespace Noos.Corpus.Tests.Encyclopedias;

/// <summary>The encyclopedia of the repository, and some of the held-out questions of bench/results/retrieval.md.</summary>
public sealed class ShippedEncyclopediaTests(ShippedEncyclopediaTests.ShippedIndex shipped)
    : IClassFixture<ShippedEncyclopediaTests.ShippedIndex>
{
    readonly SearchIndex _index = shipped.Index;

    [Theory]
    [InlineData("Who was the first president of the United States?", "George Washington")]
    [InlineData("first US president", "George Washington")]
    [InlineData("Who was the 16th president of the USA?", "Abraham Lincoln")]
    [InlineData("What is the capital of Cuba?", "Havana")]
    [InlineData("what language do they speak in brazil", "Brazil")]
    [InlineData("Who painted the Sistine Chapel?", "Sistine Chapel ceiling")]
    [InlineData("What is photosynthesis?", "photosynthesis")]
    public void A_first_question_finds_its_article(string question, string title) =>
        Assert.Equal(title, new PassageSearch([_index]).Search(question, 1)[0].Passage.Title);

    [Fact]
    public void Nearly_all_questions_with_a_known_answer_find_it_among_the_first_three()
    {
        var search = new PassageSearch([_index]);
        string[] lines = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "questions.jsonl"))];
        var found = lines.Count(line => IsFound(search, JsonElement.Parse(line)));

        Assert.True(found >= 0.85 * lines.Length, $"{found} of {lines.Length} questions found their passage.");
    }

    static bool IsFound(PassageSearch search, JsonElement question)
    {
        string[] addresses = [.. Texts("addresses")];
        string[] needles = [.. Texts("needles")];
        return search.Search(question.GetProperty("question").GetString()!, 3).Any(hit => addresses.Contains(hit.Passage.Address)
            && (needles.Length == 0 || needles.Any(needle => hit.Passage.Text.Contains(needle, StringComparison.OrdinalIgnoreCase)
                || hit.Passage.Title.Contains(needle, StringComparison.OrdinalIgnoreCase))));

        IEnumerable<string> Texts(string name) => question.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);
    }

    /// <summary>Its index, made once.</summary>
    public sealed class ShippedIndex : IAsyncLifetime
    {
        readonly TemporaryFolder _home = new();

        public SearchIndex Index { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Index = await Encyclopedia.OpenAsync(
            EncyclopediaLocation.From(new NoosSettings { UserData = new UserData(_home.Path) }), TestContext.Current.CancellationToken)
            ?? throw new InvalidOperationException("The encyclopedia is not in the repository.");

        public ValueTask DisposeAsync()
        {
            Index.Dispose();
            _home.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
