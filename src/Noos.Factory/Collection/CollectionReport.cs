using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Corpus.Preferences;

namespace Noos.Factory.Collection;

/// <summary>What was collected, what was dropped, and why.</summary>
public sealed record CollectionReport
{
    /// <summary>Of each place where something was taught.</summary>
    public IReadOnlyList<SourceCount> Sources { get; init; } = [];

    /// <summary>What was found of raters who were tested.</summary>
    public IReadOnlyList<RaterRecord> Raters { get; init; } = [];

    /// <summary>Those whose word counts nothing.</summary>
    public IReadOnlyList<string> Unreliable { get; init; } = [];

    /// <summary>How far raters agree.</summary>
    public LabelAgreement? Agreement { get; init; }

    /// <summary>Personal data that was taken out, by kind.</summary>
    public IReadOnlyDictionary<string, int> Removed { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Different answers to learn.</summary>
    public int Demonstrations { get; init; }

    /// <summary>Rows that they are written as: new ones several times.</summary>
    public int DemonstrationRows { get; init; }

    /// <summary>Judged prompts.</summary>
    public int Preferences { get; init; }

    /// <summary>Judged pairs.</summary>
    public int Pairs { get; init; }

    /// <summary>The report of a folder that is complete; null where there is none.</summary>
    /// <exception cref="NoosException">It cannot be read.</exception>
    public static CollectionReport? Read(string folder)
    {
        var path = CollectedFiles.ReportPath(folder);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<CollectionReport>(File.ReadAllBytes(path), FactoryJson.Options) : null;
        }
        catch (JsonException exception)
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' cannot be read; delete it and collect again.", exception);
        }
    }

    /// <summary>For people, as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{Demonstrations:N0} demonstrations ({DemonstrationRows:N0} rows) and {Pairs:N0} judged pairs of {Preferences:N0} prompts.");
        text.AppendLine();
        text.Append("| source | taught | learned | not agreed | untrusted | rater | known | examination | duplicate ");
        text.AppendLine("| over the limit |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var source in Sources)
        {
            var dropped = string.Join(" | ", Enum.GetValues<DropReason>().Select(reason => source.Dropped.GetValueOrDefault(reason)));
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {source.Source.Replace('|', ' ')} | {source.Taught} | {source.Learned} | {dropped} |");
        }

        if (Removed.Count > 0)
        {
            text.AppendLine().AppendLine("Taken out: " + string.Join(", ", Removed.OrderBy(kind => kind.Key, StringComparer.Ordinal)
                .Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Value} × {kind.Key}"))) + ".");
        }

        if (Unreliable.Count > 0)
        {
            text.AppendLine().AppendLine(
                "Raters whose word counts nothing, since they fail known items or contradict themselves: "
                + string.Join(", ", Unreliable.Select(rater =>
                {
                    var record = Raters.First(known => known.Rater == rater);
                    return string.Create(
                        CultureInfo.InvariantCulture,
                        $"{rater} (known {record.KnownRight} of {record.KnownPairs}, repeated {record.RepeatedSame} of "
                        + $"{record.RepeatedPairs})");
                })) + ".");
        }

        if (Agreement is { Labels: > 0 } agreement)
        {
            text.AppendLine().AppendLine(agreement.ToText());
        }

        return text.ToString();
    }
}

/// <summary>What came of what was taught in one place.</summary>
/// <param name="Source">The page, or a file.</param>
/// <param name="Taught">Everything.</param>
/// <param name="Learned">What is left.</param>
/// <param name="Dropped">What is not, by reason.</param>
public sealed record SourceCount(string Source, int Taught, int Learned, IReadOnlyDictionary<DropReason, int> Dropped);
