using System.Text.Json;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

public sealed class ApprovalTests : IDisposable
{
    readonly TemporaryFolder _home = new();
    readonly List<string> _notes = [];
    readonly List<IToolContext> _contexts = [];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Question_waits_across_a_restart_until_it_is_decided(bool isGranted)
    {
        long id;
        await using (var system = new NoteSystem(_home.Path, this))
        {
            id = await system.BeginAsync(Call("note", ("text", "A")));

            Assert.Equal(ProcessState.WaitingForPerson, system.Table.Get(id).State);
            Assert.Empty(_notes);
        }

        // What a kill leaves behind is on the disk as it is now: the question, and no beginning of the call.
        using var copy = CopyOfHome();
        await using var again = new NoteSystem(copy.Path, this);
        Assert.Equal(0, await again.Table.RecoverAsync());
        var asked = Assert.IsType<ApprovalAsked>(Assert.Single(again.Table.Approvals("me")).Event);
        Assert.Equal(("note", "A"), (asked.Call.Name, asked.Call.Arguments.GetProperty("text").GetString()));
        Assert.Equal(Note("A"), Assert.Single(asked.Effects!).Effect);
        Assert.Empty(again.Table.Approvals("another"));
        Assert.Empty(again.Table.Approvals(process: id + 1));

        await again.Table.DecideAsync(id, new Approval(isGranted, Reason: isGranted ? null : "Not on a Sunday."), "c1", Token);
        await again.Table.WaitAsync(id, Token);

        Assert.Equal(isGranted ? ["A"] : [], _notes);
        var result = again.Results(id).Single();
        Assert.Equal((isGranted ? "noted" : "Not on a Sunday.", !isGranted), (result.Text, result.IsError));
        Assert.Equal("Done.", again.Table.ReadHistory(id).Messages[^1].Text());
        Assert.Empty(again.Table.Approvals());
        Assert.Single(again.Events<ApprovalAsked>(id));
        Assert.Equal(isGranted, Assert.Single(again.Events<ApprovalDecided>(id)).IsGranted);
        Assert.Equal(isGranted, Assert.Single(again.Events<CallBegan>(id)).Effects is not null);
    }

    [Fact]
    public async Task Answer_that_was_given_before_a_kill_holds_after_it()
    {
        long id;
        await using (var system = new NoteSystem(_home.Path, this))
        {
            id = await system.BeginAsync(Call("note", ("text", "A")));
            await system.Journal.AppendAsync(
                id, [new ApprovalDecided("c1", IsGranted: true, ApprovalScope.Once), new StateChanged(ProcessState.Ready)], Token);
        }

        await using var again = new NoteSystem(_home.Path, this);
        Assert.Equal(1, await again.Table.RecoverAsync());
        await again.Table.WaitAsync(id, Token);

        Assert.Equal(["A"], _notes);
        Assert.Single(again.Events<ApprovalAsked>(id));
    }

    [Fact]
    public async Task Lasting_answer_is_listed_survives_a_restart_and_can_be_revoked()
    {
        long first;
        await using (var system = new NoteSystem(_home.Path, this))
        {
            first = await system.BeginAsync(Call("note", ("text", "A")));
            await system.Table.DecideAsync(first, new Approval(IsGranted: true, ApprovalScope.Always), cancellationToken: Token);
            await system.Table.WaitAsync(first, Token);
        }

        await using var again = new NoteSystem(_home.Path, this);
        var second = await again.BeginAsync(Call("note", ("text", "B")));
        Assert.Equal(["A", "B"], _notes);
        Assert.Empty(again.Events<ApprovalAsked>(second));
        Assert.Contains("permission 1", Assert.Single(Assert.Single(again.Events<CallBegan>(second)).Grounds!), StringComparison.Ordinal);
        var rule = Assert.Single(again.Table.Permissions("me"));
        Assert.Equal(
            (1, "me", null, new Capability("notes"), EffectKind.Write, true, (long?)first, null),
            (rule.Id, rule.Owner, rule.Process, rule.Capability, rule.Kind, rule.IsGranted, rule.DecidedIn, rule.Revoked));
        Assert.Empty(again.Table.Permissions("another"));

        Assert.Equal(ErrorKind.NotFound,
            (await Assert.ThrowsAsync<NoosException>(() => again.Table.RevokeAsync(1, "another", Token))).Kind);
        await again.Table.RevokeAsync(1, "me", Token);

        Assert.NotNull(Assert.Single(again.Table.Permissions()).Revoked);
        Assert.Equal(1, Assert.Single(again.Events<PermissionRevoked>(first)).Permission);
        var third = await again.BeginAsync(Call("note", ("text", "C")));
        Assert.Single(again.Table.Approvals(process: third));
        Assert.Empty(again.Journal.Reader.Check());
    }

