namespace Noos.Corpus.Documents;

/// <summary>What reading one file may cost, whatever it claims or holds. Files of strangers are read with these.</summary>
public sealed record ReadLimits
{
    public static ReadLimits Default { get; } = new();

    /// <summary>Characters of a document where the reader decides where it ends: a block of lines, of rows, of a section.</summary>
    public int MaxDocumentLength { get; init; } = 3000;

    /// <summary>Rows of a document that is a piece of a table.</summary>
    public int MaxRows { get; init; } = 100;

    /// <summary>Bytes that all entries of an archive unpack to (zip bombs); office files and e-books are archives, too.</summary>
    public long MaxUnpackedLength { get; init; } = 2L << 30;

    /// <summary>Entries of an archive.</summary>
    public int MaxEntries { get; init; } = 20_000;

    /// <summary>Archives within archives, the outermost included.</summary>
    public int MaxNesting { get; init; } = 3;

    /// <summary>Bytes of an entry, a stream or a value that must be in memory as a whole.</summary>
    public int MaxWholeLength { get; init; } = 64 << 20;

    /// <summary>Levels of elements, objects and lists within each other.</summary>
    public int MaxDepth { get; init; } = 256;

    /// <summary>Characters of one cell or value; the rest is left out.</summary>
    public int MaxCellLength { get; init; } = 4000;

    /// <summary>Columns of a table; the rest is left out.</summary>
    public int MaxColumns { get; init; } = 2000;
}
