using System.Globalization;

namespace Noos.Corpus.Preferences;

/// <summary>How far raters agree about pairs of answers: which is better, or neither.</summary>
/// <param name="Labels">Judged prompts, those that were asked twice counted once.</param>
/// <param name="Raters">Who judged.</param>
/// <param name="Self">Krippendorff's alpha of raters with themselves; null where nothing was asked twice.</param>
/// <param name="SelfShare">Share of pairs that they judged the same way again.</param>
/// <param name="Others">The same alpha between raters; null where no two judged the same prompt.</param>
/// <param name="OthersShare">Share of pairs of judgements that are equal.</param>
public sealed record LabelAgreement(int Labels, int Raters, double? Self, double? SelfShare, double? Others, double? OthersShare)
{
    /// <summary>Measures the labels of any number of raters.</summary>
    public static LabelAgreement Measure(IEnumerable<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var judged = labels.Where(label => label.Places.Count > 0).ToArray();
        var self = judged.GroupBy(label => (label.Rater, label.Item)).Select(group => Verdicts(group)).SelectMany(Units).ToArray();
        var others = judged.Where(label => !label.IsRepeat).GroupBy(label => label.Item)
            .Select(group => group.GroupBy(label => label.Rater).Select(own => own.Last()))
            .Select(group => Verdicts(group)).SelectMany(Units).ToArray();
        return new LabelAgreement(
            judged.Count(label => !label.IsRepeat), judged.Select(label => label.Rater).Distinct(StringComparer.Ordinal).Count(),
            KrippendorffAlpha.Compute(self), Share(self), KrippendorffAlpha.Compute(others), Share(others));
    }

    /// <summary>A line or two for people.</summary>
    public string ToText()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Labels} prompts judged by {Raters} rater{(Raters == 1 ? "" : "s")}");
        if (Self is { } self)
        {
            text += string.Create(CultureInfo.InvariantCulture, $"; agreement with oneself {SelfShare * 100:F0} %, alpha {self:F2}");
        }

        if (Others is { } others)
        {
            text += string.Create(CultureInfo.InvariantCulture, $"; with others {OthersShare * 100:F0} %, alpha {others:F2}");
        }

        return text + ".";
    }

    static int[][] Verdicts(IEnumerable<Label> labels) => [.. labels.Select(VerdictsOf)];

    // For each pair of the answers that were shown: 1 the first is better, -1 the second, 0 neither.
    static int[] VerdictsOf(Label label)
    {
        var places = label.Places.SkipLast(label.HasEdit ? 1 : 0).ToArray();
        return [.. places.Index().SelectMany(first => places.Skip(first.Index + 1).Select(second => second.CompareTo(first.Item)))];
    }

    // Unit after unit, what each label says of it.
    static IEnumerable<int[]> Units(int[][] labels) => labels.Length < 2
        ? []
        : Enumerable.Range(0, labels.Min(label => label.Length)).Select(pair => labels.Select(label => label[pair]).ToArray());

    static double? Share(IReadOnlyCollection<int[]> units)
    {
        var equal = units.SelectMany(unit => unit.Index().SelectMany(one =>
            unit.Skip(one.Index + 1).Select(other => other == one.Item ? 1.0 : 0))).ToArray();
        return equal.Length == 0 ? null : equal.Average();
    }
}
