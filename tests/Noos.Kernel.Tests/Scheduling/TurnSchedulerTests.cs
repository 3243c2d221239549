using Noos.Kernel.Processes;
using Noos.Kernel.Scheduling;

namespace Noos.Kernel.Tests.Scheduling;

public class TurnSchedulerTests
{
    static readonly TimeSpan s_pass = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void Prompt_of_a_person_goes_before_any_background_work()
    {
        var scheduler = new TurnScheduler();
        RunnableTurn[] ready =
        [
            .. Enumerable.Range(0, 32)
                .Select(index => new RunnableTurn($"{index}", ProcessPriority.Background, index % 2 == 0 ? 1 : 500, s_pass)),
            new("person", ProcessPriority.Interactive, 200, TimeSpan.Zero),
            new("other", ProcessPriority.Interactive, 1, TimeSpan.Zero),
        ];

        Assert.Equal([(33, 1), (32, 63)], Plan(scheduler, ready, 64));
    }

    [Fact]
    public void Crowd_that_has_waited_is_not_read_before_the_person_who_comes()
    {
        var scheduler = new TurnScheduler();
        RunnableTurn[] crowd =
            [.. Enumerable.Range(0, 32).Select(index => new RunnableTurn($"{index}", ProcessPriority.Background, 300, s_pass))];
        // The person has been served before, the crowd never.
        Plan(scheduler, [new("person", ProcessPriority.Interactive, 100, TimeSpan.Zero), .. crowd], 100);

        RunnableTurn[] ready =
        [
            .. crowd.Select(turn => turn with { Waited = TimeSpan.FromSeconds(3) }),
            new("person", ProcessPriority.Interactive, 120, TimeSpan.Zero),
        ];

        Assert.Contains((32, 64), Plan(scheduler, ready, 64));
        // After a very long time it is its turn all the same.
        var late = ready.Select(turn => turn.Owner == "7" ? turn with { Waited = TimeSpan.FromMinutes(1) } : turn).ToArray();
        Assert.Contains(Plan(scheduler, late, 64), grant => grant.Item1 == 7);
    }

    [Fact]
    public void Answers_never_stall_behind_a_long_prompt()
    {
        RunnableTurn[] ready =
        [
            new("a", ProcessPriority.Interactive, 5000, TimeSpan.Zero),
            new("b", ProcessPriority.Interactive, 1, TimeSpan.Zero),
            new("c", ProcessPriority.Continuation, 1, TimeSpan.FromSeconds(1)),
        ];

        var plan = Plan(new TurnScheduler(), ready, 256);

        Assert.Contains((1, 1), plan);
        Assert.Contains((2, 1), plan);
        Assert.Contains((0, 254), plan);
    }

    [Fact]
    public void Owners_share_evenly_however_many_turns_they_have()
    {
        // Owner 0 has one turn, owner 5 has six: 21 turns, of which 4 fit into a pass.
        var turns = Enumerable.Range(0, 6).SelectMany(owner => Enumerable.Repeat(owner, owner + 1)).ToArray();
        var waited = new TimeSpan[turns.Length];
        var served = new double[6];
        var scheduler = new TurnScheduler(maxTurns: 4);
        for (var pass = 0; pass < 3000; pass++)
        {
            RunnableTurn[] ready = [
                .. turns.Select((owner, index) => new RunnableTurn($"{owner}", ProcessPriority.Agent, 1, waited[index]))];
            var plan = Plan(scheduler, ready, 256);
            for (var index = 0; index < turns.Length; index++)
            {
                waited[index] = plan.Contains((index, 1)) ? TimeSpan.Zero : waited[index] + s_pass;
                served[turns[index]] += plan.Contains((index, 1)) ? 1 : 0;
            }
        }

        // Jain's index: 1 for equal shares, 1/6 where one has all.
        Assert.InRange(served.Sum() * served.Sum() / (6 * served.Sum(share => share * share)), 0.95, 1);
    }

    [Fact]
    public void Nobody_starves_beside_endless_work_of_a_higher_class()
    {
        var waited = TimeSpan.Zero;
        var longest = TimeSpan.Zero;
        var scheduler = new TurnScheduler(maxTurns: 2);
        var served = 0;
        for (var pass = 0; pass < 2000; pass++)
        {
            RunnableTurn[] ready =
            [
                .. Enumerable.Range(0, 8).Select(index => new RunnableTurn($"{index}", ProcessPriority.Interactive, 1, s_pass)),
                new("low", ProcessPriority.Background, 1, waited),
            ];
            var isServed = Plan(scheduler, ready, 256).Contains((8, 1));
            served += isServed ? 1 : 0;
            waited = isServed ? TimeSpan.Zero : waited + s_pass;
            longest = waited > longest ? waited : longest;
        }

        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.True(served > 20, $"{served}");
    }

    [Fact]
    public void Owner_who_was_away_gets_no_credit_for_it()
    {
        var scheduler = new TurnScheduler(maxTurns: 1);
        RunnableTurn busy = new("busy", ProcessPriority.Agent, 1, TimeSpan.Zero);
        for (var pass = 0; pass < 1000; pass++)
        {
            Plan(scheduler, [busy], 256);
        }

        var late = Enumerable.Range(0, 100)
            .Count(_ => Plan(scheduler, [busy, new("late", ProcessPriority.Agent, 1, TimeSpan.Zero)], 256)[0].Index == 1);

        Assert.InRange(late, 45, 55);
    }

    [Fact]
    public void Every_plan_is_within_its_budget()
    {
        var random = new Random(3);
        var scheduler = new TurnScheduler();
        for (var time = 0; time < 2000; time++)
        {
            var ready = Enumerable.Range(0, random.Next(1, 40)).Select(_ => new RunnableTurn(
                random.Next(4) == 0
                    ? null
                    : $"{random.Next(5)}", (ProcessPriority)random.Next(4), random.Next(3) == 0
                    ? random.Next(1, 900)
                    : 1,
                TimeSpan.FromMilliseconds(random.Next(3000)))).ToArray();
            var budget = random.Next(1, 300);

            var plan = Plan(scheduler, ready, budget);

            Assert.NotEmpty(plan);
            Assert.InRange(plan.Sum(grant => grant.Tokens), 1, budget);
            Assert.Equal(plan.Length, plan.Select(grant => grant.Index).Distinct().Count());
            Assert.All(plan, grant => Assert.InRange(grant.Tokens, 1, ready[grant.Index].Remaining));
        }
    }

    static (int Index, int Tokens)[] Plan(TurnScheduler scheduler, RunnableTurn[] ready, int budget)
    {
        var grants = new (int Index, int Tokens)[ready.Length];
        return grants[..scheduler.Plan(ready, budget, grants)];
    }
}
