namespace Noos.Training.Runs;

/// <summary>A table of texts; cells that look like numbers are aligned to the right.</summary>
public sealed record ReportTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