    [Fact]
    public async Task Permission_of_a_conversation_is_gone_with_it_and_one_for_always_is_not()
    {
        await using var system = new NoteSystem(_home.Path, this);
        foreach (var scope in (ApprovalScope[])[ApprovalScope.Conversation, ApprovalScope.Always])
        {
            var id = await system.BeginAsync(Call("note", ("text", $"{scope}")));
            await system.Table.DecideAsync(id, new Approval(IsGranted: true, scope), cancellationToken: Token);
            await system.Table.WaitAsync(id, Token);
            Assert.True(Directory.Exists(_contexts[^1].Folder));
            Assert.Equal(Path.Combine(_home.Path, "files", $"{id}"), _contexts[^1].Folder);

            await system.Table.DeleteAsync(id, Token);
            Assert.False(Directory.Exists(Path.Combine(_home.Path, "files", $"{id}")));
        }

        var left = Assert.Single(system.Table.Permissions());
        Assert.Equal((null, null), (left.Process, left.DecidedIn));
        await system.Table.RevokeAsync(left.Id, cancellationToken: Token);
        Assert.NotNull(Assert.Single(system.Table.Permissions()).Revoked);
    }

    [Fact]
    public async Task Never_is_not_asked_again()
    {
        await using var system = new NoteSystem(_home.Path, this);
        var first = await system.BeginAsync(Call("note", ("text", "A")));
        await system.Table.DecideAsync(first, new Approval(IsGranted: false, ApprovalScope.Always), cancellationToken: Token);
        await system.Table.WaitAsync(first, Token);

        var second = await system.BeginAsync(Call("note", ("text", "B")));

        Assert.Empty(_notes);
        Assert.Empty(system.Table.Approvals());
        Assert.Contains("refused for good", system.Results(second).Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_for_a_conversation_holds_for_its_sub_agents()
    {
        await using var system = new NoteSystem(_home.Path, this);
        var parent = await system.BeginAsync(Call("note", ("text", "A")));
        await system.Table.DecideAsync(parent, new Approval(IsGranted: true, ApprovalScope.Conversation), cancellationToken: Token);
        await system.Table.WaitAsync(parent, Token);

        var child = await system.BeginAsync(Call("note", ("text", "B")), parent);
        var other = await system.BeginAsync(Call("note", ("text", "C")));

        Assert.Equal(["A", "B"], _notes);
        Assert.Equal(other, Assert.Single(system.Table.Approvals()).Process);
        Assert.Equal(ProcessState.Done, system.Table.Get(child).State);
        Assert.Equal(Path.Combine(_home.Path, "files", $"{parent}"), _contexts[^1].Folder);
    }

    [Fact]
    public async Task Message_to_a_process_that_waits_is_answered_after_the_question_and_stopping_ends_the_question()
    {
        await using var system = new NoteSystem(_home.Path, this);
        var id = await system.BeginAsync(Call("note", ("text", "A")));
        Assert.True((await system.Table.SayAsync(id, Message.User("Hurry."), options: null, Token)).IsQueued);
        await system.Table.WaitAsync(id, Token);
        Assert.Single(system.Table.Approvals());

        await system.Table.StopAsync(id);
        await system.Table.WaitAsync(id, Token);

        Assert.Empty(_notes);
        Assert.Empty(system.Table.Approvals());
        Assert.Contains("Hurry.", system.Table.ReadHistory(id).Messages.Select(message => message.Text()));
        Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<NoosException>(
            () => system.Table.DecideAsync(id, Approval.Granted, cancellationToken: Token))).Kind);
    }

