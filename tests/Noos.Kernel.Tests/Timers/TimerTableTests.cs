using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Testing;

namespace Noos.Kernel.Tests.Timers;

public sealed class TimerTableTests : IDisposable
{
    static readonly DateTimeOffset s_start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    readonly TemporaryFolder _home = new();
    readonly SettableClock _clock = new(s_start);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cron_line_begins_a_job_at_each_of_its_times_also_after_a_restart()
    {
        long timer;
        await using (var system = Open())
        {
            var added = await system.Timers.AddAsync(Daily() with { Title = "News" }, Token);
            timer = added.Id;
            Assert.Equal((ProcessState.Sleeping, At(9)), (added.State, added.Next));
            Assert.Equal(At(9), await system.Timers.RunDueAsync(Token));
            Assert.Empty(system.Jobs());

            _clock.Now = At(9);
            Assert.Equal(At(9).AddDays(1), await system.Timers.RunDueAsync(Token));
            var job = Assert.Single(system.Jobs());
            Assert.Equal(ProcessState.Done, (await system.Table.WaitAsync(job.Id, Token)).State);
            Assert.Equal(("me", "News", ProcessPriority.Background), (job.Owner, job.Title, job.Priority));
            Assert.Equal(["What is new?", "Nothing."], system.Texts(job.Id));
        }

        await using var again = Open();
        _clock.Now = At(9).AddDays(1);
        await again.Timers.RunDueAsync(Token);
        await again.Timers.RunDueAsync(Token);

        var jobs = again.Jobs();
        Assert.Equal(2, jobs.Count);
        var known = again.Timers.Get(timer);
        Assert.Equal((At(9).AddDays(2), At(9).AddDays(1), jobs.Max(job => job.Id)), (known.Next, known.Last!.Due, known.Last.Job));
        Assert.Equal(0, known.Last.Missed);
        Assert.Empty(again.Journal.Reader.Check());
    }

    [Theory]
    [InlineData(MissedRuns.Once, 1)]
    [InlineData(MissedRuns.Skip, 0)]
    public async Task Runs_missed_while_off_are_one_run_or_reported(MissedRuns missed, int jobs)
    {
        long timer;
        await using (var system = Open())
        {
            timer = (await system.Timers.AddAsync(Daily() with { Missed = missed }, Token)).Id;
        }

        _clock.Now = At(12).AddDays(3);
        await using var again = Open();
        await again.Timers.RunDueAsync(Token);
        await again.Timers.RunDueAsync(Token);

        Assert.Equal(jobs, again.Jobs().Count);
        var known = again.Timers.Get(timer);
        Assert.Equal((4, At(9).AddDays(3), At(9).AddDays(4)), (known.Last!.Missed, known.Last.Due, known.Next));
        Assert.Equal(jobs == 0, known.Last.Skipped is { } reason && reason.Contains("off", StringComparison.Ordinal));
        Assert.Contains(again.Journal.Reader.Events(timer), entry => entry.Event is TimerFired or TimerSkipped);
    }

    [Fact]
    public async Task Run_on_time_is_made_although_others_were_missed_and_are_skipped()
    {
        await using var system = Open();
        var timer = await system.Timers.AddAsync(Daily() with { Missed = MissedRuns.Skip }, Token);

        _clock.Now = At(9).AddDays(2).AddSeconds(20);
        await system.Timers.RunDueAsync(Token);

        Assert.Single(system.Jobs());
        Assert.Equal(2, system.Timers.Get(timer.Id).Last!.Missed);
    }

