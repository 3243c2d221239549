using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Cpu;

public sealed class CpuPoolTests
{
    static readonly CpuEvent[] s_nothing = [];
    static readonly CpuEvent[] s_answer = [new TextDelta("hello")];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turn_that_names_a_model_is_answered_by_it_and_others_by_the_usual_one()
    {
        var (usual, other) = (Scripted("usual"), Scripted("other"));
        var source = new ScriptedSource(("other", 1, () => other));
        await using var pool = new CpuPool(usual, source);

        await RunAsync(pool, null);
        Assert.Empty(source.Opened);
        await RunAsync(pool, "other");
        await RunAsync(pool, "other");

        Assert.Equal(["other"], source.Opened);
        Assert.Equal((1, 2), (usual.Turns.Count, other.Turns.Count));
        Assert.Equal(["usual", "other"], pool.List().Select(listing => listing.Info.Name));
        Assert.All(pool.List(), listing => Assert.True(listing.IsOpen));
    }

    [Fact]
    public async Task Adapter_is_asked_for_by_its_name_and_acts_alone_beside_the_usual_model()
    {
        var usual = new ScriptedCpu(s_answer)
        {
            Info = new CpuInfo("usual", CpuFeatures.Adapt)
            {
                Adapters =
                [
                    new CpuAdapter("/a/first one.gguf", 0.5f), new CpuAdapter("/b/second.gguf", 0), new CpuAdapter("/b/other.gguf", 1),
                ],
            },
        };
        var other = Scripted("other");
        await using var pool = new CpuPool(usual, new ScriptedSource(("other", 1, () => other)));

        await RunAsync(pool, "First-One");
        await RunAsync(pool, "second");
        await RunAsync(pool, null);
        await RunAsync(pool, "other");
        var own = new GenerationOptions { AdapterScales = new Dictionary<int, float> { [2] = 3 } };
        await EventsAsync(pool, new Turn(Hello) { Model = "second", Options = own });

        Assert.Equal((4, 1), (usual.Turns.Count, other.Turns.Count));
        Assert.Equal(0.5f, Assert.Single(usual.Turns[0].Options.AdapterScales!, scale => scale.Key == 0).Value);
        Assert.Equal(1f, Assert.Single(usual.Turns[1].Options.AdapterScales!, scale => scale.Key == 1).Value);
        Assert.Null(usual.Turns[2].Options.AdapterScales);
        Assert.Equal(3f, Assert.Single(usual.Turns[3].Options.AdapterScales!, scale => scale.Key == 2).Value);
        Assert.Equal(
            [("usual", null), ("first-one", "usual"), ("second", "usual"), ("other", null)],
            pool.List().Select(listing => (listing.Info.Name, listing.Parent)));
        Assert.Equal(("second", CpuFeatures.Adapt), (pool.Describe("second").Name, pool.Describe("second").Can));
    }

    [Fact]
    public async Task Unknown_name_is_refused_with_those_that_are_known()
    {
        await using var pool = new CpuPool(Scripted("usual"), new ScriptedSource(("other", 1, () => Scripted("other"))));

        var refusal = await Assert.ThrowsAsync<NoosException>(() => RunAsync(pool, "third"));

        Assert.Equal(
            (ErrorKind.NotFound, "There is no model 'third' here; there are: usual, other."), (refusal.Kind, refusal.Message));
        Assert.Throws<NoosException>(() => pool.Describe("third"));
    }

    [Fact]
    public async Task Memory_is_bounded_and_the_model_used_longest_ago_is_closed()
    {
        var (one, two, three) = (Scripted("one"), Scripted("two"), Scripted("three"));
        var source = new ScriptedSource(("one", 40, () => one), ("two", 40, () => two), ("three", 40, () => three));
        await using var pool = new CpuPool(Scripted("usual"), source, new CpuPoolOptions { MaxBytes = 100 });

        foreach (var name in (string[])["one", "two", "one", "three"])
        {
            await RunAsync(pool, name);
        }

        Assert.Equal((false, true, false), (one.IsDisposed, two.IsDisposed, three.IsDisposed));
        Assert.Equal(["usual", "one", "three"], pool.List().Where(listing => listing.IsOpen).Select(listing => listing.Info.Name));
    }

