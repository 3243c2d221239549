using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Journaling;

public sealed class JournalTests : IDisposable
{
    static readonly ToolCallPart s_call = new("calculator", JsonElement.Parse("""{"expression":"1+1"}"""), "c1");

    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_comes_back_as_it_was_written()
    {
        JournalEvent[] events =
        [
            new Said(Message.User("What is 1+1?")),
            new Said(Message.User("And 2+2?"), IsQueued: true),
            new StateChanged(ProcessState.Running),
            new RunBegan(ulong.MaxValue),
            new Wrote("Let me ", IsThought: true, [1, 2, 3]),
            new RunEnded(Message.Assistant(new ThoughtPart("Let me see."), s_call), null, 7, [1, 2, 3, 4], new ProcessUsage(30, 4, 0, 12)),
            new ApprovalAsked(s_call, "compute 1+1", [new AskedEffect(Effect.WriteMemory("1+1"), "it needs \"memory\"", null)]),
            new ApprovalDecided("c1", IsGranted: true, ApprovalScope.Once),
            new CallBegan(s_call, [Effect.WriteMemory("1+1")], ["a person, once"]),
            new PermissionRevoked(7),
            new CallEnded(
                Message.Tool(new ToolResultPart("calculator", "2", CallId: "c1") { Origin = Origin.Web }), new ProcessUsage(0, 0, 1, 3)),
            new Renamed("Sums"),
            new Niced(ProcessPriority.Background),
            new StateChanged(ProcessState.Failed, "The model is gone."),
        ];
        var program = new ProcessProgram
        {
            Instructions = "Be brief.",
            Tools = ["calculator"],
            Options = new GenerationOptions { Temperature = 0.5f, Seed = 3 },
            Limits = new ProcessLimits { Depth = 1, Tokens = 1000 },
        };
        long id;
        await using (var journal = Journal.Open(_home.Path))
        {
            id = (await journal.AddProcessAsync(Record(program), Token)).Id;
            await journal.AppendAsync(id, events, Token);
        }

        await using var again = Journal.Open(_home.Path);
        var read = again.Reader.Events(id);
        Assert.Equal(events.Length + 1, read.Count);
        Assert.Equal(Json(new Spawned(program)), Json(read[0].Event));
        Assert.Equal(events.Select(Json), read.Skip(1).Select(entry => Json(entry.Event)));
        Assert.Equal(read.Select(entry => entry.Id).Order(), read.Select(entry => entry.Id));
        Assert.DoesNotContain(again.Reader.Turns(id), entry => entry.Event is Wrote);
        var process = again.Reader.Find(id)!;
        Assert.Equal(("Sums", ProcessState.Failed, ProcessPriority.Background), (process.Title, process.State, process.Priority));
        Assert.Equal(new ProcessUsage(30, 4, 1, 15), process.Usage);
        Assert.Empty(again.Reader.Check());
    }

    [Fact]
    public async Task Arguments_of_a_call_come_back_letter_by_letter()
    {
        var call = new ToolCallPart("convert", JsonElement.Parse("""{"from":"1 + 1 < 3 °C","to":"größer"}"""), "c1");
        long id;
        await using (var journal = Journal.Open(_home.Path))
        {
            id = (await journal.AddProcessAsync(Record(new ProcessProgram()), Token)).Id;
            await journal.AppendAsync(id, new CallBegan(call), Token);
        }

        await using var again = Journal.Open(_home.Path);
        var read = Assert.IsType<CallBegan>(again.Reader.Events(id)[^1].Event).Call;
        Assert.Equal(call.Arguments.GetRawText(), read.Arguments.GetRawText());
    }

