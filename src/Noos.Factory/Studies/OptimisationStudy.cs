using System.Globalization;
using System.Net;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Courses;
using Noos.Courses.Experts;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Factory.Rewards;
using Noos.Factory.Stages;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Factory.Studies;

/// <summary>What is varied in a study of over-optimisation, and how far each policy is driven.</summary>
public sealed record StudyOptions
{
    /// <summary>Sizes of the comparison set, in judged pairs.</summary>
    public IReadOnlyList<int> Comparisons { get; init; } = [500, 2000];

    /// <summary>Shares of wrong labels.</summary>
    public IReadOnlyList<double> Noise { get; init; } = [0, 0.1, 0.25];

    /// <summary>Reward models that judge together.</summary>
    public IReadOnlyList<int> Members { get; init; } = [1, 4];

    public RewardOptions Reward { get; init; } = new();

    /// <summary>Without a cost of divergence: it is to go too far.</summary>
    public PolicyOptions Policy { get; init; } = new()
    {
        Reinforcement = new ReinforcementOptions
        {
            Method = ReinforcementMethod.Rloo,
            Iterations = 100,
            TextRows = 0,
            KlWeight = 0,
            KlTarget = 0,
            MaxKl = 1000,
            MaxTokenKl = 1000,
        },
        MeasureEvery = 10,
        MeasureQuestions = 300,
        HeldOut = 0,
    };
}

/// <summary>The course of one policy of a study.</summary>
/// <param name="Comparisons">Judged pairs of its reward models.</param>
/// <param name="Noise">Share of wrong labels.</param>
/// <param name="Members">Reward models.</param>
/// <param name="Measurements">Proxy and truth on the way.</param>
public sealed record StudyRun(int Comparisons, double Noise, int Members, IReadOnlyList<PolicyMeasurement> Measurements)
{
    /// <summary>Held-out pairs that the reward models put right.</summary>
    public double RewardAccuracy { get; init; }

    /// <summary>For people.</summary>
    public string Name => string.Create(
        CultureInfo.InvariantCulture,
        $"{Comparisons:N0} pairs, {Noise * 100:0.#} % noise, {(Members == 1 ? "one model" : $"{Members} models")}");

    /// <summary>
    /// The gain of the truth as d (a - b log d) over d = √KL, by least squares: the law of Gao et al. (2022) for reinforcement. Null with
    /// fewer than three different distances.
    /// </summary>
    public (double A, double B)? Fit()
    {
        if (Measurements.Count == 0)
        {
            return null;
        }

        var start = Measurements[0].Truth;
        var points = Measurements.Where(one => one.Kl > 1e-9).Select(one => (D: Math.Sqrt(one.Kl), Gain: one.Truth - start)).ToArray();
        var (xx, xy, yy, xg, yg) = (0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var (d, gain) in points)
        {
            // gain = a x + b y with x = d and y = -d log d.
            var (x, y) = (d, -d * Math.Log(d));
            (xx, xy, yy, xg, yg) = (xx + (x * x), xy + (x * y), yy + (y * y), xg + (x * gain), yg + (y * gain));
        }

        var determinant = (xx * yy) - (xy * xy);
        return points.Length < 3 || Math.Abs(determinant) < 1e-12 * xx * yy ? null
            : (((xg * yy) - (yg * xy)) / determinant, ((yg * xx) - (xg * xy)) / determinant);
    }
}

/// <summary>
/// Drives policies further than their rewards can be trusted, for sizes and noise of the comparison set, and for one reward model beside an
/// ensemble, and draws proxy and truth over the square root of the divergence (Gao et al., 2022; Coste et al., 2024). Each policy has a
/// folder, so that what was stopped or killed goes on.
/// </summary>
/// <param name="options">What is varied.</param>
/// <param name="model">The beginning of all.</param>
/// <param name="courses">All courses.</param>
/// <param name="folder">Holds everything.</param>
public sealed class OptimisationStudy(StudyOptions options, TrainableModel model, IReadOnlyList<ICourse> courses, string folder)
{
    /// <summary>What reports call this work.</summary>
    public const string StageName = "study";

    // Four answers to a prompt are six pairs, but for ties.
    const int PairsPerPrompt = 6;

    /// <summary>The figures and tables.</summary>
    public string ReportPath => Path.Combine(folder, "study.html");

    /// <summary>The table for people who read no pages.</summary>
    public string MarkdownPath => Path.Combine(folder, "study.md");

