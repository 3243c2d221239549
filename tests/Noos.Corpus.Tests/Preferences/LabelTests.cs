using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Preferences;
using Noos.Testing;

namespace Noos.Corpus.Tests.Preferences;

public sealed class LabelTests : IDisposable
{
    static readonly DateTimeOffset s_time = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ranking_gives_a_pair_for_each_difference_of_places()
    {
        var label = Label.Create(Item("a", "b", "c"), [2, 1, 2], "Ada", s_time);

        Assert.Equal([new Preference(1, 0), new Preference(1, 2)], label.Group.Pairs);
        Assert.Empty(Label.Create(Item("a", "b"), [1, 2], "Ada", s_time, isRepeat: true).Group.Pairs);
        Assert.Empty(Label.Create(Item("a", "b"), [], "Ada", s_time).Group.Pairs);
    }

    [Fact]
    public void Answer_that_was_written_anew_beats_all_others_and_is_a_demonstration()
    {
        var label = Label.Create(Item("a", "b"), [], "Ada", s_time, edit: "better");

        Assert.Equal([new Preference(2, 0), new Preference(2, 1)], label.Group.Pairs);
        Assert.Equal(Label.ItemOf(Item("a", "b")), label.Item);
        var lesson = Assert.Single(LabelFile.Demonstrations([label]));
        Assert.Equal("better", lesson.Messages[^1].Text());
    }

    [Fact]
    public void Answer_that_was_written_as_one_that_is_there_stays_the_demonstration_and_contradicts_nothing()
    {
        var path = _folder.File("labels.jsonl");
        LabelFile.Write(path, [Label.Create(Item("a", "good", "b"), [1, 2, 3], "Ada", s_time, edit: "good")]);

        var label = Assert.Single(LabelFile.Read(path));

        Assert.Equal("good", Assert.Single(LabelFile.Demonstrations([label])).Messages[^1].Text());
        Assert.Equal((4, 4), (label.Group.Answers.Count, label.Places.Count));
        Assert.DoesNotContain(label.Group.Pairs, pair => label.Group.Answers[pair.Worse].Text == "good");

        // A training takes equal answers for one.
        var group = Assert.Single(PreferenceFile.Read(path));
        Assert.Equal(["a", "good", "b"], group.Answers.Select(answer => answer.Text));
        Assert.Contains(new Preference(1, 0), group.Pairs);
    }

    [Fact]
    public void Labels_come_back_and_their_file_is_one_of_preferences()
    {
        var path = _folder.File("labels.jsonl");
        Label[] labels =
        [
            Label.Create(Item("a", "b"), [1, 2], "Ada", s_time),
            Label.Create(Item("c", "d"), [], "Ada", s_time, edit: "e"),
            Label.Create(Item("a", "b"), [2, 1], "Ada", s_time, isRepeat: true),
        ];

        LabelFile.Write(path, labels);
        var read = LabelFile.Read(path);

        Assert.Equal(
            labels.Select(label => (label.Item, label.Rater, label.Time, label.IsRepeat, label.HasEdit)),
            read.Select(label => (label.Item, label.Rater, label.Time, label.IsRepeat, label.HasEdit)));
        Assert.Equal(labels.SelectMany(label => label.Places), read.SelectMany(label => label.Places));
        Assert.Equal(3, PreferenceFile.Read(path).Sum(group => group.Pairs.Count));
        Assert.Empty(LabelFile.Read(_folder.File("nothing.jsonl")));
        File.WriteAllText(path, """{"prompt": "Hi?", "chosen": "a", "rejected": "b"}""");
        Assert.Contains("Line 1", Assert.Throws<NoosException>(() => LabelFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Alpha_is_that_of_Krippendorffs_own_example()
    {
        // Three observers, fifteen units, some values missing; the nominal alpha of these is published as 0.691.
        int?[][] values =
        [
            [null, null, null, null, null, 3, 4, 1, 2, 1, 1, 3, 3, null, 3],
            [1, null, 2, 1, 3, 3, 4, 3, null, null, null, null, null, null, null],
            [null, null, 2, 1, 3, 4, 4, null, 2, 1, 1, 3, 3, null, 4],
        ];

        var alpha = KrippendorffAlpha.Compute(
            Enumerable.Range(0, 15).Select(unit => values.Select(row => row[unit]).OfType<int>().ToArray()));

        Assert.Equal(0.691, alpha!.Value, 0.001);
        Assert.Null(KrippendorffAlpha.Compute([[1], []]));
        Assert.Equal(1, KrippendorffAlpha.Compute([[1, 1], [2, 2]]));
    }

    [Fact]
    public void Agreement_is_told_with_oneself_and_with_others()
    {
        var agreement = LabelAgreement.Measure(
        [
            Label.Create(Item("a", "b"), [1, 2], "Ada", s_time), Label.Create(Item("c", "d"), [2, 1], "Ada", s_time),
            Label.Create(Item("a", "b"), [1, 2], "Ada", s_time, isRepeat: true),
            Label.Create(Item("a", "b"), [1, 2], "Bob", s_time), Label.Create(Item("c", "d"), [1, 2], "Bob", s_time),
            Label.Create(Item("e", "f"), [], "Bob", s_time),
        ]);

        Assert.Equal((4, 2, 1.0, 0.5), (agreement.Labels, agreement.Raters, agreement.SelfShare, agreement.OthersShare));
        Assert.Equal(1, agreement.Self);
        Assert.Contains("alpha", agreement.ToText(), StringComparison.Ordinal);
        Assert.Equal("0 prompts judged by 0 raters.", LabelAgreement.Measure([]).ToText());
    }

    static PreferenceGroup Item(params string[] answers) => new(
        Conversation.From(Message.User("Hi?")), [.. answers.Select(answer => new PreferenceAnswer([Message.Assistant(answer)]))], []);
}
