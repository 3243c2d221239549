namespace Noos.Corpus.Cleaning.Reports;

/// <summary>What a report says beside the numbers of the corpus.</summary>
public sealed record CorpusReportOptions
{
    /// <summary>What an hour of one core costs.</summary>
    public double PricePerCoreHour { get; init; } = 0.04;

    /// <summary>The sign before sums.</summary>
    public string Currency { get; init; } = "$";
}
