using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Noos.Core.Conversations;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Hosting;
using Noos.Pages.Sidebar;
using Noos.Testing;

namespace Noos.Pages.Tests.Sidebar;

/// <summary>What the list of conversations costs a server with many open tabs.</summary>
public sealed class ConversationListTests : IAsyncDisposable
{
    readonly TemporaryFolder _home = new();
    readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    readonly PacedCpu _cpu = new(1000);
    readonly Journal _journal;
    readonly ProcessTable _table;
    readonly ConversationList _list;

    public ConversationListTests()
    {
        _journal = Journal.Open(_home.Path, _time);
        _table = new ProcessTable(_journal, _cpu, new ToolGate(new ToolLimits()), [], _time);
        _list = new ConversationList(new PageProcesses(_table), new ConversationMarks(home: null), _time);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _list.Dispose();
        _cpu.Release();
        await _table.DisposeAsync();
        await _journal.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task List_is_read_once_a_second_for_all_tabs_and_told_only_when_it_is_another()
    {
        var ids = await SpawnAsync(20);
        var told = new int[200];
        IDisposable[] tabs = [.. Enumerable.Range(0, told.Length).Select(tab => _list.Watch("user", () => told[tab]++))];
        Array.ForEach(tabs, _ => _list.Read("user"));
        Assert.Equal(1, _list.Reads);

        Pass(3);
        Assert.Equal((4, 0), (_list.Reads, told.Max()));

        // Of an answer that is written the list says that it is; not every piece of it.
        _cpu.Hold();
        await _table.SayAsync(ids[0], Message.User("Count"), Token);
        Pass(1);
        Assert.True(_list.Read("user").Single(one => one.Id == ids[0]).IsBusy);
        await WriteAsync(ids);
        Pass(5);
        Assert.Equal((10, 1, 1), (_list.Reads, told.Min(), told.Max()));

        // Another's tab hears nothing of it.
        var others = 0;
        using (_list.Watch("anna", () => others++))
        {
            Assert.Empty(_list.Read("anna"));
            await _table.RenameAsync(ids[3], "Another name", Token);
            Pass(1);
        }

        Assert.Equal((2, 0), (told.Max(), others));
        Array.ForEach(tabs, tab => tab.Dispose());
        var reads = _list.Reads;
        Pass(10);
        Assert.Equal(reads, _list.Reads);
    }

    [Fact]
    public async Task Conversations_that_are_answered_at_the_same_time_keep_their_places()
    {
        var ids = await SpawnAsync(4);
        using var tab = _list.Watch("user", () => { });
        _cpu.Hold();
        foreach (var id in (long[])[ids[2], ids[0]])
        {
            await _table.SayAsync(id, Message.User("Count"), Token);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        long[] order = [ids[0], ids[2], ids[3], ids[1]];
        Assert.Equal(order, _list.Read("user").Select(one => one.Id));
        for (var piece = 0; piece < 3; piece++)
        {
            await WriteAsync(ids);
            Pass(1);
            Assert.Equal(order, _list.Read("user").Select(one => one.Id));
        }
    }

    [Fact]
    public async Task Change_of_one_conversation_draws_one_row_in_each_tab()
    {
        var ids = await SpawnAsync(120);
        await using var services = CountingRenderer.Services()
            .AddSingleton(_list)
            .AddSingleton(new PageProcesses(_table))
            .AddScoped<PageVisitor>()
            .BuildServiceProvider();
        await using var tab = new CountingRenderer(services);
        await tab.DrawAsync<SidebarPane>();
        await tab.SettleAsync();
        // A row is a component, and most of the list is drawn when somebody asks for it.
        Assert.InRange(tab.Components, 50, 100);
        tab.Reset();

        _cpu.Hold();
        await _table.SayAsync(ids[^1], Message.User("Count"), Token);
        Pass(1);
        await tab.SettleAsync();

        Assert.Equal(2, tab.Components);
        Assert.InRange(tab.Edits, 1, 15);
        Assert.InRange(tab.Characters, 1, 200);
        tab.Reset();

        await WriteAsync(ids);
        Pass(5);
        await tab.SettleAsync();
        Assert.Equal((0, 0), (tab.Components, tab.Edits));
    }

    void Pass(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    async Task<List<long>> SpawnAsync(int count)
    {
        var ids = new List<long>();
        for (var i = 0; i < count; i++)
        {
            var start = new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram())
            {
                Title = string.Create(CultureInfo.InvariantCulture, $"Conversation {i}"),
            };
            ids.Add((await _table.SpawnAsync(start, Token)).Id);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return ids;
    }

    /// <summary>Lets the answers under way go on a little, and waits until a piece of one of them is in the journal.</summary>
    async Task WriteAsync(IReadOnlyList<long> ids)
    {
        int Count() => ids.Sum(id => _journal.Reader.LastEvents(id, 50).Count(entry => entry.Event is Wrote));
        var before = Count();
        _cpu.Let(3);
        while (Count() == before)
        {
            await Task.Delay(5, Token);
        }
    }
}
