using System.Globalization;

namespace Noos.Factory.Weeks;

/// <summary>Where a week lies: one folder, one name for each result.</summary>
/// <param name="Root">Full path of the folder.</param>
public sealed record WeekFolder(string Root)
{
    /// <summary>The week of a number among all weeks of a recipe.</summary>
    public static WeekFolder For(string weeks, int number) =>
        new(Path.Combine(weeks, string.Create(CultureInfo.InvariantCulture, $"week-{number:D4}")));

    /// <summary>When it began, with what, and which steps are done.</summary>
    public string State => Path.Combine(Root, "week.json");

    public string Collected => Path.Combine(Root, "collected");

    public string Lessons => Path.Combine(Root, "lessons.jsonl");

    public string FineTuning => Path.Combine(Root, "sft");

    public string Reward => Path.Combine(Root, "reward");

    public string Reinforcement => Path.Combine(Root, "rl");

    public string Examinations => Path.Combine(Root, "examinations");

    public string Verdict => Path.Combine(Root, "gate.json");

    public string Report => Path.Combine(Root, "report.html");

    public string Markdown => Path.Combine(Root, "report.md");
}