    [Fact]
    public async Task Run_is_skipped_while_the_last_waits_for_a_person_and_made_after_it()
    {
        var tool = new NoteTool();
        await using var system = Open(new ObedientCpu(), tool);
        var timer = await system.Timers.AddAsync(Daily("""[[note {"text": "A"}]]"""), Token);
        _clock.Now = At(9);
        await system.Timers.RunDueAsync(Token);
        var job = Assert.Single(system.Jobs()).Id;
        Assert.Equal(ProcessState.WaitingForPerson, (await system.Table.WaitAsync(job, Token)).State);
        Assert.Empty(tool.Notes);
        Assert.Equal(job, Assert.Single(system.Table.Approvals("me")).Process);

        _clock.Now = At(9).AddDays(1);
        await system.Timers.RunDueAsync(Token);

        Assert.Single(system.Jobs());
        var skipped = system.Timers.Get(timer.Id);
        Assert.Contains($"process {job}", skipped.Last!.Skipped, StringComparison.Ordinal);
        Assert.Equal((job, ProcessState.WaitingForPerson), (skipped.LastRun!.Job, skipped.LastRun.JobState));

        await system.Table.DecideAsync(job, Approval.Granted, cancellationToken: Token);
        Assert.Equal(ProcessState.Done, (await system.Table.WaitAsync(job, Token)).State);
        Assert.Equal(["A"], tool.Notes);
        _clock.Now = At(9).AddDays(2);
        await system.Timers.RunDueAsync(Token);
        Assert.Equal(2, system.Jobs().Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-26)]
    public async Task Clock_that_is_set_back_makes_no_run_twice_and_loses_none(int hours)
    {
        await using var system = Open();
        await system.Timers.AddAsync(Daily(), Token);
        for (var day = 0; day < 2; day++)
        {
            _clock.Now = At(9).AddDays(day);
            await system.Timers.RunDueAsync(Token);
            await system.IdleAsync();
        }

        // From the second day at nine; then hour by hour to the third day at noon.
        _clock.Now = At(9).AddDays(1).AddHours(hours);
        for (; _clock.Now <= At(12).AddDays(2); _clock.Now += TimeSpan.FromHours(1))
        {
            await system.Timers.RunDueAsync(Token);
            await system.IdleAsync();
        }

        Assert.Equal([At(9), At(9).AddDays(1), At(9).AddDays(2)], system.Due());
    }

    [Fact]
    public async Task Clock_that_was_years_ahead_costs_one_run_and_keeps_none_that_is_to_come()
    {
        await using var system = Open();
        await system.Timers.AddAsync(Daily() with { Cron = "* * * * *" }, Token);
        _clock.Now = s_start.AddYears(20);
        await system.Timers.RunDueAsync(Token);
        await system.IdleAsync();
        Assert.Equal([s_start.AddYears(20)], system.Due());

        _clock.Now = s_start.AddMinutes(5);
        Assert.Equal(s_start.AddMinutes(6), await system.Timers.RunDueAsync(Token));
        _clock.Now = s_start.AddMinutes(6);
        await system.Timers.RunDueAsync(Token);

        Assert.Equal([s_start.AddYears(20), s_start.AddMinutes(6)], system.Due());
    }

    [Fact]
    public async Task Time_of_day_is_that_of_the_machine_over_the_change_to_summer_time()
    {
        _clock.Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        _clock.Now = new DateTimeOffset(2026, 3, 28, 12, 0, 0, TimeSpan.Zero);
        await using var system = Open();

        var timer = await system.Timers.AddAsync(Daily(), Token);
        var once = await system.Timers.AddAsync(Once("2026-03-29T09:00"), Token);
        var named = await system.Timers.AddAsync(Once("2026-03-29T09:00Z"), Token);

        var nine = new DateTimeOffset(2026, 3, 29, 7, 0, 0, TimeSpan.Zero);
        Assert.Equal((nine, nine, nine.AddHours(2)), (timer.Next, once.Next, named.Next));
    }

    [Fact]
    public async Task Timer_for_one_time_runs_once_and_is_done()
    {
        await using var system = Open();
        var timer = await system.Timers.AddAsync(Once("in 1h30m"), Token);
        Assert.Equal(s_start.AddMinutes(90), timer.Next);

        _clock.Now = s_start.AddHours(5);
        Assert.Null(await system.Timers.RunDueAsync(Token));
        _clock.Now = s_start;
        await system.Timers.RunDueAsync(Token);

        Assert.Single(system.Jobs());
        Assert.Empty(system.Timers.List());
        var ended = Assert.Single(system.Timers.List(includesEnded: true));
        Assert.Equal((ProcessState.Done, null), (ended.State, ended.Next));
    }

    [Fact]
    public async Task Copy_of_the_files_at_any_moment_has_both_the_job_and_the_note_or_neither()
    {
        await using var system = Open();
        await system.Timers.AddAsync(Daily() with { Cron = "* * * * *" }, Token);
        for (var i = 1; i <= 20; i++)
        {
            _clock.Now = s_start.AddMinutes(i);
            var running = system.Timers.RunDueAsync(Token);
            using (var copy = new TemporaryFolder())
            {
                // What a kill leaves is what is in the files at that moment.
                using (var source = new SqliteConnection($"Data Source={system.Journal.Path};Mode=ReadOnly"))
                using (var target = new SqliteConnection($"Data Source={copy.File(Journal.FileName)};Pooling=False"))
                {
                    await source.OpenAsync(Token);
                    await target.OpenAsync(Token);
                    source.BackupDatabase(target);
                }

                await using var left = Open(copy.Path);
                Assert.Equal(left.Due().Count(), left.Jobs().Count);
                await left.Table.RecoverAsync();
                await left.IdleAsync();
                await left.Timers.RunDueAsync(Token);
                await left.IdleAsync();
                Assert.Equal(i, left.Jobs().Count);
                Assert.All(left.Jobs(), job => Assert.Equal(ProcessState.Done, left.Table.Get(job.Id).State));
            }

            await running;
            await system.IdleAsync();
        }
    }

