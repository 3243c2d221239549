using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Preferences;
using Noos.Testing;

namespace Noos.Corpus.Tests.Preferences;

public sealed class PreferenceFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"prompt": "Hi?", "chosen": "Hello.", "rejected": "No."}""")]
    [InlineData("""{"prompt": [Q], "chosen": [A], "rejected": [B]}""")]
    [InlineData("""{"prompt": "Hi?", "score_chosen": 9, "chosen": [Q, A], "rejected": [Q, B]}""")]
    [InlineData("""{"chosen": [Q, A], "rejected": [Q, B]}""")]
    [InlineData("""{"instruction": "Hi?", "completions": [{"response": "No.", "rating": 2}, {"text": "Hello.", "rating": 7}]}""")]
    [InlineData("""{"chosen": "\n\nHuman: Hi?\n\nAssistant: Hello.", "rejected": "\n\nHuman: Hi?\n\nAssistant: No."}""")]
    [InlineData(
        """
        {"conversations": [{"from": "human", "value": "Hi?"}],
        "chosen": {"from": "gpt", "value": "Hello."}, "rejected": {"from": "gpt", "value": "No."}}
        """)]
    [InlineData("""{"prompt": "Hi?", "responses": [{"text": "Hello.", "rank": 1}, {"text": "No.", "rank": 2}]}""")]
    [InlineData("""{"prompt": "Hi?", "answers": ["No.", "Hello."], "pairs": [[1, 0]]}""")]
    public void Usual_forms_of_a_preference_mean_the_same(string line)
    {
        line = line.ReplaceLineEndings(" ").Replace("Q", """{"role": "user", "content": "Hi?"}""", StringComparison.Ordinal)
            .Replace("A]", """{"role": "assistant", "content": "Hello."}]""", StringComparison.Ordinal)
            .Replace("B]", """{"content": "No.", "role": "assistant"}]""", StringComparison.Ordinal);

        var group = Assert.Single(Read(line));

        Assert.Equal([Message.User("Hi?")], group.Prompt.Messages);
        var pair = Assert.Single(group.Pairs);
        Assert.Equal(("Hello.", "No.", 1f), (group.Answers[pair.Better].Text, group.Answers[pair.Worse].Text, pair.Weight));
    }

    [Fact]
    public void Lines_about_the_same_prompt_are_one_group_and_equal_answers_are_one()
    {
        var groups = Read(
            """{"prompt": "Hi?", "chosen": "a", "rejected": "b"}""", """{"prompt": "Ho?", "chosen": "x", "rejected": "y"}""",
            """{"prompt": "Hi?", "chosen": "b", "rejected": "c"}""", """{"prompt": "Hi?", "chosen": "a", "rejected": "a"}""");

        Assert.Equal(2, groups.Count);
        Assert.Equal(["a", "b", "c"], groups[0].Answers.Select(answer => answer.Text));
        Assert.Equal([new Preference(0, 1), new Preference(1, 2)], groups[0].Pairs);
    }

    [Fact]
    public void Rated_texts_that_stand_alone_are_compared_with_their_neighbours_where_they_are_far_apart()
    {
        double[] scores = [1.0, 0.6, 0.8, 0.2, 0.0, 1.0];

        var group = Assert.Single(Read([.. scores.Select((score, place) => $$"""{"question": "Q{{place}} ?", "score": {{score:r}}}""")]));

        Assert.Equal(["Q0 ?", "Q1 ?", "Q2 ?", "Q3 ?"], group.Answers.Select(answer => answer.Text));
        Assert.Equal(
            [new Preference(0, 1), new Preference(0, 3), new Preference(1, 3), new Preference(2, 3)], group.Pairs);
    }

    [Fact]
    public void Equal_ratings_say_nothing()
    {
        Assert.Empty(Read("""{"prompt": "Hi?", "answers": [{"text": "a", "score": 1}, {"text": "b", "score": 1}]}"""));
        Assert.Single(PreferenceFile.ReadAnswers(
            Write("""{"prompt": "Hi?", "answers": [{"text": "a", "score": 1}, {"text": "b", "score": 1}]}""")));
    }

    [Fact]
    public void Groups_come_back_as_they_were_written()
    {
        var group = new PreferenceGroup(
            Conversation.From(Message.System("Be kind."), Message.User("Why?")),
            [
                new PreferenceAnswer([Message.Assistant("So.")]) { TrueScore = 0.75 },
                new PreferenceAnswer([Message.Assistant("So so so")]) { IsEnded = false, Kind = "Endless", TrueScore = 0.5 },
            ],
            [new Preference(0, 1), new Preference(1, 0, 0.5f)]);
        var path = _folder.File("groups.jsonl.zst");

        Assert.Equal(1, PreferenceFile.Write(path, [group]));
        var read = Assert.Single(PreferenceFile.Read(path));

        Assert.Equal(group.Prompt.Messages, read.Prompt.Messages);
        Assert.Equal(group.Pairs, read.Pairs);
        Assert.Equal(
            group.Answers.Select(answer => (answer.Text, answer.IsEnded, answer.Kind, answer.TrueScore)),
            read.Answers.Select(answer => (answer.Text, answer.IsEnded, answer.Kind, answer.TrueScore)));
    }

    [Theory]
    [InlineData("""{"prompt": "Hi?"}""")]
    [InlineData("""{"chosen": "a", "rejected": "b"}""")]
    [InlineData("""{"answers": ["a", "b"]}""")]
    [InlineData("""{"prompt": 5, "chosen": "a", "rejected": "b"}""")]
    [InlineData("""{"prompt": "Hi?", "answers": [{"score": 1}]}""")]
    [InlineData("""{"prompt": "Hi?", "answers": ["a", "b"], "pairs": [[0, 2]]}""")]
    [InlineData("""{"prompt": "Hi?", "answers": ["a", "b"], "pairs": [[0]]}""")]
    [InlineData("no json")]
    [InlineData("[]")]
    public void Line_that_says_no_preference_is_named(string line) => Assert.Contains(
        "Line 2 of", Assert.Throws<NoosException>(() => Read("""{"prompt": "Hi?", "chosen": "a", "rejected": "b"}""", line)).Message,
        StringComparison.Ordinal);

    IReadOnlyList<PreferenceGroup> Read(params string[] lines) => PreferenceFile.Read(Write(lines));

    string Write(params string[] lines)
    {
        var path = _folder.File("pairs.jsonl");
        File.WriteAllLines(path, lines);
        return path;
    }
}
