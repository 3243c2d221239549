using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Corpus.Conversations;
using Noos.Corpus.Preferences;
using Noos.Courses.Talk;
using Noos.Factory.Collection;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Teaching;
using Noos.Testing;

namespace Noos.Factory.Tests.Collection;

/// <summary>What people taught, from a real journal and real label files to what a training reads.</summary>
public sealed class CollectorTests : IDisposable
{
    static readonly DateTimeOffset s_monday = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    readonly TemporaryFolder _home = new();
    readonly TemporaryFolder _out = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _home.Dispose();
        _out.Dispose();
    }

    [Fact]
    public async Task Journal_gives_what_those_taught_who_agreed_without_words_of_others_and_personal_data()
    {
        const string Page = "The best shop of all is at shop.example and nowhere else.";
        var look = new ScriptedTool("look", (_, _) => ValueTask.FromResult(ToolResult.Text(Page, Origin.Web)));
        await using (var journal = Journal.Open(_home.Path))
        await using (var table = new ProcessTable(
            journal, new ScriptedCpu(
                [new TextDelta("Nice to meet you, Grace.")], [ScriptedCpu.Call("c1", "look", "{}")],
                [new TextDelta("The best shop of all is at shop.example.")], [new TextDelta("Five.")]),
            new ToolGate(new ToolLimits()), [look]))
        {
            var store = new TeachingStore(table);
            store.SetConsent("grace", true);
            var greeting = await AskAsync(table, "grace", "My name is Grace, mail me at g@navy.example.");
            await table.GiveFeedbackAsync(greeting.Process, new FeedbackGiven(greeting.Answer, FeedbackVerdict.Good), Token);
            var shop = await AskAsync(table, "grace", "Which shop?");
            await table.GiveFeedbackAsync(shop.Process, new FeedbackGiven(shop.Answer, FeedbackVerdict.Good), Token);
            var sum = await AskAsync(table, "grace", "Two and two?");
            await table.GiveFeedbackAsync(sum.Process, new FeedbackGiven(sum.Answer, Ideal: "Four."), Token);
            var other = await AskAsync(table, "mallory", "Two and two?");
            await table.GiveFeedbackAsync(other.Process, new FeedbackGiven(other.Answer, FeedbackVerdict.Good), Token);
        }

        var report = new Collector(new CollectionOptions { NewPasses = 1 }, []).Run(
            new TaughtSources { Home = _home.Path }, _out.Path, Token);

        var learned = ConversationFile.Read(CollectedFiles.DemonstrationsPath(_out.Path)).ToArray();
        Assert.Equal(["Nice to meet you, Alex.", "Four."], learned.Select(one => one.Messages[^1].Text()));
        Assert.Equal("My name is Alex, mail me at name@example.com.", learned[0].Messages[0].Text());
        var group = Assert.Single(PreferenceFile.Read(CollectedFiles.PreferencesPath(_out.Path)));
        Assert.Equal(["Four.", "Five."], group.Answers.Select(answer => answer.Text));
        Assert.Equal(new Preference(0, 1, 3), Assert.Single(group.Pairs));
        var source = Assert.Single(report.Sources);
        Assert.Equal((5, 3), (source.Taught, source.Learned));
        Assert.Equal(
            new Dictionary<DropReason, int> { [DropReason.NoConsent] = 1, [DropReason.Untrusted] = 1 }, source.Dropped);
        Assert.Equal(1, report.Removed["mail address"]);
        Assert.Equal(report.ToMarkdown(), CollectionReport.Read(_out.Path)!.ToMarkdown());
    }

    [Fact]
    public void Rater_who_fails_known_items_or_contradicts_themselves_counts_nothing()
    {
        List<Label> labels = [];
        for (var item = 0; item < 10; item++)
        {
            var known = Item($"known {item}", (0.9, 0.1));
            var open = Item($"open {item}", null);
            labels.Add(Label.Create(known, [1, 2], "good", s_monday));
            labels.Add(Label.Create(known, item < 4 ? [1, 2] : [2, 1], "careless", s_monday));
            foreach (var rater in (string[])["good", "careless", "fickle"])
            {
                labels.Add(Label.Create(open, [1, 2], rater, s_monday));
            }

            labels.Add(Label.Create(open, [1, 2], "good", s_monday, isRepeat: true));
            labels.Add(Label.Create(open, item % 2 == 0 ? [2, 1] : [1, 2], "fickle", s_monday, isRepeat: true));
        }

        labels.Add(Label.Create(Item("written", null), [], "careless", s_monday, edit: "buy my wares"));
        LabelFile.Write(_out.File("labels.jsonl"), labels);

        var report = new Collector(new CollectionOptions(), []).Run(
            new TaughtSources { Labels = [_out.File("labels.jsonl")] }, _out.File("collected"), Token);

        Assert.Equal(["careless", "fickle"], report.Unreliable);
        Assert.Equal((0, 10), (report.Demonstrations, report.Pairs));
        var source = Assert.Single(report.Sources);
        Assert.Equal(20, source.Dropped[DropReason.Known]);
        Assert.Equal(22, source.Dropped[DropReason.Unreliable]);
        Assert.Contains("careless (known 4 of 10", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("alpha", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_gives_more_than_their_share_of_a_week_and_nothing_counts_twice()
    {
        var labels = Enumerable.Range(0, 30).SelectMany(number => new[]
        {
            Label.Create(Item($"one {number}", null), [1, 2], "busy", s_monday),
            Label.Create(Item($"two {number}", null), [1, 2], "busy", s_monday.AddDays(-7)),
            Label.Create(Item($"one {number}", null), [1, 2], "owner", s_monday),
            Label.Create(Item($"one {number}", null), number == 0 ? [2, 1] : [1, 2], "owner", s_monday.AddMinutes(1)),
        }).ToArray();
        LabelFile.Write(_out.File("labels.jsonl"), labels);
        var options = new CollectionOptions { MaxRowsPerWeek = 12, Uncapped = ["owner"] };
        var sources = new TaughtSources { Labels = [_out.File("labels.jsonl")] };

        var report = new Collector(options, []).Run(sources, _out.File("one"), Token);

        Assert.Equal(12 + 12 + 30, report.Preferences);
        var source = Assert.Single(report.Sources);
        Assert.Equal((18 + 18, 30), (source.Dropped[DropReason.OverLimit], source.Dropped[DropReason.Duplicate]));

        // The later judgement of the same answers counts.
        Assert.Contains(
            PreferenceFile.Read(CollectedFiles.PreferencesPath(_out.File("one"))), group => group.Pairs.Contains(new Preference(1, 0, 3)));

        // The order of the lines changes nothing.
        LabelFile.Write(_out.File("labels.jsonl"), labels.Reverse());
        new Collector(options, []).Run(sources, _out.File("two"), Token);
        Assert.Equal(
            File.ReadAllBytes(CollectedFiles.PreferencesPath(_out.File("one"))),
            File.ReadAllBytes(CollectedFiles.PreferencesPath(_out.File("two"))));
    }

    [Fact]
    public void Examinations_words_of_others_and_near_duplicates_of_imports_are_dropped_and_what_is_new_comes_more_often()
    {
        var course = new TalkCourse();
        var asked = course.Examination()[0].Prompt.Messages[^1].Text();
        const string Story = "Once there was a fox who lived by the old mill and every day he walked to the river to look for fish.";
        var web = new Message(Role.Tool, [new ToolResultPart("search", [new TextPart("Buy now.") { Origin = Origin.Web }])]);
        ConversationFile.Write(_out.File("shown.jsonl"),
        [
            Answered(Story, "A fox by the mill."),
            Answered(Story + " Yes.", "A fox by the mill."),
            Answered(asked, "An answer."),
            new Conversation(
            [
                Message.User("What does the page say?"),
                Message.Assistant(new ToolCallPart("search", System.Text.Json.JsonElement.Parse("{}"))), web, Message.Assistant("Buy!"),
            ]),
        ]);
        LabelFile.Write(_out.File("labels.jsonl"),
        [
            Label.Create(Item("old", null), [], "ada", s_monday.AddDays(-30), edit: "an old and better answer to it"),
            Label.Create(Item("new", null), [], "ada", s_monday.AddDays(-3), edit: "quite a new answer"),
            Label.Create(Item("tomorrow", null), [], "ada", s_monday.AddDays(1), edit: "not yet there"),
        ]);

        var report = new Collector(new CollectionOptions { Until = s_monday, NewPasses = 3 }, [course]).Run(
            new TaughtSources { Labels = [_out.File("labels.jsonl")], Demonstrations = [_out.File("shown.jsonl")] }, _out.File("c"), Token);

        Assert.Equal(
            ["A fox by the mill.", "an old and better answer to it", "quite a new answer", "quite a new answer", "quite a new answer"],
            ConversationFile.Read(CollectedFiles.DemonstrationsPath(_out.File("c"))).Select(one => one.Messages[^1].Text()));
        var import = report.Sources.Single(source => source.Source == "shown.jsonl");
        Assert.Equal(
            [DropReason.Untrusted, DropReason.Examination, DropReason.Duplicate], import.Dropped.Keys.Order());
        Assert.Equal(3, report.Demonstrations);
        Assert.Throws<NoosException>(() => new Collector(new CollectionOptions { MaxSimilarity = 0 }, []).Run(
            new TaughtSources(), _out.File("d"), Token));
    }

    static Conversation Answered(string question, string answer) => Conversation.From(Message.User(question), Message.Assistant(answer));

    static PreferenceGroup Item(string question, (double First, double Second)? truth) => new(
        Conversation.From(Message.User($"The question {question}?")),
        [
            new PreferenceAnswer([Message.Assistant($"left {question}")]) { TrueScore = truth?.First },
            new PreferenceAnswer([Message.Assistant($"right {question}")]) { TrueScore = truth?.Second },
        ],
        []);

    static async Task<(long Process, long Answer)> AskAsync(ProcessTable table, string owner, string text)
    {
        var process = await table.SpawnAsync(owner, ProcessKind.Conversation, new ProcessProgram(), null, Token);
        await table.SayAsync(process.Id, Message.User(text), Token);
        await table.WaitAsync(process.Id, Token);
        return (process.Id, table.Turns(process.Id).Last(entry => entry.Event is RunEnded).Id);
    }
}
