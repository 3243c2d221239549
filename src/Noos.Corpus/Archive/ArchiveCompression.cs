namespace Noos.Corpus.Archive;

/// <summary>How the records of an archive are packed, each by itself.</summary>
public enum ArchiveCompression
{
    /// <summary>Members of gzip (<c>.warc.gz</c>), which every program reads.</summary>
    Gzip,

    /// <summary>Frames of Zstandard (<c>.warc.zst</c>): smaller, and several times as fast to read.</summary>
    Zstandard,
}
