namespace Noos.Corpus.Procedural;

/// <summary>Which procedural rows are made.</summary>
public sealed record ProceduralOptions
{
    /// <summary>Share of the rows that repeat random tokens, 0 to 1; the others hold exercises in text.</summary>
    public double RepeatedShare { get; init; } = 0.4;

    /// <summary>Length of each repeated segment in tokens; 0 draws lengths of 4 up to half of a row.</summary>
    public int RepeatedLength { get; init; }

    /// <summary>
    /// Over so many rows they get harder: at first one short segment of few different tokens fills a row, at the end everything comes; 0
    /// for everything at once. What cannot be told yet drowns what could be learnt.
    /// </summary>
    public int EasyRows { get; init; }

    /// <summary>The kinds of exercises, of <see cref="ProceduralRows.Names"/>; empty for all.</summary>
    public IReadOnlyList<string> Exercises { get; init; } = [];

    /// <summary>How many people "people" tells about; 0 draws two to six.</summary>
    public int People { get; init; }

    /// <summary>Words that are reserved for examinations, instead of those for lessons.</summary>
    public bool IsExamination { get; init; }
}
