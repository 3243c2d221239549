using Noos.Core;
using Noos.Core.Conversations;
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