    [Fact]
    public async Task Answer_to_another_call_is_refused_and_killing_ends_the_question()
    {
        await using var system = new NoteSystem(_home.Path, this);
        var id = await system.BeginAsync(Call("note", ("text", "A")));

        await Assert.ThrowsAsync<NoosException>(() => system.Table.DecideAsync(id, Approval.Granted, "c2", Token));
        Assert.Single(system.Table.Approvals());
        await system.Table.KillAsync(id);

        Assert.Empty(system.Table.Approvals());
        await Assert.ThrowsAsync<NoosException>(() => system.Table.DecideAsync(id, Approval.Granted, cancellationToken: Token));
        Assert.Empty(_notes);
    }

    [Fact]
    public async Task What_was_read_counts_after_a_restart_and_in_a_fork()
    {
        long id;
        await using (var system = new NoteSystem(_home.Path, this))
        {
            // Allowed for good as long as nothing foreign was read.
            var first = await system.BeginAsync(Call("note", ("text", "A")));
            await system.Table.DecideAsync(first, new Approval(IsGranted: true, ApprovalScope.Always), cancellationToken: Token);
            id = await system.BeginAsync(Call("page"));
            await system.Table.WaitAsync(first, Token);
        }

        await using var again = new NoteSystem(_home.Path, this);
        var fork = (await again.Table.ForkAsync(id, cancellationToken: Token)).Id;
        foreach (var process in (long[])[id, fork])
        {
            await again.Table.SayAsync(process, Message.User(Call("note", ("text", "B"))), Token);
            await again.Table.WaitAsync(process, Token);
            Assert.Single(again.Table.Approvals(process: process));
        }

        Assert.Equal(["A"], _notes);
        Assert.Equal(Origin.Web, again.Table.OriginOf(id));
    }

    [Fact]
    public async Task Label_of_what_a_sub_agent_read_reaches_its_parent_and_of_what_the_parent_read_its_agent()
    {
        await using var system = new NoteSystem(_home.Path, this);
        var allowing = await system.BeginAsync(Call("note", ("text", "A")));
        await system.Table.DecideAsync(allowing, new Approval(IsGranted: true, ApprovalScope.Always), cancellationToken: Token);
        await system.Table.WaitAsync(allowing, Token);

        var up = await system.BeginAsync(Call("agent", ("task", Call("page").Replace("[[", "((").Replace("]]", "))"))));
        Assert.Equal(Origin.Web, system.Results(up).Single().Origin);
        await system.Table.SayAsync(up, Message.User(Call("note", ("text", "B"))), Token);
        await system.Table.WaitAsync(up, Token);
        Assert.Single(system.Table.Approvals(process: up));

        var down = await system.BeginAsync(
            Call("page") + Call("agent", ("task", Call("note", ("text", "C")).Replace("[[", "((").Replace("]]", "))"))));
        var child = system.Journal.Reader.Processes(new ProcessFilter { Parent = down }).Single().Id;
        Assert.Single(system.Table.Approvals(process: child));
        Assert.Equal(["A"], _notes);
    }

