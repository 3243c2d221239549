using System.Globalization;
using System.Text;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Policies;

/// <summary>What came of a training by rewards.</summary>
/// <param name="Iterations">What was measured of each.</param>
/// <param name="Alarms">What went wrong.</param>
public sealed record PolicyReport(IReadOnlyList<RolloutMetrics> Iterations, IReadOnlyList<CollapseAlarm> Alarms)
{
    /// <summary>The end against the beginning; null where they were not compared.</summary>
    public WinRate? WinRate { get; init; }

    /// <summary>What was measured on the way on held-out questions; nothing where nothing was.</summary>
    public IReadOnlyList<PolicyMeasurement> Measurements { get; init; } = [];

    /// <summary>The iteration whose policy is the model; null for the last.</summary>
    public long? Peak { get; init; }

    /// <summary>Why it ended before its time; null where it did not.</summary>
    public CollapseAlarm? Stopped { get; init; }

    /// <summary>The trained model.</summary>
    public string? Model { get; init; }

    /// <summary>The whole report as Markdown: reward and truth over the square root of the divergence.</summary>
    /// <param name="title">Its headline.</param>
    public string ToMarkdown(string title)
    {
        const int Rows = 40;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# {title}").AppendLine();
        if (WinRate is { } rate)
        {
            text.AppendLine(rate.ToText()).AppendLine();
        }

        text.AppendLine("| iteration | √KL | KL weight | reward | truth | entropy | tokens | not ended | distinct | spread |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        var step = Math.Max(1, (Iterations.Count + Rows - 1) / Rows);
        foreach (var metrics in Iterations.Where((_, index) => index % step == 0 || index == Iterations.Count - 1))
        {
            var truth = metrics.Truth is { } known ? known.ToString("F3", CultureInfo.InvariantCulture) : "-";
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {metrics.Iteration} | {Math.Sqrt(metrics.Kl):F2} | {metrics.KlWeight:F4} | {metrics.Reward:F3} | {truth} | "
                + $"{metrics.Entropy:F2} | {metrics.Length:F1} | {metrics.Unended:P1} | {metrics.Distinct:F2} | {metrics.Spread:F3} |");
        }

        if (Measurements.Count > 0)
        {
            text.AppendLine().AppendLine("## Held-out questions").AppendLine();
            text.AppendLine("| iteration | √KL | proxy | truth | second judge |").AppendLine("|---|---|---|---|---|");
            foreach (var one in Measurements)
            {
                var proxy = one.Proxy is { } value ? value.ToString("F3", CultureInfo.InvariantCulture) : "-";
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"| {one.Iteration} | {Math.Sqrt(one.Kl):F2} | {proxy} | {one.Truth:F3} | {one.Second:F3} |");
            }

            text.AppendLine();
            text.AppendLine(CultureInfo.InvariantCulture, $"The model is that before iteration {Peak}, the peak of the truth.");
        }

        if (Alarms.Count > 0)
        {
            text.AppendLine().AppendLine("## Alarms").AppendLine();
            foreach (var alarm in Alarms)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"- iteration {alarm.Iteration}, {alarm.Name}: {alarm.Message}");
            }
        }

        return text.ToString();
    }
}
