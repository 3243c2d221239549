using System.Globalization;
using System.Text;
using Noos.Core.Storage;
using Noos.Cpus.Library;
using Noos.Factory.Collection;
using Noos.Factory.Gates;

namespace Noos.Factory.Weeks;

/// <summary>One week of a simulation.</summary>
/// <param name="Week">Its number.</param>
/// <param name="IsPromoted">Its candidate became the champion.</param>
/// <param name="WinRate">Of the candidate over the champion, at the gate.</param>
/// <param name="Score">Mean true score of the model that answers after it, on questions that are the same for all weeks.</param>
public sealed record SimulatedWeek(int Week, bool IsPromoted, double WinRate, double Score)
{
    /// <summary>Rows that were collected.</summary>
    public int Learned { get; init; }

    /// <summary>Rows of raters who are not to be relied on.</summary>
    public int Unreliable { get; init; }

    /// <summary>Why the candidate was refused; null where it was not.</summary>
    public string? Reason { get; init; }
}

/// <summary>
/// Weeks of a model with scripted users, some of them careless and hostile, in a folder of their own: whether the loop makes a model
/// better, and whether the gate lets a worse one through. The champions of the home are left alone. What was stopped or killed goes on.
/// </summary>
/// <param name="recipe">How each week goes; what it collects is replaced by what the scripted users teach.</param>
/// <param name="folder">Holds everything.</param>
/// <param name="services">What a week takes from outside; the champions are those of the folder.</param>
/// <param name="options">The users.</param>
public sealed class SimulatedWeeks(WeekRecipe recipe, string folder, WeekServices services, SimulationOptions options)
{
    // Of the questions that measure all weeks alike.
    const int ScoreSeed = 90_000_000;

    static readonly DateTimeOffset s_start = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    /// <summary>The table for people.</summary>
    public string ReportPath => Path.Combine(folder, "simulation.md");

    /// <summary>Runs so many weeks.</summary>
    /// <returns>What came of each.</returns>
    public async Task<IReadOnlyList<SimulatedWeek>> RunAsync(int weeks, CancellationToken cancellationToken = default)
    {
        var labels = Path.Combine(folder, "labels");
        Directory.CreateDirectory(labels);
        var own = recipe with
        {
            Collect = recipe.Collect with { Journal = false, Labels = [labels], Preferences = [], Demonstrations = [] },
        };
        var users = new SimulatedUsers(
            options, services.Courses, own.Reinforce.Questions.Count > 0 ? own.Reinforce.Questions : null);
        var champions = new ChampionStore(ChampionStore.FolderIn(folder));
        var results = new List<SimulatedWeek>();
        for (var week = 1; week <= weeks; week++)
        {
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"result-{week:D4}.json"));
            if (!File.Exists(path))
            {
                var begin = s_start.AddDays(7 * week);
                var taught = Path.Combine(labels, string.Create(CultureInfo.InvariantCulture, $"week-{week:D4}.jsonl"));
                users.Write(taught, week, begin.AddDays(-1));
                FactoryJson.Write(path, await RunAsync(week, own, champions, new FixedClock(begin), cancellationToken));
            }

            results.Add(FactoryJson.Read<SimulatedWeek>(path));
            var table = Encoding.UTF8.GetBytes(ToMarkdown(results));
            AtomicFile.Write(ReportPath, stream => stream.Write(table));
        }

        return results;
    }

    /// <summary>The table.</summary>
    public static string ToMarkdown(IReadOnlyList<SimulatedWeek> weeks)
    {
        ArgumentNullException.ThrowIfNull(weeks);
        var text = new StringBuilder();
        text.AppendLine("| week | learned | of unreliable raters | win rate | outcome | score afterwards |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (var week in weeks)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {week.Week} | {week.Learned} | {week.Unreliable} | {week.WinRate * 100:F1} % | "
                + $"{(week.IsPromoted ? "promoted" : week.Reason)} | {week.Score:F3} |");
        }

        return text.ToString();
    }

    async Task<SimulatedWeek> RunAsync(
        int week, WeekRecipe own, ChampionStore champions, TimeProvider clock, CancellationToken cancellationToken)
    {
        var weeks = Path.Combine(folder, "weeks");
        var world = services with { Champions = champions, Home = null, Clock = clock };

        // Ended before the result was written: the week is not run again.
        var state = WeekRun.List(weeks).FirstOrDefault(known => known.Number == week && WeekRun.IsDone(known))
            ?? await new WeekRun(own, weeks, world).RunAsync(cancellationToken);
        var place = WeekFolder.For(weeks, state.Number);
        var collected = CollectionReport.Read(place.Collected)!;
        var verdict = FactoryJson.Read<WeekVerdict>(place.Verdict).Gate;
        return new SimulatedWeek(week, state.Promoted is not null, verdict.WinRate, await ScoreAsync(champions, cancellationToken))
        {
            Learned = collected.Sources.Sum(source => source.Learned),
            Unreliable = collected.Sources.Sum(source => source.Dropped.GetValueOrDefault(DropReason.Unreliable)),
            Reason = state.Promoted is null ? string.Join("; ", verdict.Failed.Select(check => check.Name)) : null,
        };
    }

    async Task<double> ScoreAsync(ChampionStore champions, CancellationToken cancellationToken)
    {
        var current = champions.Current;
        var path = current?.Path ?? services.ResolveModel(recipe.PathOf(recipe.Assistant));
        var examination = new GateExamination(
            recipe.Gate.ToQuestions(0) with { Courses = [], Seed = ScoreSeed }, services.Courses, services.Tools);
        var measured = await examination.MeasureAsync(
            () => services.Open(path), Path.Combine(folder, "scores", current?.Name ?? "beginning"), "score", current?.Name ?? "beginning",
            services.Progress, cancellationToken);
        return measured.Answers.Average(answer => answer.Score);
    }

    /// <summary>The time of a simulated week; stretches of time are measured as everywhere.</summary>
    sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
