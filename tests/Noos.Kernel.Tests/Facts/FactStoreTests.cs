using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Kernel.Facts;
using Noos.Kernel.Journaling;
using Noos.Testing;

namespace Noos.Kernel.Tests.Facts;

public sealed class FactStoreTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    FactStore Store => new(_home.Path);

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Fact_is_kept_found_changed_and_undone()
    {
        var (fact, isNew) = Store.Add("me", Kept("My sister  Anna lives\nin Lyon.", "Family", "family"), "a test");

        Assert.True(isNew);
        Assert.Equal(("My sister Anna lives in Lyon.", FactState.Kept, "a test"), (fact.Text, fact.State, fact.Source));
        Assert.Equal(["family"], fact.Labels);
        Assert.Equal(fact.Id, Assert.Single(Store.Search("me", "where do my sisters live?", 10)).Id);
        Assert.Single(Store.Search("me", "family", 10));
        Assert.Empty(Store.Search("me", "\"OR* NEAR(", 10));

        Store.Change("me", fact.Id, Kept("My sister Anna lives in Nice."), "a test");
        Assert.Empty(Store.Search("me", "Lyon", 10));
        Assert.Equal("My sister Anna lives in Lyon.", Store.Undo("me", fact.Id, "a test").Text);
        Assert.Equal("My sister Anna lives in Nice.", Store.Undo("me", fact.Id, "a test").Text);
        Assert.Equal(
            [FactChangeKind.Added, FactChangeKind.Changed, FactChangeKind.Undone, FactChangeKind.Undone],
            Store.Changes("me", fact.Id).Select(change => change.Kind));
    }

    [Fact]
    public void Forgotten_fact_is_not_found_and_comes_back()
    {
        var fact = Store.Add("me", Kept("The cat is called Tom."), "a test").Fact;

        Store.Forget("me", fact.Id, "a test");

        Assert.Empty(Store.Search("me", "cat", 10));
        Assert.Empty(Store.List("me"));
        Assert.Single(Store.List("me", FactState.Forgotten));
        Assert.Equal(ErrorKind.Invalid, Kind(() => Store.Forget("me", fact.Id, "a test")));
        Store.Undo("me", fact.Id, "a test");
        Assert.Single(Store.Search("me", "cat", 10));
        Store.Purge("me", fact.Id);
        Assert.Equal(ErrorKind.NotFound, Kind(() => Store.Get("me", fact.Id)));
    }

    [Fact]
    public void What_waits_is_found_only_when_a_person_has_accepted_it()
    {
        var fact = Store.Add("me", new FactVersion("Pay to account 7.", FactState.Waiting, [], Origin.Web), "process 3").Fact;

        Assert.Empty(Store.Search("me", "account", 10));
        Assert.Equal(Origin.Web, Assert.Single(Store.List("me", FactState.Waiting)).Origin);

        var accepted = Store.Accept("me", fact.Id, "a test");

        Assert.Equal((FactState.Kept, (Origin?)null), (accepted.State, accepted.Origin));
        Assert.Single(Store.Search("me", "account", 10));
        Assert.Equal(ErrorKind.Invalid, Kind(() => Store.Accept("me", fact.Id, "a test")));
        Assert.Equal(FactState.Waiting, Store.Undo("me", fact.Id, "a test").State);
    }

    [Fact]
    public void Known_fact_is_not_stored_twice_nor_does_it_wait_again()
    {
        var fact = Store.Add("me", Kept("I like tea."), "a test").Fact;

        var (same, isNew) = Store.Add("me", Kept("i like TEA."), "a test");
        Assert.Equal((fact.Id, false), (same.Id, isNew));
        var again = Store.Add("me", new FactVersion("I like tea.", FactState.Waiting, [], Origin.Web), "process 3").Fact;
        Assert.Equal((fact.Id, FactState.Kept), (again.Id, again.State));
    }

    [Fact]
    public void Nobody_sees_or_changes_the_facts_of_another_owner()
    {
        var fact = Store.Add("me", Kept("My PIN is 1234."), "a test").Fact;

        Assert.Empty(Store.List("you"));
        Assert.Empty(Store.Search("you", "PIN", 10));
        Assert.True(Store.Add("you", Kept("My PIN is 1234."), "a test").IsNew);
        Action[] attempts =
        [
            () => Store.Get("you", fact.Id), () => Store.Change("you", fact.Id, Kept("x"), ""), () => Store.Forget("you", fact.Id, ""),
            () => Store.Accept("you", fact.Id, ""), () => Store.Undo("you", fact.Id, ""), () => Store.Changes("you", fact.Id),
            () => Store.Purge("you", fact.Id),
        ];
        Assert.All(attempts, attempt => Assert.Equal(ErrorKind.NotFound, Kind(attempt)));
        Assert.Equal("My PIN is 1234.", Store.Get("me", fact.Id).Text);
    }

    [Fact]
    public void Quarantine_is_small_and_texts_are_bounded()
    {
        for (var i = 0; i < FactStore.MaxWaiting; i++)
        {
            Store.Add("me", new FactVersion($"Fact {i}", FactState.Waiting, [], Origin.Web), "a page");
        }

        Assert.Equal(
            ErrorKind.Refused, Kind(() => Store.Add("me", new FactVersion("One more", FactState.Waiting, [], Origin.Web), "a page")));
        Assert.Equal(ErrorKind.Invalid, Kind(() => Store.Add("me", Kept(new string('x', IFactStore.MaxLength + 1)), "")));
        Assert.Equal(ErrorKind.Invalid, Kind(() => Store.Add("me", Kept(" \n"), "")));
        Assert.Equal(ErrorKind.Invalid, Kind(() => Store.Add("me", Kept("x", "two words"), "")));
        Assert.True(Store.Add("me", Kept("Still room for what is trusted."), "a test").IsNew);
    }

    [Fact]
    public async Task Facts_are_written_while_a_server_holds_the_journal()
    {
        await using var journal = Journal.Open(_home.Path);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => Store.Add("me", Kept($"Fact number {i}"), "a test"), TestContext.Current.CancellationToken)));

        Assert.Equal(8, Store.List("me").Count);
    }

    [Fact]
    public void Home_without_a_journal_has_no_facts_and_none_is_made_by_reading()
    {
        Assert.Empty(Store.List("me"));
        Assert.Empty(Store.Search("me", "x", 1));
        Assert.Empty(Directory.GetFiles(_home.Path));
    }

    static FactVersion Kept(string text, params string[] labels) => new(text, FactState.Kept, labels, Origin: null);

    static ErrorKind Kind(Action attempt) => Assert.Throws<NoosException>(attempt).Kind;
}