    [Fact]
    public async Task Model_in_use_is_not_closed_and_who_asks_for_another_waits()
    {
        var busy = new PacedCpu { Info = new CpuInfo("busy") };
        busy.Hold();
        var source = new ScriptedSource(("busy", 60, () => busy), ("next", 60, () => Scripted("next")));
        await using var pool = new CpuPool(Scripted("usual"), source, new CpuPoolOptions { MaxBytes = 100 });

        var first = RunAsync(pool, "busy");
        while (busy.Begun == 0)
        {
            await Task.Delay(1, Token);
        }

        var second = RunAsync(pool, "next");
        Assert.Equal(["busy"], source.Opened);
        Assert.False(second.IsCompleted);
        busy.Release();
        await first;
        await second;

        Assert.Equal(["busy", "next"], source.Opened);
    }

    [Fact]
    public async Task Model_larger_than_the_allowance_is_refused_with_the_option_that_allows_more()
    {
        await using var pool = new CpuPool(
            Scripted("usual"), new ScriptedSource(("huge", 300 << 20, () => Scripted("huge"))),
            new CpuPoolOptions { MaxBytes = 100 << 20 });

        var refusal = await Assert.ThrowsAsync<NoosException>(() => RunAsync(pool, "huge"));

        Assert.Equal(ErrorKind.OutOfMemory, refusal.Kind);
        Assert.Contains("huge takes 300 MiB", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--model-memory", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_who_ask_at_once_open_a_model_once()
    {
        var source = new ScriptedSource(("other", 1, () => new PacedCpu { Info = new CpuInfo("other") }));
        await using var pool = new CpuPool(Scripted("usual"), source);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RunAsync(pool, "other")));

        Assert.Equal(["other"], source.Opened);
    }

    [Fact]
    public async Task Model_that_cannot_be_opened_is_tried_again_by_the_next_who_asks()
    {
        var isThere = false;
        var source = new ScriptedSource(
            ("other", 1, () => isThere ? Scripted("other") : throw new NoosException(ErrorKind.Damaged, "The file is damaged.")));
        await using var pool = new CpuPool(Scripted("usual"), source);

        await Assert.ThrowsAsync<NoosException>(() => RunAsync(pool, "other"));
        isThere = true;

        Assert.Equal("hello", await RunAsync(pool, "other"));
    }

    [Theory]
    [InlineData(ErrorKind.Unavailable)]
    [InlineData(ErrorKind.OutOfMemory)]
    [InlineData(ErrorKind.Damaged)]
    [InlineData(ErrorKind.Refused)]
    public async Task Failure_before_the_first_token_lets_the_fallback_answer(ErrorKind kind)
    {
        var usual = new ScriptedCpu(s_nothing) { Info = new CpuInfo("usual"), Failure = new NoosException(kind, "It is out.") };
        await using var pool = new CpuPool(usual, new ScriptedSource(("other", 1, () => Scripted("other"))));

        var events = await EventsAsync(pool, new Turn(Hello) { Fallbacks = ["other"] });

        Assert.Equal(new FailedOver("usual", "other", "It is out."), events[0]);
        Assert.Equal("hello", string.Concat(events.OfType<TextDelta>().Select(text => text.Text)));
    }

    [Fact]
    public async Task Wrong_request_is_not_asked_of_another()
    {
        var usual = new ScriptedCpu(s_nothing) { Failure = new NoosException("Too long.") };
        await using var pool = new CpuPool(usual, new ScriptedSource(("other", 1, () => Scripted("other"))));

        await Assert.ThrowsAsync<NoosException>(() => EventsAsync(pool, new Turn(Hello) { Fallbacks = ["other"] }));
    }

    [Fact]
    public async Task Answer_that_has_begun_never_changes_its_model()
    {
        var usual = new ScriptedCpu([new TextDelta("half")]) { Failure = new NoosException(ErrorKind.Unavailable, "It broke.") };
        var source = new ScriptedSource(("other", 1, () => Scripted("other")));
        await using var pool = new CpuPool(usual, source);

        var failure = await Assert.ThrowsAsync<NoosException>(() => EventsAsync(pool, new Turn(Hello) { Fallbacks = ["other"] }));

        Assert.Equal("It broke.", failure.Message);
        Assert.Empty(source.Opened);
    }

    [Fact]
    public async Task Model_that_is_busy_beyond_its_queue_is_passed_over()
    {
        var usual = new PacedCpu { Info = new CpuInfo("usual") };
        usual.Hold();
        await using var pool = new CpuPool(
            usual, new ScriptedSource(("other", 1, () => Scripted("other"))), new CpuPoolOptions { MaxTurns = 2, Fallbacks = ["other"] });
        var (first, second) = (RunAsync(pool, null), RunAsync(pool, null));
        while (usual.Begun < 2)
        {
            await Task.Delay(1, Token);
        }

        var third = await EventsAsync(pool, new Turn(Hello));
        var background = await EventsAsync(pool, new Turn(Hello) { Priority = ProcessPriority.Background });
        usual.Release();
        await Task.WhenAll(first, second);

        Assert.Equal(new FailedOver("usual", "other", "usual is busy with 2 answers."), third[0]);
        Assert.IsType<FailedOver>(background[0]);
    }

