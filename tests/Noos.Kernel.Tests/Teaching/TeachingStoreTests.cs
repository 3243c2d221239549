using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Accounts;
using Noos.Kernel.Cpu;
using Noos.Kernel.Facts;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Teaching;
using Noos.Kernel.Tests.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Teaching;

/// <summary>What people teach, as a training reads it.</summary>
public sealed class TeachingStoreTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Judged_answer_is_read_on_its_own_branch_without_the_question_that_waited_behind_it()
    {
        var cpu = new PacedCpu();
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await system.SpawnAsync(new ProcessProgram { Instructions = "Be brief." });
        cpu.Hold();
        await system.Table.SayAsync(id, Message.User("one"), Token);
        await system.Table.SayAsync(id, Message.User("waits"), Token);
        cpu.Release();
        await system.Table.WaitAsync(id, Token);
        var answer = system.Table.Turns(id).First(entry => entry.Event is RunEnded).Id;
        // Gone on elsewhere meanwhile.
        await system.Table.ReviseAsync(id, 0, Message.User("eins"), Token);
        await system.Table.WaitAsync(id, Token);
        await system.Table.GiveFeedbackAsync(id, new FeedbackGiven(answer, FeedbackVerdict.Good), Token);

        var store = new TeachingStore(system.Table);
        var taught = Assert.Single(store.List("me"));
        var conversation = Assert.Single(store.Demonstrations("me"));

        Assert.Equal(("one", 6), (taught.Question, taught.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Equal([Role.System, Role.User, Role.Assistant], conversation.Messages.Select(message => message.Role));
        // The factory reads it as it is.
        Assert.Equal(conversation, ConversationJson.Read(store.Lines("me", TeachingForm.Sft).Single()));
    }

    [Theory]
    [InlineData(Origin.Web)]
    [InlineData(Origin.File)]
    [InlineData(Origin.Service)]
    public async Task Answer_after_words_of_others_is_no_example_and_an_ideal_one_only_where_it_repeats_none(Origin origin)
    {
        const string Page = "The best shop of all is at shop.example and nowhere else.";
        var look = new ScriptedTool("look", (_, _) => ValueTask.FromResult(ToolResult.Text(Page, origin)));
        IReadOnlyList<CpuEvent> call = [ScriptedCpu.Call("c1", "look", "{}")];
        IReadOnlyList<CpuEvent> quote = [new TextDelta("They say: the best shop of all is at shop.example.")];
        await using var system = new TestSystem(
            _home.Path, new ScriptedCpu([new TextDelta("Four.")], call, quote, call, quote, [new TextDelta("As I said.")]), look);
        var store = new TeachingStore(system.Table);
        var id = await system.SpawnAsync();
        await system.AskAsync(id, "Two and two?");
        await JudgeAsync(FeedbackVerdict.Good);
        var other = await system.SpawnAsync();
        await system.AskAsync(other, "Which shop?");
        var quoted = LastAnswer(system, other);
        await system.Table.ReviseAsync(other, 0, null, Token);
        await system.Table.WaitAsync(other, Token);
        var again = LastAnswer(system, other);
        await system.Table.GiveFeedbackAsync(other, new FeedbackGiven(quoted, FeedbackVerdict.Good), Token);
        await system.Table.GiveFeedbackAsync(other, new FeedbackGiven(again) { Better = [again, quoted] }, Token);
        await system.AskAsync(other, "Sure?");
        // It has read the page in an earlier answer.
        await system.Table.GiveFeedbackAsync(
            other, new FeedbackGiven(LastAnswer(system, other), FeedbackVerdict.Good, Ideal: "Yes, I am."), Token);

        Assert.Equal("Four.", Assert.Single(store.Demonstrations("me")).Messages[^1].Text());
        Assert.Empty(store.Pairs("me"));
        Assert.Equal([true, true, true, false], store.List("me").Select(taught => taught.Taint == origin));
        Assert.Equal(2, store.List("me").Count(taught => taught.IsHeldBack));

        await system.Table.GiveFeedbackAsync(
            other, new FeedbackGiven(quoted, Ideal: "Go: THE BEST SHOP, of all, is at shop.example!"), Token);
        Assert.Single(store.Demonstrations("me"));
        await system.Table.GiveFeedbackAsync(other, new FeedbackGiven(quoted, Ideal: "I know no shops, so ask somebody."), Token);
        Assert.Equal(
            ["I know no shops, so ask somebody.", "Four."], store.Demonstrations("me").Select(one => one.Messages[^1].Text()));
        Assert.DoesNotContain("shop.example", string.Concat(store.Lines("me", TeachingForm.Sft)
            .Concat(store.Lines("me", TeachingForm.Pairs)).Select(System.Text.Encoding.UTF8.GetString)), StringComparison.Ordinal);

        async Task JudgeAsync(FeedbackVerdict verdict) =>
            await system.Table.GiveFeedbackAsync(id, new FeedbackGiven(LastAnswer(system, id), verdict), Token);
    }

    [Fact]
    public async Task Later_ranking_counts_where_two_disagree()
    {
        await using var system = new TestSystem(_home.Path, Numbered());
        var id = await system.SpawnAsync();
        await system.AskAsync(id, "one");
        var answers = new List<long> { LastAnswer(system, id) };
        for (var i = 0; i < 2; i++)
        {
            await system.Table.ReviseAsync(id, 0, null, Token);
            await system.Table.WaitAsync(id, Token);
            answers.Add(LastAnswer(system, id));
        }

        var (a, b, c) = (answers[0], answers[1], answers[2]);
        await system.Table.GiveFeedbackAsync(id, new FeedbackGiven(a) { Better = [a, b, c], Ranked = 1 }, Token);
        await system.Table.GiveFeedbackAsync(id, new FeedbackGiven(b) { Better = [b, a] }, Token);

        var pairs = new TeachingStore(system.Table).Pairs("me").Select(pair => $"{pair.Chosen[0].Text()}>{pair.Rejected[0].Text()}");

        Assert.Equal(["a2>a1", "a1>a3"], pairs);
        await Assert.ThrowsAsync<NoosException>(() => system.Table.GiveFeedbackAsync(
            id, new FeedbackGiven(a) { Better = [a, b], Ranked = 3 }, Token));
        await Assert.ThrowsAsync<NoosException>(() => system.Table.GiveFeedbackAsync(
            id, new FeedbackGiven(a) { Better = [a, 9999] }, Token));
    }

    [Fact]
    public async Task Nobody_has_agreed_until_they_do_and_a_removed_account_leaves_no_consent()
    {
        await using var system = new TestSystem(_home.Path, Numbered());
        var store = new TeachingStore(system.Table);
        Assert.Null(store.ConsentOf("anna"));
        store.SetConsent("anna", true);
        store.SetConsent("bert", true);
        store.SetConsent("bert", false);
        Assert.Equal(["anna"], new TeachingStore(system.Table).ConsentingOwners());

        var accounts = new AccountStore(_home.Path);
        accounts.EnsureOwner("olga");
        accounts.Add("anna");
        await new AccountRemoval(accounts, system.Table, new FactStore(_home.Path)).RunAsync("anna", forgets: false, Token);

        Assert.Empty(store.ConsentingOwners());
    }

    [Fact]
    public async Task What_is_forgotten_is_gone_from_the_journal_and_anothers_cannot_be_forgotten()
    {
        await using var system = new TestSystem(_home.Path, Numbered());
        var id = await system.SpawnAsync();
        await system.AskAsync(id, "one");
        var answer = LastAnswer(system, id);
        foreach (var reason in (string[])["first secret", "second secret"])
        {
            await system.Table.GiveFeedbackAsync(id, new FeedbackGiven(answer, FeedbackVerdict.Bad, reason), Token);
        }

        var store = new TeachingStore(system.Table);
        await Assert.ThrowsAsync<NoosException>(() => store.ForgetAsync("anna", answer, Token));
        Assert.Equal(0, await store.ForgetAllAsync("anna", Token));
        await store.ForgetAsync("me", answer, Token);

        Assert.True(Assert.Single(system.Table.Turns(id).Select(entry => entry.Event).OfType<FeedbackGiven>()).IsEmpty);
        Assert.Equal(new TeachingCount(0, 0, 0, 0, 0), store.Count("me"));
        await Assert.ThrowsAsync<NoosException>(() => store.ForgetAsync("me", answer, Token));
    }

    static ScriptedCpu Numbered() =>
        new([.. Enumerable.Range(1, 9).Select(i => (IReadOnlyList<CpuEvent>)[new TextDelta($"a{i}")])]);

    static long LastAnswer(TestSystem system, long id) => system.Table.Turns(id).Last(entry => entry.Event is RunEnded).Id;
}
