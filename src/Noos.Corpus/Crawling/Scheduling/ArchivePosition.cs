namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>How far a file of the archive is written.</summary>
/// <param name="File">Its name without folders.</param>
/// <param name="Length">Bytes that are sure.</param>
/// <param name="IsFinished">Nothing is added any more.</param>
sealed record ArchivePosition(string File, long Length, bool IsFinished);
