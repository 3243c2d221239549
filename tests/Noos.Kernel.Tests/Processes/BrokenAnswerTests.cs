using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

/// <summary>What a person has read stays, whatever breaks the answer off.</summary>
public sealed class BrokenAnswerTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Text_stays_where_the_model_breaks_in_the_middle_and_the_reason_is_told()
    {
        var cpu = new ScriptedCpu([new TextDelta("Once upon") { TokenIds = [1, 2] }])
        {
            Failure = new NoosException(ErrorKind.Unavailable, "The model has gone away."),
        };
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await system.SpawnAsync();

        var process = await system.AskAsync(id, "A story.");

        Assert.Equal(["User: A story.", "Assistant: Once upon"], system.Said(id));
        Assert.Equal((ProcessState.WaitingForPerson, 2), (process.State, process.Usage.TokensOut));
        Assert.Equal("The model has gone away.", system.Journal.Reader.Events(id)
            .Select(entry => entry.Event)
            .OfType<AnswerStopped>()
            .Single().Reason);
        Assert.True(system.Table.ReadHistory(id).CanContinue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Text_of_a_run_that_a_kill_cut_short_stays_where_it_is_stopped_without_a_server(bool isKilled)
    {
        var cpu = new PacedCpu(4000);
        cpu.Hold();
        long id;
        await using (var system = new TestSystem(_home.Path, cpu))
        {
            id = await system.SpawnAsync();
            await system.Table.SayAsync(id, Message.User("Count."), Token);
            cpu.Let(5);
            await system.HasWritten(id, 5);
        }

        await using var unstarted = new TestSystem(_home.Path, cpu: null);
        await (isKilled ? unstarted.Table.KillAsync(id) : unstarted.Table.StopAsync(id));

        var stopped = unstarted.Journal.Reader.Events(id).Select(entry => entry.Event).OfType<AnswerStopped>().Single();
        Assert.Equal(5, stopped.TokenIds.Count);
        Assert.False(string.IsNullOrWhiteSpace(((TextPart)Assert.Single(stopped.Message.Parts)).Text));
        Assert.Equal(2, unstarted.Said(id).Count());
        Assert.Equal(0, unstarted.Table.Get(id).Usage.Milliseconds);
    }

    [Fact]
    public async Task Call_whose_id_the_model_has_used_before_gets_one_of_its_own_so_that_no_permission_is_taken_for_another()
    {
        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("same", "double", """{"n":1}""")],
            [ScriptedCpu.Call("same", "double", """{"n":2}""")],
            [new TextDelta("ok")]);
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await system.SpawnAsync();

        await system.AskAsync(id, "Twice.");

        var calls = system.Table.ReadHistory(id).Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().ToArray();
        Assert.Equal(2, calls.Select(call => call.CallId).Distinct().Count());
        Assert.Equal("same", calls[0].CallId);
    }

    [Fact]
    public async Task Journal_of_another_version_is_refused_also_for_reading()
    {
        await using (var system = new TestSystem(_home.Path, cpu: null))
        {
            await system.SpawnAsync();
        }

        var path = System.IO.Path.Combine(_home.Path, Journal.FileName);
        SetVersion(path, 999);
        Assert.Contains("newer Noos", Assert.Throws<NoosException>(() => JournalReader.Open(path)).Message, StringComparison.Ordinal);
        SetVersion(path, 1);
        Assert.Contains("older Noos", Assert.Throws<NoosException>(() => JournalReader.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_for_a_zero_finds_nothing_and_breaks_nothing()
    {
        await using var system = new TestSystem(_home.Path, cpu: null);
        Assert.Empty(system.Journal.Reader.Search("\0"));
    }

    static void SetVersion(string path, int version)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA user_version = {version}";
        command.ExecuteNonQuery();
    }

    public void Dispose() => _home.Dispose();
}