    [Fact]
    public async Task What_a_process_says_to_another_is_no_word_of_a_person()
    {
        await using var system = new NoteSystem(_home.Path, this);
        var clean = await system.BeginAsync("Hello.");
        var tainted = await system.BeginAsync(Call("page"));
        var child = (await system.Table.SpawnAsync("me", ProcessKind.Agent, new ProcessProgram(), clean, Token)).Id;

        await system.Table.TellAsync(tainted, clean, Message.User("See https://example.org/secret"), Token);
        await system.Table.SayAsync(child, Message.User("See https://example.org/made-up"), Token);
        await system.Table.WaitAsync(clean, Token);
        await system.Table.WaitAsync(child, Token);

        Assert.Equal(Origin.Web, system.Table.ReadHistory(clean).Provenance.Taint);
        Assert.False(system.Table.ReadHistory(clean).Provenance.IsGiven(new Uri("https://example.org/secret")));
        Assert.False(system.Table.ReadHistory(child).Provenance.IsGiven(new Uri("https://example.org/made-up")));
        // Nor does a fork make it one, which has no parent any more.
        var fork = await system.Table.ForkAsync(child, cancellationToken: Token);
        Assert.False(system.Table.ReadHistory(fork.Id).Provenance.IsGiven(new Uri("https://example.org/made-up")));
    }

    [Fact]
    public async Task Process_is_its_owners_and_its_children_are_too()
    {
        await using var system = new NoteSystem(_home.Path, this);
        var mine = await system.BeginAsync("Hello.");
        var child = await system.Table.SpawnAsync("another", ProcessKind.Agent, new ProcessProgram(), mine, Token);

        Assert.Equal("me", child.Owner);
        Assert.Equal(mine, system.Table.Get(mine, new Principal("me")).Id);
        Assert.Equal(mine, system.Table.Get(mine, new Principal("root", IsAdministrator: true)).Id);
        var other = Assert.Throws<NoosException>(() => system.Table.Get(mine, new Principal("another")));
        var missing = Assert.Throws<NoosException>(() => system.Table.Get(999, new Principal("another")));
        Assert.Equal((missing.Kind, missing.Message.Replace("999", $"{mine}")), (other.Kind, other.Message));
    }

    [Fact]
    public async Task Older_journal_is_copied_and_brought_up_to_date()
    {
        long id;
        await using (var system = new NoteSystem(_home.Path, this))
        {
            id = await system.BeginAsync("Hello.");
        }

        // Version 1 had no permissions, version 2 no timers, version 3 no index of children, version 4 no facts, version 5
        // no feedback.
        var path = Path.Combine(_home.Path, Journal.FileName);
        // Accounts came later still.
        Execute(
            path, "DROP TABLE keys; DROP TABLE sessions; DROP TABLE accounts; DROP TABLE usage; DROP TABLE responses; "
            + "DROP INDEX processes_by_owner");
        Execute(
            path,
            "DROP TABLE permissions; DROP INDEX timers; DROP INDEX processes_by_parent; DROP TABLE fact_changes; DROP TABLE facts; "
            + "DROP TABLE fact_words; DROP INDEX feedback; PRAGMA user_version = 1");

        await using var again = new NoteSystem(_home.Path, this);

        Assert.True(File.Exists(path + ".v1.bak"));
        Assert.Equal("Hello.", again.Table.ReadHistory(id).Messages[0].Text());
        Assert.Empty(again.Table.Permissions());
        Assert.Empty(again.Journal.Reader.Check());
        using var copy = JournalReader.Open(path + ".v1.bak", ofAnyVersion: true);
        Assert.Equal(id, Assert.Single(copy.Processes()).Id);
        var asking = await again.BeginAsync(Call("note", ("text", "A")));
        await again.Table.DecideAsync(asking, new Approval(IsGranted: true, ApprovalScope.Always), cancellationToken: Token);
        Assert.Single(again.Table.Permissions());
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _home.Dispose();
    }

    static string Call(string tool, params (string Name, string Value)[] arguments) =>
        $"[[{tool} {JsonSerializer.Serialize(arguments.ToDictionary(one => one.Name, one => one.Value), s_json)}]] ";

    static readonly JsonSerializerOptions s_json = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    static Effect Note(string text) => new(new Capability("notes"), EffectKind.Write, "notes", $"note {text}") { Content = text };

    TemporaryFolder CopyOfHome()
    {
        var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(_home.Path, Journal.FileName + "*"))
        {
            File.Copy(file, Path.Combine(copy.Path, Path.GetFileName(file)));
        }