    [Fact]
    public async Task Job_and_note_are_on_the_disk_together_whenever_somebody_looks()
    {
        await using var system = Open();
        var timer = (await system.Timers.AddAsync(Daily(), Token)).Id;
        var seen = new List<(int Jobs, int Fired)>();
        // Every write asks for the time, so this looks between any two of them.
        _clock.Asked = () =>
        {
            lock (seen)
            {
                seen.Add((system.Jobs().Count, system.Journal.Reader.Events(timer).Count(entry => entry.Event is TimerFired)));
            }
        };

        for (var day = 0; day < 3; day++)
        {
            _clock.Now = At(9).AddDays(day);
            await system.Timers.RunDueAsync(Token);
            await system.IdleAsync();
        }

        _clock.Asked = null;
        Assert.All(seen, one => Assert.Equal(one.Jobs, one.Fired));
        Assert.Contains((2, 2), seen);
    }

    [Fact]
    public async Task Loop_runs_what_is_due_when_the_clock_comes_to_it()
    {
        var clock = new FakeTimeProvider(s_start);
        await using var system = Open(clock: clock);
        system.Timers.Start();
        await system.Timers.AddAsync(Once("in 10s"), Token);

        while (system.Jobs() is not [{ State: ProcessState.Done }])
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, Token);
        }

        Assert.Empty(system.Timers.List());
    }

    [Fact]
    public async Task Removed_or_killed_timer_runs_no_more_and_its_jobs_stay()
    {
        await using var system = Open();
        var removed = await system.Timers.AddAsync(Daily(), Token);
        var killed = await system.Timers.AddAsync(Daily(), Token);
        _clock.Now = At(9);
        await system.Timers.RunDueAsync(Token);
        await system.IdleAsync();

        await system.Timers.RemoveAsync(removed.Id, Token);
        await system.Table.KillAsync(killed.Id);
        _clock.Now = At(9).AddDays(1);
        Assert.Null(await system.Timers.RunDueAsync(Token));

        Assert.Equal(2, system.Jobs().Count);
        Assert.Equal([killed.Id], system.Timers.List(includesEnded: true).Select(timer => timer.Id));
        Assert.Empty(system.Timers.List());
        var error = await Assert.ThrowsAsync<NoosException>(() => system.Timers.RemoveAsync(removed.Id, Token));
        Assert.Equal(ErrorKind.NotFound, error.Kind);
        Assert.Empty(system.Journal.Reader.Check());
    }

    [Fact]
    public async Task Timer_hears_nothing_and_is_not_forked()
    {
        await using var system = Open();
        var timer = (await system.Timers.AddAsync(Daily(), Token)).Id;

        var said = await Assert.ThrowsAsync<NoosException>(() => system.Table.SayAsync(timer, Message.User("Hi"), Token));
        await Assert.ThrowsAsync<NoosException>(() => system.Table.ForkAsync(timer, cancellationToken: Token));
        await system.Table.RecoverAsync(timer);
        await system.Table.StopAsync(timer);
        await system.Table.RenameAsync(timer, "Morning", Token);

        Assert.Contains("is a timer", said.Message, StringComparison.Ordinal);
        Assert.Equal((ProcessState.Sleeping, "Morning"), (system.Timers.Get(timer).State, system.Timers.Get(timer).Title));
    }

    [Theory]
    [InlineData("0 9 * *", null, "no cron line")]
    [InlineData("0 0 30 2 *", null, "never comes")]
    [InlineData(null, "tomorrow", "no time")]
    [InlineData(null, "in 0m", "no time")]
    [InlineData(null, "2026-03-02T07:59Z", "is over")]
    [InlineData("0 9 * * *", "in 10m", "either")]
    [InlineData(null, null, "either")]
    public async Task Schedule_that_cannot_be_is_one_sentence(string? cron, string? at, string sentence)
    {
        await using var system = Open();

        var error = await Assert.ThrowsAsync<NoosException>(
            () => system.Timers.AddAsync(new TimerStart("me", new ProcessProgram(), "Hi") { Cron = cron, At = at }, Token));

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.Empty(system.Timers.List(includesEnded: true));
    }

    [Fact]
    public async Task Program_whose_tool_is_gone_is_skipped_and_says_so()
    {
        await using (var system = Open(new ObedientCpu(), new NoteTool()))
        {
            await system.Timers.AddAsync(Daily() with { Program = new ProcessProgram { Tools = ["note"] } }, Token);
        }

        _clock.Now = At(9);
        await using var again = Open();
        await again.Timers.RunDueAsync(Token);

        Assert.Empty(again.Jobs());
        Assert.Contains("'note'", Assert.Single(again.Timers.List()).Last!.Skipped, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_has_no_more_timers_than_allowed_until_one_is_removed()
    {
        await using var system = Open();
        await using var timers = new TimerTable(system.Table, _clock, maxTimers: 2);
        var first = await timers.AddAsync(Daily(), Token);
        await timers.AddAsync(Daily(), Token);

        var refusal = await Assert.ThrowsAsync<NoosException>(() => timers.AddAsync(Daily(), Token));
        await timers.AddAsync(Daily() with { Owner = "another" }, Token);
        await timers.RemoveAsync(first.Id, Token);
        await timers.AddAsync(Daily(), Token);

        Assert.Equal(ErrorKind.Refused, refusal.Kind);
        Assert.StartsWith("me has 2 timers, as many as one may have", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(3, timers.List().Count);
    }

    [Fact]
    public async Task Old_events_of_a_timer_go_and_those_of_a_week_stay()
    {
        await using var system = Open();
        var timer = (await system.Timers.AddAsync(Daily(), Token)).Id;
        var job = 0L;
        await FireAsync(300);
        Assert.Equal(300, Fired());

        _clock.Now += TimeSpan.FromDays(8);
        await FireAsync(128);

        Assert.InRange(Fired(), 100, 200);
        Assert.IsType<TimerSet>(system.Journal.Reader.Events(timer)[1].Event);
        Assert.Equal(427, ((TimerFired)system.Journal.Reader.Events(timer)[^1].Event).Job);
        Assert.Empty(system.Journal.Reader.Check());

        int Fired() => system.Journal.Reader.Events(timer).Count(entry => entry.Event is TimerFired);

        async Task FireAsync(int count)
        {
            for (var end = job + count; job < end; job++)
            {
                await system.Journal.AppendAsync(timer, new TimerFired(_clock.Now, job), Token);
            }
        }
    }

    public void Dispose() => _home.Dispose();

    static DateTimeOffset At(int hour) => new(2026, 3, 2, hour, 0, 0, TimeSpan.Zero);

    static TimerStart Daily(string message = "What is new?") => new("me", new ProcessProgram(), message) { Cron = "0 9 * * *" };

    static TimerStart Once(string at) => new("me", new ProcessProgram(), "Now.") { At = at };

    TimerSystem Open(ICpu? cpu = null, params ITool[] tools) => new(_home.Path, _clock, cpu, tools);

    TimerSystem Open(string home) => new(home, _clock, cpu: null, []);

    TimerSystem Open(TimeProvider clock) => new(_home.Path, clock, cpu: null, []);

    sealed class TimerSystem : IAsyncDisposable
    {
        public TimerSystem(string home, TimeProvider clock, ICpu? cpu, IEnumerable<ITool> tools)
        {
            Journal = Journal.Open(home, clock);
            Table = new ProcessTable(
                Journal, cpu ?? new ScriptedCpu([new TextDelta("Nothing.")]), new ToolGate(new ToolLimits()), tools, clock);
            Timers = new TimerTable(Table, clock);
        }

        public Journal Journal { get; }

        public ProcessTable Table { get; }

        public TimerTable Timers { get; }

        public IReadOnlyList<ProcessRecord> Jobs() =>
            Journal.Reader.Processes(new ProcessFilter { Kind = ProcessKind.Job, IncludesEnded = true });

        /// <summary>The times for which jobs were begun.</summary>
        public IEnumerable<DateTimeOffset> Due() => Timers.List(includesEnded: true)
            .SelectMany(timer => Journal.Reader.Events(timer.Id)).Select(entry => entry.Event).OfType<TimerFired>()
            .Select(fired => fired.Due);

        public IEnumerable<string> Texts(long process) => Table.ReadHistory(process).Messages
            .Select(message => string.Concat(message.Parts.OfType<TextPart>().Select(part => part.Text)));

        public async Task IdleAsync()
        {
            foreach (var job in Jobs())
            {
                await Table.WaitAsync(job.Id, Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Timers.DisposeAsync();
            await Table.DisposeAsync();
            await Journal.DisposeAsync();
        }
    }

    /// <summary>A clock that can be set, back too.</summary>
    sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

        public override TimeZoneInfo LocalTimeZone => Zone;

        /// <summary>Called whenever the time is asked for.</summary>
        public Action? Asked { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            Asked?.Invoke();
            return Now;
        }
    }
}