    [Fact]
    public async Task What_was_acknowledged_is_in_every_later_copy_of_the_files()
    {
        await using var journal = Journal.Open(_home.Path);
        long[] processes = [
            .. await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await journal.AddProcessAsync(Record(), Token)).Id))];
        var acknowledged = new int[processes.Length];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writers = processes.Select((id, index) => Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await journal.AppendAsync(id, new Wrote($"piece {acknowledged[index]}", false, [acknowledged[index]]), Token);
                    Interlocked.Increment(ref acknowledged[index]);
                }
            },
            Token)).ToArray();

        for (var round = 0; round < 20; round++)
        {
            await Task.Delay(round, Token);
            int[] before = [.. acknowledged];
            using var copy = new TemporaryFolder();
            // What a kill leaves behind: the log first, because it only grows between two checkpoints.
            foreach (var name in (string[])[Journal.FileName, Journal.FileName + "-wal"])
            {
                var from = Path.Combine(_home.Path, name);
                if (File.Exists(from))
                {
                    await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                    await using var target = File.Create(Path.Combine(copy.Path, name));
                    await source.CopyToAsync(target, Token);
                }
            }

            await using var recovered = Journal.Open(copy.Path);
            for (var index = 0; index < processes.Length; index++)
            {
                var pieces = recovered.Reader.Events(processes[index]).Select(entry => entry.Event).OfType<Wrote>().ToArray();
                Assert.True(pieces.Length >= before[index], $"{pieces.Length} of {before[index]}");
                Assert.Equal(Enumerable.Range(0, pieces.Length), pieces.Select(piece => piece.TokenIds[0]));
            }

            Assert.Empty(recovered.Reader.Check());
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task Second_program_on_the_same_home_is_refused_and_a_reader_is_not()
    {
        await using var journal = Journal.Open(_home.Path);
        var id = (await journal.AddProcessAsync(Record(), Token)).Id;

        var error = Assert.Throws<NoosException>(() => Journal.Open(_home.Path));

        Assert.Equal(ErrorKind.Busy, error.Kind);
        Assert.Contains(_home.Path, error.Message, StringComparison.Ordinal);
        using var reader = JournalReader.Open(journal.Path);
        Assert.Equal(id, Assert.Single(reader.Processes()).Id);
    }

    [Fact]
    public async Task Event_of_a_process_that_is_not_there_is_refused_and_its_neighbours_are_written()
    {
        await using var journal = Journal.Open(_home.Path);
        var id = (await journal.AddProcessAsync(Record(), Token)).Id;
        var good = Enumerable.Range(0, 50).Select(index => journal.AppendAsync(id, new Renamed($"{index}"), Token).AsTask()).ToArray();
        var bad = journal.AppendAsync(id + 1000, new Renamed("nobody"), Token).AsTask();

        var error = await Assert.ThrowsAsync<NoosException>(() => bad);
        await Task.WhenAll(good);

        Assert.Equal(ErrorKind.NotFound, error.Kind);
        Assert.Equal(51, journal.Reader.Events(id).Count);
    }

    [Fact]
    public async Task Clock_that_is_set_back_changes_no_order()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.Zero };
        await using var journal = Journal.Open(_home.Path, clock);
        var id = (await journal.AddProcessAsync(Record(), Token)).Id;
        await journal.AppendAsync(id, new Renamed("first"), Token);
        clock.AdjustTime(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await journal.AppendAsync(id, new Renamed("second"), Token);

        Assert.Equal(["first", "second"], journal.Reader.Events(id)
            .Select(entry => entry.Event)
            .OfType<Renamed>()
            .Select(one => one.Title));
    }

    [Fact]
    public async Task Search_finds_other_forms_of_a_word_and_takes_operators_as_text()
    {
        await using var journal = Journal.Open(_home.Path);
        var one = (await journal.AddProcessAsync(Record(), Token)).Id;
        var other = (await journal.AddProcessAsync(Record(), Token)).Id;
        await journal.AppendAsync(one, new Said(Message.User("The lighthouse keeper was running along the cliff.")), Token);
        await journal.AppendAsync(other, new Said(Message.User("Ships AND storms: \"NEAR\" the cliff*")), Token);

        Assert.Equal(one, Assert.Single(journal.Reader.Search("keepers runs")).Process);
        Assert.Equal(2, journal.Reader.Search("cliff").Count);
        Assert.Equal(other, Assert.Single(journal.Reader.Search("cliff", other)).Process);
        Assert.Equal(other, Assert.Single(journal.Reader.Search("AND \"NEAR\" cliff* (")).Process);
        Assert.Empty(journal.Reader.Search("  "));
        Assert.Empty(journal.Reader.Search("harbour"));
    }

    [Fact]
    public void File_of_a_newer_version_or_of_another_program_is_left_alone()
    {
        var path = Path.Combine(_home.Path, Journal.FileName);
        Write(path, "PRAGMA user_version = 99");
        Assert.Contains("newer", Assert.Throws<NoosException>(() => Journal.Open(_home.Path)).Message, StringComparison.Ordinal);

        File.Delete(path);
        Write(path, "CREATE TABLE theirs (a)");
        Assert.Contains("another program", Assert.Throws<NoosException>(() => Journal.Open(_home.Path)).Message, StringComparison.Ordinal);

        File.WriteAllText(path, new string('x', 5000));
        Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => Journal.Open(_home.Path)).Kind);
        Assert.Equal(5000, new FileInfo(path).Length);
    }

    [Fact]
    public async Task Damaged_page_is_one_sentence()
    {
        long id;
        string path;
        await using (var journal = Journal.Open(_home.Path))
        {
            path = journal.Path;
            id = (await journal.AddProcessAsync(Record(), Token)).Id;
            await journal.AppendAsync(
                id, [.. Enumerable.Range(0, 2000).Select(index => new Wrote(new string('a', 100), false, [index]))], Token);
        }

        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Position = file.Length / 2;
            await file.WriteAsync(Enumerable.Repeat((byte)0xAB, 20_000).ToArray(), Token);
        }

        await using var again = Journal.Open(_home.Path);
        NoosException? error = null;
        try
        {
            error = again.Reader.Check().Count > 0 ? null : new NoosException("not noticed");
            again.Reader.Events(id);
        }
        catch (NoosException e)
        {
            error = e;
        }

        Assert.Equal(ErrorKind.Damaged, error?.Kind);
    }

    [Fact]
    public async Task Ten_thousand_conversations_are_listed()
    {
        await using var journal = Journal.Open(_home.Path);
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(_ => journal.AddProcessAsync(Record(), Token).AsTask()));

        Assert.Equal(10_000, journal.Reader.Processes().Count);
        Assert.Equal(50, journal.Reader.Processes(isAlive: true, limit: 50).Count);
    }

    [Fact]
    public void Limits_of_a_child_are_never_wider()
    {
        var limits = new ProcessLimits { Depth = 2, Children = 4, Tokens = 1000 };

        var child = limits.Narrow(new ProcessLimits { Depth = 9, Children = 9, Tokens = null, Calls = 5 });

        Assert.Equal(new ProcessLimits { Depth = 1, Children = 4, Tokens = 1000, Calls = 5 }, child);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _home.Dispose();
    }

    static ProcessRecord Record(ProcessProgram? program = null) =>
        new(0, null, "me", ProcessKind.Conversation) { Program = program ?? new ProcessProgram() };

    static string Json(JournalEvent happened) => $"{happened.Kind} {JsonSerializer.Serialize(happened, happened.GetType())}";

    static void Write(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