        return copy;
    }

    static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A journal, a table with a model that does what it is told, and tools that note, read a page, and start agents.</summary>
    sealed class NoteSystem : IAsyncDisposable
    {
        public NoteSystem(string home, ApprovalTests test)
        {
            Journal = Journal.Open(home);
            Table = new ProcessTable(Journal, new DoneCpu(), new ToolGate(new ToolLimits()),
            [
                new Tool("note", "notes", call => [Note(call.Arguments.GetProperty("text").GetString()!)], (call, context) =>
                {
                    test._notes.Add(call.Arguments.GetProperty("text").GetString()!);
                    test._contexts.Add(context);
                    _ = context.Folder;
                    return Task.FromResult(ToolResult.Text("noted"));
                }),
                new Tool("page", "net", _ => [], (_, _) => Task.FromResult(ToolResult.Text("A page", Origin.Web))),
                new Tool("agent", "spawn", call => [Effect.Spawn("agent", call.Arguments.GetProperty("task").GetString()!)],
                    async (call, context) =>
                    {
                        var parent = long.Parse(context.ProcessId);
                        var child = await Table!.SpawnAsync("me", ProcessKind.Agent, new ProcessProgram(), parent);
                        // As a careless tool would: without a word of where it comes from.
                        await Table.SayAsync(child.Id, Message.User(
                            call.Arguments.GetProperty("task").GetString()!.Replace("((", "[[").Replace("))", "]]")));
                        await Table.WaitAsync(child.Id);
                        return ToolResult.Text(Table.ReadHistory(child.Id).Messages[^1].Text());
                    }),
            ]);
        }

        public Journal Journal { get; }

        public ProcessTable Table { get; }

        /// <summary>Starts a process, says something to it, and waits until it has nothing more to do.</summary>
        public async Task<long> BeginAsync(string text, long? parent = null)
        {
            var kind = parent is null ? ProcessKind.Conversation : ProcessKind.Agent;
            var id = (await Table.SpawnAsync("me", kind, new ProcessProgram(), parent, Token)).Id;
            await Table.SayAsync(id, Message.User(text), Token);
            await Table.WaitAsync(id, Token);
            return id;
        }

        public IEnumerable<T> Events<T>(long process) => Journal.Reader.Events(process).Select(entry => entry.Event).OfType<T>();

        public IEnumerable<ToolResultPart> Results(long process) =>
            Table.ReadHistory(process).Messages.SelectMany(message => message.Parts).OfType<ToolResultPart>();

        public async ValueTask DisposeAsync()
        {
            await Table.DisposeAsync();
            await Journal.DisposeAsync();
        }

        /// <summary>Does what it was told, and says that it has.</summary>
        sealed class DoneCpu : ICpu
        {
            readonly ObedientCpu _inner = new();

            public CpuInfo Info => _inner.Info;

            public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

            public async IAsyncEnumerable<CpuEvent> RunAsync(
                Turn turn, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
            {
                await foreach (var item in _inner.RunAsync(turn, cancellationToken))
                {
                    yield return item switch
                    {
                        TextDelta => new TextDelta("Done."),
                        // Its own numbers do not survive a restart.
                        ToolCalled called => new ToolCalled(called.Call with { CallId = $"c{CallsOf(turn) + 1}" }),
                        _ => item,
                    };
                }
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;

            static int CallsOf(Turn turn) => turn.Conversation.Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().Count();
        }

        sealed class Tool(
            string name, string capability, Func<ToolCallPart, IReadOnlyList<Effect>> effects,
            Func<ToolCallPart, IToolContext, Task<ToolResult>> run) : ITool
        {
            public ToolDeclaration Declaration { get; } = new(name, $"Does {name}.", JsonElement.Parse("""{"type":"object"}"""));

            public IReadOnlyList<Capability> Needs { get; } = [new Capability(capability)];

            public bool IsRepeatable => false;

            public IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context) => effects(call);

            public async ValueTask<ToolResult> InvokeAsync(
                ToolCallPart call, IToolContext context, CancellationToken cancellationToken) => await run(call, context);
        }
    }
}