    [Fact]
    public async Task Crowd_in_the_background_is_no_reason_to_send_a_person_elsewhere()
    {
        var usual = new PacedCpu { Info = new CpuInfo("usual") };
        usual.Hold();
        await using var pool = new CpuPool(
            usual, new ScriptedSource(("other", 1, () => Scripted("other"))), new CpuPoolOptions { MaxTurns = 2, Fallbacks = ["other"] });
        Task<List<CpuEvent>>[] crowd =
            [.. Enumerable.Range(0, 2).Select(_ => EventsAsync(pool, new Turn(Hello) { Priority = ProcessPriority.Background }))];
        while (usual.Begun < 2)
        {
            await Task.Delay(1, Token);
        }

        var person = EventsAsync(pool, new Turn(Hello));
        while (usual.Begun < 3)
        {
            await Task.Delay(1, Token);
        }

        usual.Release();
        await Task.WhenAll([.. crowd, person]);

        Assert.DoesNotContain(await person, item => item is FailedOver);
    }

    [Fact]
    public async Task Model_that_has_just_failed_is_passed_over_for_a_while()
    {
        var clock = new ManualClock();
        var usual = new ScriptedCpu(s_nothing, s_answer)
        {
            Info = new CpuInfo("usual"),
            Failure = new NoosException(ErrorKind.Unavailable, "It is out."),
        };
        await using var pool = new CpuPool(
            usual, new ScriptedSource(("other", 1, () => Scripted("other"))), new CpuPoolOptions { Fallbacks = ["other"] }, clock);
        await EventsAsync(pool, new Turn(Hello));

        var soon = await EventsAsync(pool, new Turn(Hello));
        clock.Advance(TimeSpan.FromSeconds(11));
        var later = await EventsAsync(pool, new Turn(Hello));

        Assert.Contains(new FailedOver("usual", "other", "It is out."), soon);
        Assert.DoesNotContain(later, item => item is FailedOver);
    }

    [Fact]
    public async Task Last_fallback_fails_as_a_model_alone_does()
    {
        ScriptedCpu Broken(string name) =>
            new(s_nothing) { Info = new CpuInfo(name), Failure = new NoosException(ErrorKind.Unavailable, $"{name} is out.") };
        await using var pool = new CpuPool(
            Broken("usual"), new ScriptedSource(("b", 1, () => Broken("b")), ("c", 1, () => Broken("c"))),
            new CpuPoolOptions { Fallbacks = ["b", "c"] });
        var seen = new List<CpuEvent>();

        var failure = await Assert.ThrowsAsync<NoosException>(async () =>
        {
            await foreach (var item in pool.RunAsync(new Turn(Hello), Token))
            {
                seen.Add(item);
            }
        });

        Assert.Equal("c is out.", failure.Message);
        Assert.Equal(["b", "c"], seen.Cast<FailedOver>().Select(other => other.To));
    }

    [Fact]
    public async Task Start_is_told_once_however_many_models_start()
    {
        var usual = new ScriptedCpu([new RunStarted()]) { Failure = new NoosException(ErrorKind.Unavailable, "It is out.") };
        var other = new ScriptedCpu([new RunStarted(), new TextDelta("hello")]);
        await using var pool = new CpuPool(
            usual, new ScriptedSource(("other", 1, () => other)), new CpuPoolOptions { Fallbacks = ["other"] });

        var events = await EventsAsync(pool, new Turn(Hello));

        Assert.Equal(
            [typeof(RunStarted), typeof(FailedOver), typeof(TextDelta), typeof(RunFinished)], events.Select(item => item.GetType()));
    }

    static Conversation Hello => Conversation.From(Message.User("Hello"));

    static ScriptedCpu Scripted(string name) => new(s_answer) { Info = new CpuInfo(name) };

    static async Task<string> RunAsync(CpuPool pool, string? model) => string.Concat(
        (await EventsAsync(pool, new Turn(Hello) { Model = model })).OfType<TextDelta>().Select(text => text.Text));

    static async Task<List<CpuEvent>> EventsAsync(CpuPool pool, Turn turn)
    {
        var events = new List<CpuEvent>();
        await foreach (var item in pool.RunAsync(turn, Token))
        {
            events.Add(item);
        }

        return events;
    }

    sealed class ManualClock : TimeProvider
    {
        long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
