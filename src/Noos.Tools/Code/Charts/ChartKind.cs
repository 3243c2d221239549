namespace Noos.Tools.Code.Charts;

/// <summary>How a chart shows its numbers.</summary>
public enum ChartKind
{
    /// <summary>Columns from zero, groups of them for several series.</summary>
    Bar,

    Line,

    Scatter,

    /// <summary>Shares of a whole; the first series alone.</summary>
    Pie,
}
