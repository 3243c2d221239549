namespace Noos.Tools.Units;

/// <summary>What the conversion of units and money needs from outside.</summary>
public sealed record ConvertOptions
{
    /// <summary>
    /// Exchange rates that are newer than those that came with the program: eurofxref-hist.zip of the ECB, or the CSV file in it. Null for
    /// none; it need not exist.
    /// </summary>
    public string? RatesFile { get; init; }
}
