using System.Globalization;

namespace Noos.Corpus.Documents;

/// <summary>A part of a file as people cite it: <c>page 3</c>, <c>rows 2-101</c>, <c>sheet Sales, rows 2-101</c>.</summary>
/// <param name="Unit">What is counted, in the singular: page, slide, line, row, record, section, chapter.</param>
/// <param name="First">From 1.</param>
/// <param name="Last">Not before the first.</param>
public sealed record DocumentPlace(string Unit, int First, int Last)
{
    /// <summary>What it is a part of within the file, such as <c>sheet Sales</c> or <c>entry notes/a.txt</c>; null for the file.</summary>
    public string? Within { get; init; }

    /// <summary>The place in something that stands around it, such as an archive.</summary>
    public DocumentPlace In(string outer) => this with { Within = Within is null ? outer : $"{outer}, {Within}" };

    public override string ToString()
    {
        var range = First == Last
            ? string.Create(CultureInfo.InvariantCulture, $"{Unit} {First}")
            : string.Create(CultureInfo.InvariantCulture, $"{Unit}s {First}-{Last}");
        return Within is null ? range : $"{Within}, {range}";
    }
}
