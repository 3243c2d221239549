using Microsoft.Extensions.Time.Testing;
using Noos.Kernel.Processes;
using Noos.Kernel.Scheduling;

namespace Noos.Kernel.Tests.Scheduling;

public sealed class TurnAdmissionTests
{
    [Fact]
    public async Task Person_never_waits_for_background_work()
    {
        var admission = new TurnAdmission(2);
        var first = Enter(admission, "a", ProcessPriority.Background);
        var second = Enter(admission, "b", ProcessPriority.Background);
        var third = Enter(admission, "c", ProcessPriority.Background);
        var person = Enter(admission, "person", ProcessPriority.Interactive);

        Assert.True(first.IsCompleted && second.IsCompleted && person.IsCompleted);
        Assert.False(third.IsCompleted);

        (await first).Dispose();
        // The person counts for background work, which there may be two of only while nobody else is inside.
        Assert.False(third.IsCompleted);

        (await person).Dispose();
        await third;
    }

    [Fact]
    public async Task Better_class_goes_first_then_the_owner_with_fewer_turns_then_who_came_first()
    {
        var admission = new TurnAdmission(2);
        var inside = new[] { await Enter(admission, "busy", ProcessPriority.Agent), await Enter(admission, "busy", ProcessPriority.Agent) };
        var order = new List<string>();
        var waiting = new[]
        {
            Note("background", "x", ProcessPriority.Background),
            Note("busy", "busy", ProcessPriority.Agent),
            Note("early", "y", ProcessPriority.Agent),
            Note("late", "z", ProcessPriority.Agent),
        };

        inside[0].Dispose();
        await Task.WhenAll(waiting);

        Assert.Equal(["early", "late", "busy", "background"], order);

        async Task Note(string name, string owner, ProcessPriority priority)
        {
            using var ticket = await Enter(admission, owner, priority);
            lock (order)
            {
                order.Add(name);
            }
        }
    }

    [Fact]
    public async Task Who_waits_long_goes_first_at_last()
    {
        var time = new FakeTimeProvider();
        var admission = new TurnAdmission(1, time);
        var inside = await Enter(admission, "a", ProcessPriority.Interactive);
        var background = Enter(admission, "b", ProcessPriority.Background);
        time.Advance(TimeSpan.FromMinutes(1));
        var person = Enter(admission, "c", ProcessPriority.Interactive);

        inside.Dispose();
        (await background).Dispose();
        (await person).Dispose();
        Assert.Equal(0, admission.Waiting);
    }

    [Fact]
    public async Task Cancelled_one_leaves_the_queue_and_the_others_go_on()
    {
        var admission = new TurnAdmission(1);
        var inside = await Enter(admission, "a", ProcessPriority.Interactive);
        using var stop = new CancellationTokenSource();
        var cancelled = admission.EnterAsync("b", ProcessPriority.Interactive, stop.Token).AsTask();
        var next = Enter(admission, "c", ProcessPriority.Interactive);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        inside.Dispose();
        // Twice is once.
        inside.Dispose();
        (await next).Dispose();
        Assert.True((await Enter(admission, "d", ProcessPriority.Background)) is not null);
    }

    [Fact]
    public async Task Closed_one_refuses_who_waits_and_completes_when_all_have_left()
    {
        var admission = new TurnAdmission(1);
        var inside = await Enter(admission, "a", ProcessPriority.Interactive);
        var waiting = Enter(admission, "b", ProcessPriority.Interactive);

        var closed = admission.CloseAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Enter(admission, "c", ProcessPriority.Interactive));
        Assert.False(closed.IsCompleted);
        inside.Dispose();
        await closed;
    }

    [Fact]
    public async Task Many_come_go_and_cancel_at_random_and_never_too_many_are_inside()
    {
        var admission = new TurnAdmission(3);
        var random = new Random(1);
        var inside = new int[4];
        var turns = Enumerable.Range(0, 400).Select(index => (Priority: (ProcessPriority)random.Next(4), Cancels: random.Next(4) == 0));
        await Parallel.ForEachAsync(turns, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (turn, _) =>
        {
            using var stop = new CancellationTokenSource();
            if (turn.Cancels)
            {
                stop.CancelAfter(1);
            }

            try
            {
                using var ticket = await admission.EnterAsync($"{turn.Priority}", turn.Priority, stop.Token);
                Assert.InRange(Interlocked.Increment(ref inside[(int)turn.Priority]), 1, 3);
                await Task.Yield();
                Interlocked.Decrement(ref inside[(int)turn.Priority]);
            }
            catch (OperationCanceledException) when (turn.Cancels)
            {
            }
        });

        Assert.Equal(0, admission.Waiting);
        await admission.CloseAsync();
    }

    static Task<IDisposable> Enter(TurnAdmission admission, string owner, ProcessPriority priority) =>
        admission.EnterAsync(owner, priority, TestContext.Current.CancellationToken).AsTask();
}
