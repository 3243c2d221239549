using System.Globalization;
using System.Text;

namespace Noos.Factory.Rewards;

/// <summary>What was measured of an ensemble on prompts that it was not trained on.</summary>
public sealed record RewardReport
{
    /// <summary>Prompts kept back.</summary>
    public int Prompts { get; init; }

    /// <summary>Labelled pairs of their answers.</summary>
    public int Pairs { get; init; }

    /// <summary>Share of the labels that the ensemble agrees with.</summary>
    public double Accuracy { get; init; }

    /// <summary>Share of the labels that the truth agrees with: more cannot be learned. Null where nobody knows the truth.</summary>
    public double? Ceiling { get; init; }

    /// <summary>Share of pairs that it puts in their true order.</summary>
    public double? TrueAccuracy { get; init; }

    /// <summary>The same of each member.</summary>
    public IReadOnlyList<double> MemberAccuracies { get; init; } = [];

    /// <summary>Share of pairs that two members put in the same order, over all members.</summary>
    public double Agreement { get; init; }

    /// <summary>Divides differences of scores so that they are log-odds.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Expected calibration error over ten bins, after the temperature.</summary>
    public double CalibrationError { get; init; }

    /// <summary>
    /// Correlation of score and length: among answers that are truly equally good where that is known, else among all.
    /// </summary>
    public double LengthCorrelation { get; init; }

    /// <summary>For each kind of answer: share of pairs with a better one that it puts right.</summary>
    public IReadOnlyDictionary<string, double> AccuracyByKind { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>What was measured of other preferences, by their names.</summary>
    public IReadOnlyDictionary<string, RewardReport> Tests { get; init; } = new Dictionary<string, RewardReport>(StringComparer.Ordinal);

    /// <summary>A few lines for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"pair accuracy: {Percent(Accuracy)} of {Pairs:N0} labels of {Prompts:N0} held-out prompts{CeilingText()}");
        if (TrueAccuracy is { } right)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"true order: {Percent(right)}");
        }

        if (MemberAccuracies.Count > 1)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"members: {string.Join(", ", MemberAccuracies.Select(Percent))}; two agree about {Percent(Agreement)} of the pairs");
        }

        text.AppendLine(CultureInfo.InvariantCulture,
            $"calibration error: {CalibrationError:F3} (bar 0.03) at temperature {Temperature:F2}");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"correlation with length{(TrueAccuracy is null ? "" : " at equal quality")}: {LengthCorrelation:F2} (bar 0.2)");
        foreach (var (kind, accuracy) in AccuracyByKind.OrderBy(pair => pair.Value))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {kind}: {Percent(accuracy)}");
        }

        foreach (var (name, test) in Tests)
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{name}:").Append(test.ToText());
        }

        return text.ToString();
    }

    static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:F1} %");

    string CeilingText() => Ceiling is { } ceiling
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"; the ceiling of their noise is {Percent(ceiling)}, {(ceiling - Accuracy) * 100:F1} points above (bar 3)")
        : "";
}
