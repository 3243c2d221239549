namespace Noos.Corpus.Archive;

/// <summary>A part of an archive that is packed by itself: a gzip member or a Zstandard frame, and mostly one record.</summary>
interface IArchiveMember : IDisposable
{
    /// <summary>Reads content.</summary>
    /// <returns>0 at its end.</returns>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    int Read(Span<byte> buffer);

    /// <summary>Where the member ends, once all of it was read; null where it is damaged or cut.</summary>
    long? FindEnd();
}
