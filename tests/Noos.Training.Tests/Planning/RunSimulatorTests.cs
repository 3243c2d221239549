using CsCheck;
using Noos.Training.Planning;
using Noos.Training.Planning.Simulation;

namespace Noos.Training.Tests.Planning;

public sealed class RunSimulatorTests
{
    const double Day = 86_400;

    static readonly SimulationOptions s_month = new()
    {
        Nodes = 2048,
        StepSeconds = 7,
        Steps = 30 * Day / 7,
        Replicas = 128,
        Design = RecoveryDesigns.Automatic,
    };

    [Fact]
    public void Run_without_failures_takes_its_steps_and_its_checkpoints()
    {
        var run = new RunSimulator(s_month with { Rates = FailureRates.None }).Run();
        var checkpoints = Math.Ceiling(30 * Day / run.Interval) - 1;

        Assert.True(run.IsComplete);
        Assert.Equal((30 * Day) + (checkpoints * RecoveryDesigns.Automatic.StallSeconds), run.Elapsed, 1);
        Assert.Empty(run.Incidents);
    }

    [Fact]
    public void Parts_of_a_run_add_up_to_its_time_whatever_happens()
    {
        var options =
            from design in Gen.Int[0, RecoveryDesigns.All.Count - 1]
            from nodes in Gen.Int[1, 400]
            from crashes in Gen.Double[0, 60]
            from stragglers in Gen.Double[0, 30]
            from corruptions in Gen.Double[0, 20]
            from planned in Gen.Double[0, 2]
            from spares in Gen.Double[0, 0.05]
            from replicas in Gen.Int[1, 16]
            from seed in Gen.ULong
            select s_month with
            {
                Nodes = nodes,
                Steps = 5 * Day / 7,
                Replicas = replicas,
                MaxSeconds = 60 * Day,
                Seed = seed,
                Design = RecoveryDesigns.All[design] with { SpareShare = spares },
                Rates = new FailureRates
                {
                    Crashes = crashes,
                    Stragglers = stragglers,
                    Corruptions = corruptions,
                    PlannedPerDay = planned,
                },
            };

        options.Sample(
            option =>
            {
                var run = new RunSimulator(option).Run();
                var parts = run.Useful + run.Redone + run.Slowdown + run.Verification + run.Stalls + run.Recovering + run.Waiting;
                Assert.Equal(run.Elapsed, parts, 1e-3 + (1e-9 * run.Elapsed));
                Assert.InRange(run.EffectiveTime, 0, 1);
                Assert.Equal(run.IsComplete, run.Useful >= option.Steps * option.StepSeconds);
                Assert.All(run.Timeline.Zip(run.Timeline.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start + 1e-6));
            },
            iter: 60, threads: 1);
    }

    [Fact]
    public void Run_is_the_same_for_the_same_seed_and_another_for_another()
    {
        var first = new RunSimulator(s_month).Run();
        var again = new RunSimulator(s_month).Run();
        var other = new RunSimulator(s_month with { Seed = 2 }).Run();

        Assert.Equal(first.Elapsed, again.Elapsed);
        Assert.Equal(first.Incidents, again.Incidents);
        Assert.NotEqual(first.Elapsed, other.Elapsed);
    }

    [Fact]
    public void Crashes_come_as_often_as_their_rate_says()
    {
        var runs = Enumerable.Range(0, 8).Select(seed => new RunSimulator(s_month with
        {
            Steps = 1e9,
            MaxSeconds = 54 * Day,
            Seed = (ulong)seed,
            Rates = new FailureRates { Stragglers = 0, Corruptions = 0 },
        }).Run());

        // 419 of 54 days, within four standard deviations of the mean of eight.
        Assert.InRange(runs.Average(run => run.Incidents.Count), 419 - 29, 419 + 29);
    }

    [Fact]
    public void Interval_of_daly_wastes_less_than_others()
    {
        var design = RecoveryDesigns.Tuned with { StallSeconds = 30, WriteSeconds = 1 };
        var best = RunSimulator.ChooseInterval(design, s_month.Nodes, new FailureRates());

        Assert.True(Waste(best) < Waste(best / 4));
        Assert.True(Waste(best) < Waste(best * 4));

        double Waste(double interval) => Enumerable.Range(1, 4).Average(seed =>
        {
            var run = new RunSimulator(s_month with
            {
                Seed = (ulong)seed,
                Design = design with { IntervalSeconds = interval },
                Rates = new FailureRates { Stragglers = 0, Corruptions = 0 },
            }).Run();
            return (run.Redone + run.Stalls) / run.Elapsed;
        });
    }

    [Fact]
    public void Formulas_of_young_and_daly_give_their_numbers()
    {
        // A stop of a minute, a failure a day.
        Assert.Equal(3219.9, CheckpointInterval.Young(60, Day), 0.1);
        Assert.Equal(3180.1, CheckpointInterval.Daly(60, Day), 0.2);

        // Where stops are longer than what lies between failures, the formula says: once between two of them.
        Assert.Equal(100, CheckpointInterval.Daly(300, 100));
    }

    [Fact]
    public void Run_without_spares_waits_for_repair()
    {
        var waits = new RunSimulator(s_month with { Nodes = 512, Design = RecoveryDesigns.Automatic with { SpareShare = 0 } }).Run();
        var spared = new RunSimulator(s_month with { Nodes = 512, Design = RecoveryDesigns.Automatic with { SpareShare = 0.1 } }).Run();

        Assert.True(waits.Waiting > 0);
        Assert.Equal(0, spared.Waiting);
        Assert.True(spared.EffectiveTime > waits.EffectiveTime);
    }

    [Fact]
    public void Corruption_noticed_late_costs_what_was_computed_since()
    {
        var rates = FailureRates.None with { Corruptions = 0.5 };
        var late = new RunSimulator(s_month with { Rates = rates }).Run();
        var early = new RunSimulator(s_month with
        {
            Rates = rates,
            Design = RecoveryDesigns.Automatic with { CorruptionDetectionSeconds = 60 },
        }).Run();

        Assert.True(late.Redone > 5 * early.Redone, $"{late.Redone} and {early.Redone}");
    }

    [Fact]
    public void Designs_are_in_their_order_and_only_the_better_ones_hold_95_percent_at_16384_gpus()
    {
        var points = DesignComparison.Run(new FailureRates(), stepSeconds: 7, gpusPerReplica: 128);
        var at = points.Where(point => point.Gpus == 16_384).ToDictionary(point => point.Design.Name, point => point.Effective);

        Assert.True(at["by-hand"] < at["automatic"] && at["automatic"] < at["tuned"] && at["tuned"] < at["elastic"]);
        Assert.True(at["automatic"] < DesignComparison.Bar);
        Assert.True(at["elastic"] >= DesignComparison.Bar);
    }
}