    /// <summary>Runs all of it, or until the token asks to stop. Blocks for a night.</summary>
    /// <returns>All courses; null when it was asked to stop.</returns>
    /// <exception cref="NoosException">A training cannot be made.</exception>
    public IReadOnlyList<StudyRun>? Run(
        IProgress<StageProgress>? progress = null, RunServices? services = null, CancellationToken cancellationToken = default)
    {
        var runs = new List<StudyRun>();
        foreach (var noise in options.Noise)
        {
            foreach (var size in options.Comparisons)
            {
                foreach (var members in options.Members)
                {
                    if (Train(size, noise, members, progress, services ?? new RunServices(), cancellationToken) is not { } run)
                    {
                        return null;
                    }

                    runs.Add(run);
                    progress?.Report(new StageProgress(StageName, StageState.Running) { Note = run.Name + " is done." });
                    Write(runs);
                }
            }
        }

        return runs;
    }

    StudyRun? Train(
        int size, double noise, int members, IProgress<StageProgress>? progress, RunServices services, CancellationToken cancellationToken)
    {
        var own = Path.Combine(
            folder, string.Create(CultureInfo.InvariantCulture, $"pairs-{size}-noise-{noise * 100:0.#}-models-{members}"));
        var path = Path.Combine(own, "run.json");
        if (File.Exists(path))
        {
            return FactoryJson.Read<StudyRun>(path);
        }

        var reward = Path.Combine(own, "reward");
        var panel = new ExpertPanel { FlipRate = noise, Seed = 1 };
        var groups = ExpertPreferences.Write(
            panel, Math.Max(2, size / PairsPerPrompt), courses, options.Policy.Generators).ToArray();
        var measured = new RewardTraining(options.Reward with { Members = members, FlipRate = noise }, model, groups, reward)
            .Run(progress, services, cancellationToken);
        if (measured is null)
        {
            return null;
        }

        using var ensemble = RewardEnsemble.Open(reward, options.Policy.Workers);
        var report = new PolicyTraining(options.Policy, model, courses, Path.Combine(own, "rl"))
            .Run(ensemble, progress: progress, services: services, cancellationToken: cancellationToken);
        if (report is null)
        {
            return null;
        }

        var run = new StudyRun(size, noise, members, report.Measurements) { RewardAccuracy = measured.TrueAccuracy ?? measured.Accuracy };
        FactoryJson.Write(path, run);
        return run;
    }

    void Write(IReadOnlyList<StudyRun> runs)
    {
        Put(MarkdownPath, ToMarkdown(runs));
        Put(ReportPath, ToHtml(runs));

        static void Put(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The peaks of all courses as a table.</summary>
    public static string ToMarkdown(IReadOnlyList<StudyRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var text = new StringBuilder();
        text.AppendLine("| reward models | true order | truth at the start | peak | √KL there | at the end | √KL there | fit a, b |");
        text.AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var run in runs.Where(run => run.Measurements.Count > 0))
        {
            var (first, peak, last) = (run.Measurements[0], run.Measurements.MaxBy(one => one.Truth)!, run.Measurements[^1]);
            var fit = run.Fit() is { } found ? string.Create(CultureInfo.InvariantCulture, $"{found.A:F3}, {found.B:F3}") : "-";
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {run.Name} | {run.RewardAccuracy * 100:F1} % | {first.Truth:F3} | {peak.Truth:F3} | {Math.Sqrt(peak.Kl):F2} | "
                + $"{last.Truth:F3} | {Math.Sqrt(last.Kl):F2} | {fit} |");
        }

        return text.ToString();
    }

    string ToHtml(IReadOnlyList<StudyRun> runs)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">");
        html.Append(CultureInfo.InvariantCulture, $"<title>Over-optimisation of {Encode(model.Name)}</title>");
        html.Append(CultureInfo.InvariantCulture, $"<style>{ReportStyle.Css}</style>");
        html.Append(CultureInfo.InvariantCulture,
            $"<main><h1>Over-optimisation of {Encode(model.Name)}</h1><p class=summary>What the reward models think of a policy, and what "
            + $"its answers are truly worth, over the square root of its divergence from the beginning.</p>");
        foreach (var noise in runs.GroupBy(run => run.Noise))
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>{noise.Key * 100:0.#} % of the labels are wrong</h2><div class=charts>");
            foreach (var chart in PolicyCharts.Draw([.. noise.Select(run => (
                $"{run.Comparisons} pairs, {(run.Members == 1 ? "one model" : $"{run.Members} models")}", run.Measurements))]))
            {
                html.Append(chart.Render());
            }

            html.Append("</div>");
        }

        html.Append("<h2>Peaks</h2><div class=card><table>");
        var lines = ToMarkdown(runs).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith("|--", StringComparison.Ordinal));
        foreach (var (row, line) in lines.Index())
        {
            html.Append("<tr>");
            foreach (var cell in line.Trim().Trim('|').Split('|'))
            {
                html.Append(row == 0 ? "<th>" : "<td>").Append(Encode(cell.Trim()));
            }
        }

        return html.Append("</table></div></main></html>\n").ToString();
    }

    static string Encode(string text) => WebUtility.HtmlEncode(text);
}
