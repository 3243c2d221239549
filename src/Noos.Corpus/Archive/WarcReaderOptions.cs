namespace Noos.Corpus.Archive;

/// <summary>What a reader of archives does with what is too long.</summary>
public sealed record WarcReaderOptions
{
    /// <summary>Bytes of a record's content that are kept; the rest is passed over, and the record says that it was cut.</summary>
    public int MaxContentBytes { get; init; } = 64 << 20;

    /// <summary>Longest head of a record in bytes; a longer one is damage.</summary>
    public int MaxHeaderBytes { get; init; } = 1 << 20;
}
