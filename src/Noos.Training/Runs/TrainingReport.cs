using System.Globalization;
using System.Net;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Training.Runs;

/// <summary>One HTML file about a run, complete in itself: no script, no other file, light and dark.</summary>
public static class TrainingReport
{
    const int MaxEvents = 200;
    const int MaxEvaluations = 12;
    const int MaxMarks = 200;

    /// <summary>Writes or replaces the report atomically.</summary>
    /// <exception cref="NoosException">The disk is full, or the file cannot be written; a previous report is untouched.</exception>
    public static void Write(string path, RunDescription run, MetricsHistory history)
    {
        var html = Encoding.UTF8.GetBytes(Render(run, history));
        AtomicFile.Write(path, stream => stream.Write(html));
    }

    /// <summary>The report as HTML. All texts are encoded: what a model writes cannot become markup.</summary>
    public static string Render(RunDescription run, MetricsHistory history)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(history);
        history = history with { Events = WithSkips(history) };
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Encode(run.Title)}</title><style>{ReportStyle.Css}</style><main>");
        RenderHead(html, run, history);
        RenderCharts(html, run, history);
        RenderEvaluations(html, history);
        RenderSamples(html, history);
        RenderEvents(html, history);
        if (run.Data is { Rows.Count: > 0 } data)
        {
            html.Append("<h2>Data</h2>");
            RenderTable(html, data);
        }

        html.Append("<div class=two>");
        RenderPairs(html, "Settings", run.Settings);
        RenderPairs(html, "Environment", run.Environment);
        html.Append("</div>");
        if (history.Steps.Count > 0)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<footer>Made by Noos from the run's metrics up to {history.Steps[^1].Time.ToUniversalTime():yyyy-MM-dd HH:mm} "
                + $"UTC.</footer>");
        }

        return html.Append("</main></html>\n").ToString();
    }

    static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Skipped updates are events too, whether or not the log has a line about each.</summary>
    static List<RunEvent> WithSkips(MetricsHistory history)
    {
        var known = history.Events.Where(e => e.Kind == RunEvent.Skip).Select(e => e.Step).ToHashSet();
        return [.. history.Events
            .Concat(history.Steps
                .Where(s => s.Skipped && !known.Contains(s.Step))
                .Select(s => new RunEvent(s.Step, RunEvent.Skip,
                    string.Create(CultureInfo.InvariantCulture,
                        $"The loss {s.Loss:g4} or the gradient norm {s.GradientNorm:g4} is an outlier; the update was left out."))))
            .OrderBy(e => e.Step)];
    }

    static string FormatBits(double bits) => bits.ToString("F3", CultureInfo.InvariantCulture);

    static void RenderHead(StringBuilder html, RunDescription run, MetricsHistory history)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h1>{Encode(run.Title)}</h1>");
        if (run.Summary.Length > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=summary>{Encode(run.Summary)}</p>");
        }

        if (history.Steps is not [.., var last])
        {
            html.Append("<p class=none>The run has not made its first update yet.</p>");
            return;
        }

        var share = Math.Clamp((double)last.Step / Math.Max(1, run.TotalSteps), 0, 1);
        html.Append(CultureInfo.InvariantCulture, $"<div class=done><i style=\"width:{100 * share:F1}%\"></i></div><div class=tiles>");
        Tile("Step", last.Step.ToString("N0", CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"of {run.TotalSteps:N0}"));
        Tile("Tokens", ReportNumber.Abbreviate(last.Tokens), "");
        var recent = history.Steps.TakeLast(100).Where(s => !s.Skipped && double.IsFinite(s.Loss)).ToList();
        Tile(
            "Loss",
            recent.Count == 0 ? "–" : recent.Average(s => s.Loss).ToString("F3", CultureInfo.InvariantCulture),
            recent.Count == 0 ? "" : "mean of last " + recent.Count.ToString(CultureInfo.InvariantCulture));
        if (history.Evaluations.LastOrDefault(e => e.BitsPerByte.Count > 0) is { } evaluation)
        {
            Tile(
                "Bits per byte",
                FormatBits(evaluation.BitsPerByte.Values.Average()),
                evaluation.BitsPerByte.Count == 1 ? "" : "mean of sources");
        }

        Tile("Speed", ReportNumber.Abbreviate(history.Steps.TakeLast(100).Average(s => s.TokensPerSecond)), "tokens/s");
        Tile("Skipped", history.Steps.Count(s => s.Skipped).ToString("N0", CultureInfo.InvariantCulture), "updates");
        Tile("Time", FormatDuration(WorkingTime(history.Steps)), "at work");
        html.Append("</div>");

        void Tile(string name, string value, string note)
            => html.Append(CultureInfo.InvariantCulture,
                $"<div><span>{Encode(name)}</span><b>{Encode(value)}</b>{(note.Length > 0 ? $"<small>{Encode(note)}</small>" : "")}</div>");
    }

    /// <summary>Pauses between a stop and its resume do not count: gaps far longer than usual.</summary>
    static TimeSpan WorkingTime(IReadOnlyList<StepMetrics> steps)
    {
        var gaps = steps.Zip(steps.Skip(1), (a, b) => b.Time - a.Time).Where(g => g > TimeSpan.Zero).Order().ToList();
        if (gaps.Count == 0)
        {
            return TimeSpan.Zero;
        }

        var longest = TimeSpan.FromTicks(Math.Max(gaps[gaps.Count / 2].Ticks * 100, TimeSpan.TicksPerMinute * 5));
        return gaps.Where(g => g <= longest).Aggregate(TimeSpan.Zero, (sum, gap) => sum + gap);
    }

    static string FormatDuration(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:N0}h {time.Minutes:00}m")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m {time.Seconds:00}s");

    static void RenderCharts(StringBuilder html, RunDescription run, MetricsHistory history)
    {
        var lastX = Math.Max(
            history.Steps.Count > 0 ? history.Steps.Max(s => s.Step) : 0,
            history.Evaluations.Count > 0 ? history.Evaluations.Max(e => e.Step) : 0);
        var marks = history.Events.Where(e => e.Step <= lastX).TakeLast(MaxMarks).ToList();
        var applied = history.Steps.Where(s => !s.Skipped).ToList();
        var sources = history.Evaluations.SelectMany(e => e.BitsPerByte.Keys).Distinct(StringComparer.Ordinal).ToList();
        html.Append("<div class=charts>");
        Chart("Loss", "nats per token, training", [Dense("training", applied, s => s.Loss)], withMarks: true);
        Chart(
            "Bits per byte",
            "held-out text",
            [.. sources.Select(name =>
                new ChartSeries(name,
                    [.. history.Evaluations.Where(e => e.BitsPerByte.ContainsKey(name)).Select(e => ((double)e.Step, e.BitsPerByte[name]))],
                        Dense: false))],
            format: FormatBits);
        Chart("Gradient norm", "before clipping, logarithmic", [Dense("norm", history.Steps, s => s.GradientNorm)], logarithmic: true,
            withMarks: true);
        Chart("Learning rate", "", [Dense("rate", history.Steps, s => s.LearningRate)], fromZero: true, format: v =>
            v.ToString(v == 0 ? "0" : "0.##e-0", CultureInfo.InvariantCulture));
        Chart("Speed", "tokens per second", [Dense("tokens/s", history.Steps, s => s.TokensPerSecond)], fromZero: true);
        Chart("Model FLOPs utilisation", "share of the machine's peak", [Dense("MFU", history.Steps, s => 100 * s.Mfu)], fromZero: true,
            format: v => ReportNumber.Abbreviate(v) + "%");
        html.Append("</div>");

        static ChartSeries Dense(string name, IReadOnlyList<StepMetrics> steps, Func<StepMetrics, double> value)
            => new(name, [.. steps.Select(s => ((double)s.Step, value(s)))], Dense: true);

        void Chart(string title, string unit, IReadOnlyList<ChartSeries> series, bool logarithmic = false, bool fromZero = false,
            Func<double, string>? format = null, bool withMarks = false)
            => html.Append(new LineChart
            {
                Title = title,
                Unit = unit,
                Series = series,
                LastX = lastX,
                Logarithmic = logarithmic,
                FromZero = fromZero,
                Format = format ?? ReportNumber.Abbreviate,
                Marks = withMarks ? marks : [],
            }.Render());
    }

    static void RenderEvaluations(StringBuilder html, MetricsHistory history)
    {
        var evaluations = history.Evaluations.Where(e => e.BitsPerByte.Count > 0).ToList();
        if (evaluations.Count == 0)
        {
            return;
        }

        var sources = evaluations.SelectMany(e => e.BitsPerByte.Keys).Distinct(StringComparer.Ordinal).ToList();

        // The first, the last, and evenly between: a long run does not need a page of rows.
        var shown = Math.Min(evaluations.Count, MaxEvaluations);
        var rows = Enumerable.Range(0, shown)
            .Select(i => evaluations[shown == 1 ? 0 : (int)((long)i * (evaluations.Count - 1) / (shown - 1))])
            .Select(e => (IReadOnlyList<string>)
            [
                e.Step.ToString("N0", CultureInfo.InvariantCulture),
                ReportNumber.Abbreviate(e.Tokens),
                .. sources.Select(s => e.BitsPerByte.TryGetValue(s, out var bits) ? FormatBits(bits) : "–"),
            ]);
        html.Append("<h2>Evaluations: bits per byte</h2>");
        RenderTable(html, new ReportTable(["Step", "Tokens", .. sources], [.. rows]));
    }

    static void RenderSamples(StringBuilder html, MetricsHistory history)
    {
        var evaluations = history.Evaluations.Where(e => e.Samples.Count > 0).Reverse().ToList();
        if (evaluations.Count == 0)
        {
            return;
        }

        html.Append("<h2>Samples</h2><div class=card>");
        RenderSample(evaluations[0], open: true);
        if (evaluations.Count > 1)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<details><summary>Earlier evaluations: {evaluations.Count - 1}</summary><div class=inner>");
            foreach (var evaluation in evaluations.Skip(1))
            {
                RenderSample(evaluation, open: false);
            }

            html.Append("</div></details>");
        }

        html.Append("</div>");

        void RenderSample(Evaluation evaluation, bool open)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<details{(open ? " open" : "")}><summary>Step {evaluation.Step:N0}, {ReportNumber.Abbreviate(evaluation.Tokens)} "
                + $"tokens</summary>");
            foreach (var sample in evaluation.Samples)
            {
                html.Append(CultureInfo.InvariantCulture, $"<div class=sample><b>{Encode(sample.Prompt)}</b>{Encode(sample.Text)}</div>");
            }

            html.Append("</details>");
        }
    }

    static void RenderEvents(StringBuilder html, MetricsHistory history)
    {
        if (history.Events.Count == 0)
        {
            return;
        }

        html.Append("<h2>Events</h2><div class=card><table><tr><th class=number>Step<th>Event<th>What happened");
        foreach (var happened in history.Events.TakeLast(MaxEvents).Reverse())
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td class=number>{happened.Step:N0}<td class=\"kind "
                + $"{Encode(happened.Kind)}\"><i></i>{Encode(happened.Kind)}<td>{Encode(happened.Message)}");
        }

        html.Append("</table></div>");
        if (history.Events.Count > MaxEvents)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<p class=none>Shown are the last {MaxEvents} of {history.Events.Count:N0} events.</p>");
        }
    }

    static void RenderTable(StringBuilder html, ReportTable table)
    {
        var numeric = table.Columns.Select((_, column) => table.Rows.All(r => column >= r.Count || LooksLikeNumber(r[column]))).ToList();
        html.Append(CultureInfo.InvariantCulture, $"<div class=card><table{(numeric.TrueForAll(n => n) ? " class=even" : "")}><tr>");
        for (var column = 0; column < table.Columns.Count; column++)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th{(numeric[column] ? " class=number" : "")}>{Encode(table.Columns[column])}");
        }

        foreach (var row in table.Rows)
        {
            html.Append("<tr>");
            foreach (var cell in row)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td{(LooksLikeNumber(cell) ? " class=number" : "")}>{Encode(cell)}");
            }
        }

        html.Append("</table></div>");
    }

    static void RenderPairs(StringBuilder html, string title, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        html.Append(CultureInfo.InvariantCulture, $"<section><h2>{Encode(title)}</h2><div class=card><dl>");
        foreach (var (name, value) in pairs)
        {
            html.Append(CultureInfo.InvariantCulture, $"<dt>{Encode(name)}<dd>{Encode(value)}");
        }

        html.Append("</dl></div></section>");
    }

    static bool LooksLikeNumber(string cell) =>
        cell.Length > 0 && (char.IsAsciiDigit(cell[0]) || cell is "–" || (cell[0] is '-' && cell.Length > 1 && char.IsAsciiDigit(cell[1])));
}
