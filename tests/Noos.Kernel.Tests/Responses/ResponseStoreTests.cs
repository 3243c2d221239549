using Microsoft.Extensions.Time.Testing;
using Noos.Core.Conversations;
using Noos.Kernel.Accounts;
using Noos.Kernel.Journaling;
using Noos.Kernel.Responses;
using Noos.Testing;

namespace Noos.Kernel.Tests.Responses;

/// <summary>Responses that are continued by their ids, on the disk and in memory.</summary>
public sealed class ResponseStoreTests : IDisposable
{
    readonly TemporaryFolder _home = new();
    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 20, 0, 0, TimeSpan.Zero));

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Conversation_is_read_from_its_beginning(bool isOnDisk)
    {
        using var store = Open(isOnDisk);
        Message[] first = [Message.User("hi"), Message.Assistant("Hello.")];
        Message[] second = [.. first, Message.User("and?"), Message.Assistant("Well")];
        // The last message of the second goes on in the third, so only three are shared.
        Message[] third = [.. second[..3], Message.Assistant("Well, \u00f6.")];
        store.Add(Response("a", first));
        store.Add(Response("b", second, "a", 2));
        store.Add(Response("c", third, "b", 3));

        Assert.Equal(("body c", "input c"), store.Find("me", "c"));
        Assert.Equal(Texts(third), Texts(store.FindMessages("me", "c")));
        Assert.Equal(Texts(second), Texts(store.FindMessages("me", "b")));
        Assert.Null(store.Find("you", "c"));
        Assert.Null(store.FindMessages("you", "c"));
        Assert.False(store.Remove("you", "c"));
        Assert.Null(store.Find("me", "d"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Response_that_is_deleted_is_not_found_but_what_continues_it_still_has_its_words(bool isOnDisk)
    {
        using var store = Open(isOnDisk);
        Message[] first = [Message.User("hi"), Message.Assistant("Hello.")];
        Message[] second = [.. first, Message.User("and?"), Message.Assistant("Well.")];
        store.Add(Response("a", first));
        store.Add(Response("b", second, "a", 2));

        Assert.True(store.Remove("me", "a"));
        Assert.False(store.Remove("me", "a"));
        // Begun before the one that it continues was deleted.
        store.Add(Response("c", [.. first, Message.User("or?")], "a", 2));

        Assert.Null(store.Find("me", "a"));
        Assert.Null(store.FindMessages("me", "a"));
        Assert.Equal(Texts(second), Texts(store.FindMessages("me", "b")));
        Assert.True(store.Remove("me", "b"));
        Assert.True(store.Remove("me", "c"));
        // With the last of them all is gone: what is continued now is there only once.
        store.Add(Response("d", second, "a", 2));
        Assert.Equal(Texts(second), Texts(store.FindMessages("me", "d")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Oldest_go_where_there_are_too_many_of_one_owner(bool isOnDisk)
    {
        using var store = Open(isOnDisk, new ResponseLimits { MaxCount = 3 });
        store.Add(Response("other", [Message.User("hi")]) with { Owner = "you" });
        Message[] all = [];
        for (var i = 0; i < 6; i++)
        {
            Message[] next = [.. all, Message.User($"{i}")];
            store.Add(Response($"{i}", next, i == 0 ? null : $"{i - 1}", all.Length));
            all = next;
        }

        Assert.Equal(
            [false, false, false, true, true, true], Enumerable.Range(0, 6).Select(i => store.Find("me", $"{i}") is not null));
        Assert.Equal(["0", "1", "2", "3", "4", "5"], Texts(store.FindMessages("me", "5")));
        Assert.NotNull(store.Find("you", "other"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Old_ones_go_and_those_that_take_too_much(bool isOnDisk)
    {
        using var store = Open(isOnDisk, new ResponseLimits { MaxAge = TimeSpan.FromDays(2), MaxBytes = 20_000 });
        store.Add(Response("old", [Message.User("hi")]));
        _time.Advance(TimeSpan.FromDays(1));
        store.Add(Response("young", [Message.User("hi")]));
        _time.Advance(TimeSpan.FromDays(1.5));

        Assert.Null(store.Find("me", "old"));
        Assert.NotNull(store.FindMessages("me", "young"));
        store.Add(Response("long", [Message.User(new string('x', 19_000))]));
        Assert.Null(store.Find("me", "young"));
        Assert.NotNull(store.Find("me", "long"));
        store.Add(Response("longer", [Message.User(new string('x', 30_000))]));
        Assert.Null(store.Find("me", "longer"));
    }

    [Fact]
    public void None_are_kept_where_the_limit_is_nothing()
    {
        using var store = Open(isOnDisk: true, new ResponseLimits { MaxBytes = 0 });

        store.Add(Response("a", [Message.User("hi")]));

        Assert.Null(store.Find("me", "a"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_home.Path));
    }

    [Fact]
    public async Task Responses_are_there_after_a_restart_beside_an_open_journal_and_go_with_their_account()
    {
        var accounts = new AccountStore(_home.Path, _time);
        accounts.EnsureOwner("olga");
        accounts.Add("me");
        await using var journal = Journal.Open(_home.Path, _time);
        using (var store = Open(isOnDisk: true))
        {
            store.Add(Response("a", [Message.User("hi")]));
            store.Add(Response("b", [Message.User("hi"), Message.User("you")], "a", 1));
        }

        using var again = Open(isOnDisk: true);
        Assert.Equal(["hi", "you"], Texts(again.FindMessages("me", "b")));
        accounts.Remove("me");
        Assert.Null(again.Find("me", "b"));
        Assert.Empty(journal.Reader.Check());
    }

    static IEnumerable<string> Texts(IReadOnlyList<Message>? messages) => messages!.Select(message => message.Text());

    ResponseStore Open(bool isOnDisk, ResponseLimits? limits = null) => new(isOnDisk ? _home.Path : null, limits, _time);

    static StoredResponse Response(string id, Message[] messages, string? previous = null, int shared = 0) =>
        new(id, "me", $"body {id}", $"input {id}") { Messages = messages, Previous = previous, SharedMessages = shared };
}
