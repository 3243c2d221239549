using System.Globalization;
using System.Net;
using System.Text;
using Noos.Core.Storage;
using Noos.Training.Planning.Models;
using Noos.Training.Planning.Published;
using Noos.Training.Planning.Simulation;
using Noos.Training.Runs;

namespace Noos.Training.Planning.Reports;

/// <summary>A plan as one HTML file that needs nothing else: no script, no font, no network.</summary>
public static class PlanReport
{
    /// <param name="path">The file, replaced as a whole.</param>
    /// <exception cref="Core.NoosException">It cannot be written.</exception>
    public static void Write(
        string path, PlanForecast plan, IReadOnlyList<DesignPoint> designs, IReadOnlyList<PublishedRun> published) =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(Render(plan, designs, published))));

    public static string Render(PlanForecast plan, IReadOnlyList<DesignPoint> designs, IReadOnlyList<PublishedRun> published)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var title = string.Create(CultureInfo.InvariantCulture, $"{plan.Request.Model.Name} on {plan.Request.Gpus:N0} {Gpu(plan)}");
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture,
            $"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">"
            + $"<title>Plan: {Encode(title)}</title><style>{ReportStyle.Css}{PlanReportStyle.Css}</style><main>");
        Header(html, plan, title);
        Tiles(html, plan);
        html.Append("<figure class=wide><figcaption><b>The run, simulated</b> <span class=unit>").Append(Encode(TimelineUnit(plan)))
            .Append("</span></figcaption>").Append(RunTimeline.Render(plan.Runs[0])).Append("</figure>");
        html.Append("<div class=charts>");
        html.Append(TimeFigure(plan)).Append(PlanCharts.Designs(plan, designs)).Append(PlanCharts.Loss(plan)).Append(PlanCharts.Cost(plan));
        html.Append(StepFigure(plan)).Append(MemoryFigure(plan));
        html.Append(PlanCharts.Interval(plan)).Append(CauseFigure(plan));
        html.Append("</div>");
        Layouts(html, plan);
        DesignTable(html, designs);
        Published(html, published);
        Assumptions(html, plan);
        html.Append(CultureInfo.InvariantCulture,
            $"<footer>Made by <b>noos plan</b>, seed {plan.Request.Seed}, {plan.Runs.Count} simulated runs; the same request gives "
            + $"the same report. Forecasts of analytic models and a simulation: good to some tens of percent, no more.</footer></main>"
            + $"</html>");
        return html.ToString();
    }

    static string Encode(string text) => WebUtility.HtmlEncode(text);

    static string Gpu(PlanForecast plan) => plan.Request.Gpu.Name.ToUpperInvariant();

    static string TimelineUnit(PlanForecast plan)
    {
        var run = plan.Runs[0];
        return string.Create(CultureInfo.InvariantCulture,
            $"seed {plan.Request.Seed}: {PlanNumber.Duration(run.Elapsed)}, {run.Incidents.Count:N0} interruptions, "
            + $"{PlanNumber.Percent(run.EffectiveTime)} effective{(run.IsComplete ? "" : ", given up")}");
    }

    static void Header(StringBuilder html, PlanForecast plan, string title)
    {
        var holds = plan.Effective.Mean >= DesignComparison.Bar;
        html.Append(CultureInfo.InvariantCulture,
            $"<header class=plan><div><h1>{Encode(title)}</h1><p class=summary>{SuffixedNumber.Format(plan.Request.Tokens)} tokens in "
            + $"{plan.Steps:N0} updates of {SuffixedNumber.Format(plan.BatchTokens)}, laid out as {Encode(plan.Choice.Layout.ToString())}; "
            + $"recovery <b>{Encode(plan.Request.Design.Name)}</b>: {Encode(plan.Request.Design.Summary)}</p></div>"
            + $"<div class=\"verdict {(holds ? "good" : "bad")}\">effective time<b>{PlanNumber.Percent(plan.Effective.Mean)}</b>"
            + $"{(holds ? "above" : "below")} the bar of {PlanNumber.Percent(DesignComparison.Bar, 0)}</div></header>");
    }

    static void Tiles(StringBuilder html, PlanForecast plan)
    {
        html.Append("<div class=tiles>");
        Tile(
            "time", PlanNumber.Duration(plan.Elapsed.Mean),
            $"{PlanNumber.Duration(plan.Elapsed.Low)} to {PlanNumber.Duration(plan.Elapsed.High)}");
        Tile("cost", PlanNumber.ShortMoney(plan.Cost), string.Create(CultureInfo.InvariantCulture,
            $"{SuffixedNumber.Format(plan.GpuHours)} GPU-hours at ${plan.Price:0.##}"));
        Tile("expected loss", plan.Loss.ToString("0.000", CultureInfo.InvariantCulture), "nats per token");
        Tile("update", PlanNumber.Duration(plan.Choice.Step.Total), string.Create(CultureInfo.InvariantCulture,
            $"{plan.FlopsPerGpu / 1e12:0} TFLOP/s a GPU, {PlanNumber.Percent(plan.Mfu, 0)} of peak"));
        Tile("memory", PlanNumber.Bytes(plan.Choice.Memory.Total), $"of {PlanNumber.Bytes(plan.Request.Gpu.Memory)} on each GPU");
        Tile("a crash every", PlanNumber.Duration(plan.MeanTimeBetweenFailures), string.Create(CultureInfo.InvariantCulture,
            $"checkpoint every {PlanNumber.Duration(plan.Runs[0].Interval)}, {PlanNumber.Bytes(plan.CheckpointBytes)}"));
        Tile("compute", $"{plan.Flops.ToString("0.0e+0", CultureInfo.InvariantCulture)}", "FLOPs of the model");
        html.Append("</div>");

        void Tile(string name, string value, string note) => html.Append(CultureInfo.InvariantCulture,
            $"<div><span>{Encode(name)}</span><b>{Encode(value)}</b><small>{Encode(note)}</small></div>");
    }

    static string TimeFigure(PlanForecast plan)
    {
        var runs = plan.Runs;
        var html = Parts(
            "Where the time goes", "mean of all simulated runs",
            [
                ("into the result", "useful", Share(run => run.Useful)),
                ("slower steps", "slow", Share(run => run.Slowdown)),
                ("checks of results", "c3", Share(run => run.Verification)),
                ("done again", "redone", Share(run => run.Redone)),
                ("recovering", "recovering", Share(run => run.Recovering)),
                ("stopped for checkpoints", "c5", Share(run => run.Stalls)),
                ("waiting for a server", "waiting", Share(run => run.Waiting)),
            ],
            value => PlanNumber.Duration(value));
        return html.Replace("</figure>", RunsStrip(plan) + "</figure>", StringComparison.Ordinal);

        double Share(Func<SimulatedRun, double> part) => runs.Average(part);
    }

    /// <summary>The length of each simulated run as a dot.</summary>
    static string RunsStrip(PlanForecast plan)
    {
        const int Width = 560;
        const int Margin = 40;
        var days = plan.Runs.Select(run => run.Elapsed / 86_400).Order().ToArray();
        var (low, high) = (days[0], Math.Max(days[^1], days[0] + 1e-9));
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} 74\" role=img aria-label=\"Length of the simulated runs\"><text x={Margin} y=14>"
            + $"{days.Length} simulated runs</text><line class=axis x1={Margin} x2={Width - Margin} y1=44 y2=44 />");
        foreach (var day in days)
        {
            html.Append(CultureInfo.InvariantCulture, $"<circle class=\"useful dot\" cx={X(day):0.#} cy=44 r=5 />");
        }

        return html.Append(CultureInfo.InvariantCulture,
            $"<text x={X(low):0.#} y=68 text-anchor=middle>{PlanNumber.Duration(low * 86_400)}</text><text x={X(high):0.#} y=68 "
            + $"text-anchor=middle>{(days.Length > 1 ? PlanNumber.Duration(high * 86_400) : "")}</text></svg>").ToString();

        double X(double day) => days.Length == 1 ? Width / 2.0 : Margin + ((day - low) / (high - low) * (Width - (2 * Margin)));
    }

    static string StepFigure(PlanForecast plan)
    {
        var step = plan.Choice.Step;
        return Parts(
            "One update", PlanNumber.Duration(step.Total),
            [
                ("matrix products", "c0", step.Products),
                ("attention", "c5", step.Attention),
                ("norms and activations (memory)", "c2", step.Memory),
                ("links of tensor, context, experts", "c1", step.TensorLinks),
                ("pipeline bubble", "c4", step.Bubble),
                ("links of the pipeline", "c7", step.PipelineLinks),
                ("gradients among replicas, uncovered", "c3", step.DataLinks),
                ("optimizer", "c6", step.Optimizer),
            ],
            value => PlanNumber.Duration(value));
    }

    static string MemoryFigure(PlanForecast plan)
    {
        var memory = plan.Choice.Memory;
        return Parts(
            "Memory of the fullest GPU", $"of {PlanNumber.Bytes(plan.Request.Gpu.Memory)}",
            [
                ("weights", "c0", memory.Weights),
                ("gradients", "c5", memory.Gradients),
                ("optimizer", "c2", memory.Optimizer),
                ("activations", "c1", memory.Activations),
                ("reserve: driver, collectives, fragments", "c7", memory.Reserve),
            ],
            value => PlanNumber.Bytes(value),
            plan.Request.Gpu.Memory);
    }

    /// <summary>A stacked bar with its numbers.</summary>
    /// <param name="capacity">Length of the whole bar; 0 for the sum.</param>
    static string Parts(
        string title, string unit, IReadOnlyList<(string Name, string Colour, double Value)> parts, Func<double, string> format,
        double capacity = 0)
    {
        var sum = parts.Sum(part => part.Value);
        var whole = Math.Max(capacity, sum);
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture,
            $"<figure><figcaption><b>{Encode(title)}</b> <span class=unit>{Encode(unit)}</span></figcaption><div class=stack>");
        foreach (var (name, colour, value) in parts.Where(part => part.Value > 0))
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<i class={colour} style=\"width:{value / whole * 100:0.###}%\" title=\"{Encode(name)}\"></i>");
        }

        html.Append("</div><div class=parts>");
        foreach (var (name, colour, value) in parts.Where(part => part.Value > 0))
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<span class=name><i class=\"box {colour}\"></i>{Encode(name)}</span><b>{Encode(format(value))}</b>"
                + $"<em>{PlanNumber.Percent(value / whole)}</em>");
        }

        return html.Append("</div></figure>").ToString();
    }

    static string CauseFigure(PlanForecast plan)
    {
        var causes = plan.Runs.SelectMany(run => run.Incidents).GroupBy(incident => incident.Cause, StringComparer.Ordinal)
            .Select(group => (Name: group.Key, Count: (double)group.Count() / plan.Runs.Count))
            .OrderByDescending(cause => cause.Count).ToList();
        string[] colours = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];
        return Parts(
            "What interrupts it", string.Create(CultureInfo.InvariantCulture, $"{plan.Interruptions.Mean:0} times on average"),
            [.. causes.Take(10).Select((cause, index) => (cause.Name, colours[index % colours.Length], cause.Count))],
            value => value.ToString(value < 10 ? "0.#" : "0", CultureInfo.InvariantCulture));
    }

    static void Layouts(StringBuilder html, PlanForecast plan)
    {
        html.Append("<h2>Layouts that were compared</h2><div class=\"card table\"><table><tr><th>layout<th class=number>micro-batches"
            + "<th>recomputed<th>divided among replicas<th class=number>memory<th class=number>update<th class=number>TFLOP/s a GPU"
            + "<th class=number>bubble</tr>");
        foreach (var (choice, index) in plan.Choices.Select((choice, index) => (choice, index)))
        {
            var best = index == 0 ? " class=best" : "";
            var layout = choice.Layout;
            var zero = layout.Zero switch { 0 => "nothing", 1 => "optimizer", 2 => "optimizer, gradients", _ => "everything" };
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td{best}>{Encode(layout.ToString())}<td class=number>{choice.MicroBatches:N0} × {layout.MicroBatch}"
                + $"<td>{(layout.Recomputation == Machines.Recomputation.Full ? "everything" : "nothing")}<td>{zero}"
                + $"<td class=number>{PlanNumber.Bytes(choice.Memory.Total)}<td class=number>{PlanNumber.Duration(choice.Step.Total)}"
                + $"<td class=number>{plan.Request.Model.FlopsPerToken * choice.Throughput / 1e12:0}"
                + $"<td class=number>{PlanNumber.Percent(choice.Step.Bubble / choice.Step.Total)}</tr>");
        }

        html.Append("</table></div>");
    }

    static void DesignTable(StringBuilder html, IReadOnlyList<DesignPoint> designs)
    {
        html.Append(CultureInfo.InvariantCulture,
            $"<h2>Which design keeps a run above {PlanNumber.Percent(DesignComparison.Bar, 0)}</h2><div class=\"card table\">"
            + $"<table><tr><th>design");
        foreach (var size in DesignComparison.Sizes)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th class=number>{size:N0}");
        }

        html.Append("<th></tr>");
        foreach (var design in designs.GroupBy(point => point.Design))
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td class=best>{Encode(design.Key.Name)}");
            foreach (var point in design)
            {
                html.Append(CultureInfo.InvariantCulture,
                    $"<td class=\"number{(point.Effective >= DesignComparison.Bar ? " over" : "")}\">"
                    + $"{PlanNumber.Percent(point.Effective)}");
            }

            html.Append(CultureInfo.InvariantCulture, $"<td class=summary>{Encode(design.Key.Summary)}</tr>");
        }

        html.Append("</table></div>");
    }

    static void Published(StringBuilder html, IReadOnlyList<PublishedRun> published)
    {
        html.Append(CultureInfo.InvariantCulture,
            $"<h2>Checked against published runs</h2><p class=summary>Bar: {PlanNumber.Percent(RunCheck.Tolerance, 0)}. "
            + $"Nothing that comes out was put in: efficiencies and times of recovery are from other runs than the one they are checked on."
            + $"</p><div class=runs>");
        foreach (var run in published)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<div class=\"card run\"><h3>{Encode(run.Name)}</h3><p>{Encode(run.Summary)}</p><table><tr><th>comes out"
                + $"<th class=number>published<th class=number>planner<th class=number>error</tr>");
            foreach (var check in run.Checks)
            {
                var how = check.How.Length > 0 ? $"<small>{Encode(check.How)}</small>" : "";
                html.Append(CultureInfo.InvariantCulture,
                    $"<tr><td>{Encode(check.Quantity)}{how}<td class=number>{check.PublishedText}"
                    + $"<td class=number>{check.PredictedText}<td class=number><span class=\"pill {(check.Passes ? "good" : "bad")}\">"
                    + $"{Signed(check)}</span></tr>");
            }

            html.Append("</table><h4>goes in</h4><ul>");
            foreach (var (what, source) in run.Inputs)
            {
                html.Append(CultureInfo.InvariantCulture, $"<li>{Encode(what)} <span>· {Encode(source)}</span></li>");
            }

            html.Append("</ul>");
            if (run.Caveats.Length > 0)
            {
                html.Append(CultureInfo.InvariantCulture, $"<h4>left out</h4><p>{Encode(run.Caveats)}</p>");
            }

            html.Append("</div>");
        }

        html.Append("</div>");

        static string Signed(RunCheck check) => (check.Kind == PublishedKind.AtLeast && check.Predicted >= check.Published)
            || (check.Kind == PublishedKind.Range && check.Error == 0)
            ? "holds"
            : check.Error.ToString("+0.0%;−0.0%", CultureInfo.InvariantCulture);
    }

    static void Assumptions(StringBuilder html, PlanForecast plan)
    {
        var request = plan.Request;
        html.Append("<h2>What the plan rests on</h2><div class=card><dl>");
        Row("model", string.Create(CultureInfo.InvariantCulture,
            $"{request.Model.ParameterCount / 1e9:0.#} billion weights, {request.Model.ActiveParameterCount / 1e9:0.#} active; "
            + $"{request.Model.Layers} layers of {request.Model.Hidden:N0}; {request.Model.Source}"));
        Row("kernels", string.Create(CultureInfo.InvariantCulture,
            $"{PlanNumber.Percent(request.Gpu.ProductEfficiency, 0)} of {request.Gpu.PeakFlops / 1e12:0} TFLOP/s; "
            + $"{request.Gpu.EfficiencySource}"));
        Row("step time", "analytic, after arXiv 2104.04473 and 2205.05198: products, attention, memory traffic, collectives, bubble");
        Row("failures", string.Create(CultureInfo.InvariantCulture,
            $"{request.Rates.Crashes:0.##} crashes, {request.Rates.Stragglers:0.##} stragglers, {request.Rates.Corruptions:0.###} "
            + $"silent corruptions per thousand server-days; {request.Rates.Source}"));
        Row("recovery", request.Design.Source);
        Row("spares", string.Create(CultureInfo.InvariantCulture,
            $"{plan.Spares:N0} servers beside {plan.Nodes:N0}; at most {plan.Runs.Max(run => run.MaxRepairs):N0} were in repair "
            + $"at a time"));
        Row("checkpoints", string.Create(CultureInfo.InvariantCulture,
            $"Young {PlanNumber.Duration(CheckpointInterval.Young(request.Design.StallSeconds, plan.MeanTimeBetweenFailures))}, "
            + $"Daly {PlanNumber.Duration(CheckpointInterval.Daly(request.Design.StallSeconds, plan.MeanTimeBetweenFailures))}, used "
            + $"{PlanNumber.Duration(plan.Runs[0].Interval)}; a stop takes {PlanNumber.Duration(request.Design.StallSeconds)}"));
        var optimum = request.Law.Optimum(6 * request.Model.ActiveParameterCount * request.Tokens);
        Row("loss", string.Create(CultureInfo.InvariantCulture,
            $"{request.Law.Name} ({request.Law.Source}): {request.Law.Irreducible} + {request.Law.A}/N^{request.Law.Alpha} + "
            + $"{request.Law.B}/D^{request.Law.Beta}; for as many FLOPs it prefers {SuffixedNumber.Format(optimum.Parameters)} weights and "
            + $"{SuffixedNumber.Format(optimum.Tokens)} tokens"));
        html.Append("</dl></div>");

        void Row(string name, string text) =>
            html.Append(CultureInfo.InvariantCulture, $"<dt>{Encode(name)}</dt><dd>{Encode(text)}</dd>");
    }
}
