using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Noos.Core.Storage;
using Noos.Factory.Collection;
using Noos.Factory.Policies;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Factory.Weeks;

/// <summary>
/// What became of a week, as Markdown and as one HTML file that is complete in itself: no script, no other file, light and dark. Made of
/// the files of the week alone, so it can be made again at any time, also of a week under way.
/// </summary>
public static class WeekReport
{
    /// <summary>Writes both reports of a week.</summary>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="weeks">The folder of all weeks: those before are drawn beside it.</param>
    /// <param name="state">The week.</param>
    public static void Write(WeekRecipe recipe, string weeks, WeekState state)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(state);
        var folder = WeekFolder.For(weeks, state.Number);
        Put(folder.Markdown, Markdown(recipe, folder, state));
        Put(folder.Report, Html(recipe, weeks, folder, state));
    }

    static void Put(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    static string Title(WeekRecipe recipe, WeekState state) =>
        string.Create(CultureInfo.InvariantCulture, $"{recipe.Name}: week {state.Number}");

    /// <summary>The outcome in one sentence.</summary>
    static string Outcome(WeekFolder folder, WeekState state) => state switch
    {
        { Promoted: { } number } => string.Create(CultureInfo.InvariantCulture, $"Promoted: champion {number} answers from now on."),
        { IsPassed: false } => Verdict(folder)?.Gate.ToText() ?? "Refused.",
        { IsPassed: true } when WeekRun.IsDone(state) =>
            "The candidate passed the gate, and nobody was promoted: another champion answers by now.",
        _ => string.Create(CultureInfo.InvariantCulture, $"Under way: {state.Done.Count} of {WeekRun.Steps.Count} steps are done."),
    };

    static WeekVerdict? Verdict(WeekFolder folder) =>
        File.Exists(folder.Verdict) ? FactoryJson.Read<WeekVerdict>(folder.Verdict) : null;

    static string Markdown(WeekRecipe recipe, WeekFolder folder, WeekState state)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# {Title(recipe, state)}").AppendLine();
        text.AppendLine(Outcome(folder, state)).AppendLine();
        if (Verdict(folder) is { } verdict)
        {
            text.AppendLine("## Gate").AppendLine();
            text.AppendLine("| check | champion | candidate | p | |").AppendLine("|---|---|---|---|---|");
            foreach (var check in verdict.Gate.Checks)
            {
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"| {check.Name} | {check.Champion:F1} % | {check.Candidate:F1} % | {check.Probability:0.0000} | "
                    + $"{(check.IsPassed ? "passed" : "**refused**")} |");
            }

            text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
                $"Win rate {verdict.Gate.WinRate * 100:F1} % (95 %: {verdict.Gate.WinRateLow * 100:F1} to "
                + $"{verdict.Gate.WinRateHigh * 100:F1}) by the labeler, {verdict.SecondWinRate * 100:F1} % by the second judge.");
            text.AppendLine();
        }

        if (CollectionReport.Read(folder.Collected) is { } collected)
        {
            text.AppendLine("## Collected").AppendLine().AppendLine(collected.ToMarkdown());
        }

        if (Policy(folder) is { } policy)
        {
            text.Append(policy.ToMarkdown("Reinforcement").Insert(0, "#")).AppendLine();
        }

        text.AppendLine("## Time").AppendLine().AppendLine("| step | hours |").AppendLine("|---|---|");
        foreach (var step in WeekRun.Steps.Where(state.Done.ContainsKey))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {step} | {state.Done[step] / 3600:F2} |");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"| all | {state.Done.Values.Sum() / 3600:F2} |");
        return text.ToString();
    }

    static string Html(WeekRecipe recipe, string weeks, WeekFolder folder, WeekState state)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Encode(Title(recipe, state))}</title><style>{ReportStyle.Css}</style><main>");
        html.Append(CultureInfo.InvariantCulture, $"<h1>{Encode(Title(recipe, state))}</h1>");
        html.Append(CultureInfo.InvariantCulture, $"<p class=summary>{Encode(Outcome(folder, state))}</p>");
        var verdict = Verdict(folder);
        Tiles(html, state, verdict);
        html.Append("<div class=charts>");
        foreach (var chart in Charts(weeks, folder, state))
        {
            html.Append(chart.Render());
        }

        html.Append("</div>");
        if (verdict is not null)
        {
            html.Append("<h2>Gate</h2><div class=card><table><tr><th>check<th class=number>champion");
            html.Append("<th class=number>candidate<th class=number>p<th>");
            foreach (var check in verdict.Gate.Checks)
            {
                html.Append(CultureInfo.InvariantCulture,
                    $"<tr><td>{Encode(check.Name)}<td class=number>{check.Champion:F1} %<td class=number>{check.Candidate:F1} %"
                    + $"<td class=number>{check.Probability:0.0000}<td>{(check.IsPassed ? "passed" : "<b>refused</b>")}: "
                    + $"{Encode(check.Sentence)}");
            }

            html.Append("</table></div>");
        }

        if (CollectionReport.Read(folder.Collected) is { } collected)
        {
            Collected(html, collected);
        }

        html.Append("<h2>Time</h2><div class=card><table><tr><th>step<th class=number>hours");
        foreach (var step in WeekRun.Steps.Where(state.Done.ContainsKey))
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encode(step)}<td class=number>{state.Done[step] / 3600:F2}");
        }

        return html.Append(CultureInfo.InvariantCulture,
            $"</table></div><footer>Made by Noos. The week began at {state.Started.ToUniversalTime():yyyy-MM-dd HH:mm} UTC.</footer>")
            .Append("</main></html>\n").ToString();
    }

    static void Tiles(StringBuilder html, WeekState state, WeekVerdict? verdict)
    {
        html.Append("<div class=tiles>");
        Tile("outcome", state.Promoted is { } number ? string.Create(CultureInfo.InvariantCulture, $"champion {number}")
            : state.IsPassed switch { false => "refused", true => "passed", null => "under way" });
        if (verdict is not null)
        {
            Tile("win rate", string.Create(CultureInfo.InvariantCulture, $"{verdict.Gate.WinRate * 100:F1} %"));
            Tile("by the second judge", string.Create(CultureInfo.InvariantCulture, $"{verdict.SecondWinRate * 100:F1} %"));
        }

        Tile("hours", string.Create(CultureInfo.InvariantCulture, $"{state.Done.Values.Sum() / 3600:F2}"));
        html.Append("</div>");

        void Tile(string name, string value) => html.Append(CultureInfo.InvariantCulture, $"<div><span>{name}</span><b>{value}</b></div>");
    }

    static IEnumerable<LineChart> Charts(string weeks, WeekFolder folder, WeekState state)
    {
        var all = WeekRun.List(weeks).Where(week => week.Number <= state.Number)
            .Select(week => (week.Number, Verdict: Verdict(WeekFolder.For(weeks, week.Number)))).Where(week => week.Verdict is not null)
            .Select(week => (week.Number, Verdict: week.Verdict!)).ToArray();
        if (all.Length > 0)
        {
            yield return new LineChart
            {
                Title = "Win rate over the champion",
                Unit = "percent of the questions, by week",
                LastX = state.Number,
                Series =
                [
                    new ChartSeries(
                        "labeler", [.. all.Select(week => ((double)week.Number, week.Verdict.Gate.WinRate * 100))], Dense: false),
                    new ChartSeries(
                        "second judge", [.. all.Select(week => ((double)week.Number, week.Verdict.SecondWinRate * 100))], Dense: false),
                ],
            };
            yield return new LineChart
            {
                Title = "Examinations of the candidates",
                Unit = "percent passed, by week",
                LastX = state.Number,
                Series =
                [
                    .. all.SelectMany(week => week.Verdict.Gate.Checks
                        .Where(check => check.Name.StartsWith("examination ", StringComparison.Ordinal))
                        .Select(check => (check.Name, week.Number, check.Candidate)))
                        .GroupBy(one => one.Name, StringComparer.Ordinal)
                        .Select(exam => new ChartSeries(
                            exam.Key["examination ".Length..], [.. exam.Select(one => ((double)one.Number, one.Candidate))], Dense: false)),
                ],
            };
        }

        if (Policy(folder) is { Measurements.Count: > 0 } policy)
        {
            foreach (var chart in PolicyCharts.Draw(policy.Measurements))
            {
                yield return chart;
            }
        }
    }

    /// <summary>What was measured of the reinforcement so far; null where there is none.</summary>
    static PolicyReport? Policy(WeekFolder folder)
    {
        var history = RolloutFile.ReadMetrics(folder.Reinforcement);
        if (history.Count == 0)
        {
            return null;
        }

        var measured = PolicyPeak.Read(folder.Reinforcement, history);
        return new PolicyReport(history, [])
        {
            Measurements = measured,
            Peak = measured.MaxBy(one => one.Truth)?.Iteration,
        };
    }

    static void Collected(StringBuilder html, CollectionReport collected)
    {
        html.Append(CultureInfo.InvariantCulture,
            $"<h2>Collected</h2><p class=summary>{collected.Demonstrations:N0} demonstrations, {collected.Pairs:N0} judged pairs of "
            + $"{collected.Preferences:N0} prompts.</p>");
        html.Append("<div class=card><table><tr><th>source<th class=number>taught<th class=number>learned");
        var reasons = Enum.GetValues<DropReason>();
        foreach (var reason in reasons)
        {
            var name = JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());
            html.Append(CultureInfo.InvariantCulture, $"<th class=number>{name}");
        }

        foreach (var source in collected.Sources)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Encode(source.Source)}<td class=number>{source.Taught}<td class=number>{source.Learned}");
            foreach (var reason in reasons)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td class=number>{source.Dropped.GetValueOrDefault(reason)}");
            }
        }

        html.Append("</table></div>");
    }

    static string Encode(string text) => WebUtility.HtmlEncode(text);
}
