using System.Globalization;
using Noos.Training.Planning.Simulation;
using Noos.Training.Runs;

namespace Noos.Training.Planning.Reports;

/// <summary>The curves of a plan.</summary>
static class PlanCharts
{
    const int Points = 240;

    static readonly string[] s_colours = ["c4", "c1", "c0", "c2"];

    /// <summary>Lost time of all designs over the number of GPUs.</summary>
    public static string Designs(PlanForecast plan, IReadOnlyList<DesignPoint> designs)
    {
        var first = DesignComparison.Sizes[0];
        var last = DesignComparison.Sizes[^1];
        return new PlanChart
        {
            Title = "Which design holds at which size",
            Unit = "% of the time lost; simulated months",
            XTitle = "GPUs",
            X = new ChartAxis(first, last, IsLogarithmic: true)
            {
                Ticks = [1024, 2048, 4096, 8192, 16_384, 32_768, 60_000],
                Format = gpus => gpus >= 60_000 ? "60k" : $"{gpus / 1024:0}k",
            },
            Y = Axis(0.3, 100, isLogarithmic: true) with { Ticks = [0.5, 1, 2, 5, 10, 20, 50, 100] },
            Bar = ((1 - DesignComparison.Bar) * 100, "the bar: 5% lost"),
            Marks = plan.Request.Gpus >= first && plan.Request.Gpus <= last ? [(plan.Request.Gpus, "this plan")] : [],
            Series = [.. designs.GroupBy(point => point.Design).Select((group, index) => new PlanSeries(
                group.Key.Name, s_colours[index % s_colours.Length],
                [.. group.Select(point => ((double)point.Gpus, (1 - point.Effective) * 100))]))],
        }.Render();
    }

    /// <summary>Expected loss over the days of the first simulated run, and of one that nothing interrupts.</summary>
    public static string Loss(PlanForecast plan)
    {
        var run = plan.Runs[0];
        var days = run.Elapsed / 86_400;
        var tokensPerSecond = plan.BatchTokens / plan.Choice.Step.Total;
        var real = Sample(run).Select(point => (point.Time / 86_400, LossAfter(point.Work))).ToList();
        var ideal = Enumerable.Range(1, Points).Select(index => days * index / Points)
            .TakeWhile(day => day * 86_400 <= run.Useful)
            .Select(day => (day, LossAfter(day * 86_400)))
            .ToList();
        var end = real[^1].Item2;
        return new PlanChart
        {
            Title = "Expected loss",
            Unit = $"nats per token, by {plan.Request.Law.Name}",
            XTitle = "days",
            X = Axis(0, days),
            // The first days fall from far above; the plot shows what is decided later.
            Y = new ChartAxis(end - (0.03 * (LossAfter(run.Useful * 0.03) - end)), LossAfter(run.Useful * 0.03))
            {
                Format = loss => loss.ToString("0.00", CultureInfo.InvariantCulture),
            },
            Series =
            [
                new PlanSeries("without interruptions", "c7", ideal, IsDashed: true),
                new PlanSeries(string.Create(CultureInfo.InvariantCulture, $"as simulated, at the end {end:0.000}"), "c0", real),
            ],
        }.Render();

        double LossAfter(double seconds) =>
            plan.Request.Law.Predict(plan.Request.Model.ActiveParameterCount, Math.Max(plan.BatchTokens, seconds * tokensPerSecond));
    }

    /// <summary>Money spent over the days, and what of it went into the result.</summary>
    public static string Cost(PlanForecast plan)
    {
        var run = plan.Runs[0];
        var perSecond = (plan.Nodes + plan.Spares) * (double)plan.Request.Gpu.PerNode * plan.Price / 3600;
        var total = Math.Max(1e-6, run.Elapsed * perSecond);
        var (divisor, unit) = total >= 1e6 ? (1e6, "million dollars") : total >= 1e3 ? (1e3, "thousand dollars") : (1, "dollars");
        var points = Sample(run);
        return new PlanChart
        {
            Title = "Cost",
            Unit = $"{unit}, spares included",
            XTitle = "days",
            X = Axis(0, run.Elapsed / 86_400),
            Y = Axis(0, total / divisor * 1.05),
            Series =
            [
                new PlanSeries(
                    "spent", "c1", [.. points.Select(point => (point.Time / 86_400, point.Time * perSecond / divisor))], IsArea: true),
                new PlanSeries(
                    "of it in the result", "useful", [.. points.Select(point => (point.Time / 86_400, point.Work * perSecond / divisor))],
                    IsArea: true),
            ],
        }.Render();
    }

    /// <summary>Time that goes to checkpoints and lost work over the interval between checkpoints.</summary>
    public static string Interval(PlanForecast plan)
    {
        var design = plan.Request.Design;
        var between = plan.MeanTimeBetweenFailures;
        var daly = CheckpointInterval.Daly(design.StallSeconds, between);
        var used = plan.Runs[0].Interval;
        var low = Math.Min(daly, used) / 12;
        var high = Math.Max(daly, used) * 12;
        var curve = Enumerable.Range(0, Points)
            .Select(index => low * Math.Pow(high / low, index / (Points - 1.0)))
            .Select(interval => (interval / 60, Waste(interval)))
            .ToList();
        var top = Math.Min(100, Math.Max(4 * curve.Min(point => point.Item2), 1.3 * Waste(used)));
        return new PlanChart
        {
            Title = "How often to take checkpoints",
            Unit = "% of the time for checkpoints and lost work, first order",
            XTitle = "minutes between checkpoints",
            X = Axis(low / 60, high / 60, isLogarithmic: true) with
            {
                Ticks = [.. new[] { 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000 }.Where(tick => tick >= low / 60 && tick <= high / 60)],
            },
            Y = Axis(0, top),
            Marks = Math.Abs(daly - used) < 0.02 * used
                ? [(used / 60, $"Daly, used: {PlanNumber.Duration(used)}")]
                : [(daly / 60, $"Daly: {PlanNumber.Duration(daly)}"), (used / 60, $"used: {PlanNumber.Duration(used)}")],
            Series = [new PlanSeries(
                string.Create(CultureInfo.InvariantCulture,
                    $"a stop of {PlanNumber.Duration(design.StallSeconds)}, a crash every {PlanNumber.Duration(between)}"),
                "c0", curve)],
        }.Render();

        double Waste(double interval) => 100 * CheckpointInterval.Waste(interval, design.StallSeconds, design.WriteSeconds, between);
    }

    static ChartAxis Axis(double low, double high, bool isLogarithmic = false) =>
        new(low, high, isLogarithmic) { Format = PlanNumber.Digits };

    /// <summary>The progress of a run at regular times.</summary>
    static List<(double Time, double Work)> Sample(SimulatedRun run)
    {
        var samples = new List<(double, double)>();
        var index = 0;
        for (var point = 0; point <= Points; point++)
        {
            var time = run.Elapsed * point / Points;
            while (index + 2 < run.Progress.Count && run.Progress[index + 1].Time < time)
            {
                index++;
            }

            var (from, to) = (run.Progress[index], run.Progress[Math.Min(index + 1, run.Progress.Count - 1)]);
            var share = to.Time > from.Time ? Math.Clamp((time - from.Time) / (to.Time - from.Time), 0, 1) : 1;
            samples.Add((time, from.Work + (share * (to.Work - from.Work))));
        }

        return samples;
    }
}
