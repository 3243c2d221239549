using System.Runtime.CompilerServices;
using Noos.Core;
using ZstdSharp;

namespace Noos.Corpus.Reading;

/// <summary>Reads the lines of UTF-8 text one at a time, with a limit on their length.</summary>
public static class LineReader
{
    /// <summary>A longer line is a damaged or wrong file rather than a document.</summary>
    public const int MaxLineBytes = 64 << 20;

    /// <summary>The lines without their ends; each is valid until the next is asked for. Empty lines are passed over.</summary>
    /// <param name="content">The text, already decompressed; the caller disposes of it.</param>
    /// <param name="address">What messages call it.</param>
    /// <param name="cancellationToken">Stops between lines.</param>
    /// <returns>Line numbers from 1, and the bytes.</returns>
    /// <exception cref="NoosException">The stream fails or a line is too long (<see cref="ErrorKind.Damaged"/>).</exception>
    public static async IAsyncEnumerable<(int Number, ReadOnlyMemory<byte> Bytes)> ReadAsync(
        Stream content, string address, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var lines = new LineBuffer(address);
        do
        {
            while (lines.TryTake(out var number, out var line))
            {
                yield return (number, line);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
        while (lines.Grow(await ReadSomeAsync(content, lines.Reserve(), address, cancellationToken)));

        while (lines.TryTake(out var number, out var line))
        {
            yield return (number, line);
        }
    }

    /// <summary>The lines of a file, as <see cref="ReadAsync"/> gives them; decompressed if its name ends in <c>.zst</c>.</summary>
    /// <exception cref="NoosException">
    /// The file is missing (<see cref="ErrorKind.NotFound"/>), damaged, or has too long a line (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Bytes)> Read(string path)
    {
        using var content = CompressedFile.OpenRead(path);
        var lines = new LineBuffer(path);
        do
        {
            while (lines.TryTake(out var number, out var line))
            {
                yield return (number, line);
            }
        }
        while (lines.Grow(ReadSome(content, lines.Reserve(), path)));

        while (lines.TryTake(out var number, out var line))
        {
            yield return (number, line);
        }
    }

    static async ValueTask<int> ReadSomeAsync(Stream content, Memory<byte> buffer, string address, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ZstdException)
        {
            throw Damaged(address, exception);
        }
    }

    static int ReadSome(Stream content, Memory<byte> buffer, string path)
    {
        try
        {
            return content.Read(buffer.Span);
        }
        catch (Exception exception) when (exception is IOException or ZstdException)
        {
            throw Damaged(path, exception);
        }
    }

    static NoosException Damaged(string address, Exception exception) =>
        new(ErrorKind.Damaged, $"The file '{address}' is damaged or cut off: {exception.Message}", exception);
}
