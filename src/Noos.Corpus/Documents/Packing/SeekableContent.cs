using Noos.Core;

namespace Noos.Corpus.Documents.Packing;

/// <summary>Makes a stream one that can seek: in memory while it is small, else in a file that is gone when it is closed.</summary>
static class SeekableContent
{
    const int MaxInMemory = 8 << 20;

    /// <param name="content">Stays the caller's.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="cancellationToken">Stops the copying.</param>
    /// <returns>The stream itself where it can seek: to be disposed only if it is another.</returns>
    /// <exception cref="NoosException">It is too long (Refused).</exception>
    public static Stream From(Stream content, string name, ReadLimits limits, CancellationToken cancellationToken)
    {
        if (content.CanSeek)
        {
            return content;
        }

        Stream copy = new MemoryStream();
        try
        {
            var buffer = new byte[1 << 16];
            while (content.Read(buffer) is > 0 and var count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (copy.Length + count > limits.MaxUnpackedLength)
                {
                    throw ZipDirectory.TooLarge(name, limits);
                }

                if (copy is MemoryStream memory && copy.Length + count > MaxInMemory)
                {
                    copy = new FileStream(Path.GetTempFileName(), new FileStreamOptions
                    {
                        Mode = FileMode.Create,
                        Access = FileAccess.ReadWrite,
                        Options = FileOptions.DeleteOnClose,
                    });
                    memory.WriteTo(copy);
                    memory.Dispose();
                }

                copy.Write(buffer, 0, count);
            }

            copy.Position = 0;
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }
}
