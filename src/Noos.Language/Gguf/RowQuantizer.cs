using System.Runtime.ExceptionServices;
using Noos.Core;

namespace Noos.Language.Gguf;

/// <summary>
/// Writes a tensor row by row on several threads: rows are asked for as floats, quantized, and written in their order. Takes memory for a
/// few million values, however large the tensor is. The bytes do not depend on the number of threads, as a row is quantized on its own.
/// </summary>
public static class RowQuantizer
{
    // Enough for every core, small beside any model.
    const int SlabValues = 1 << 22;

    // A piece of work: long enough to be worth handing out.
    const int PieceValues = 1 << 14;

    /// <summary>Gives the values of a row; called on several threads at once.</summary>
    public delegate void RowSource(long row, Span<float> values);

    /// <param name="output">Where to.</param>
    /// <param name="type">A type that <see cref="Quantization.Supports"/>.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Values of a row, a multiple of the type's block length.</param>
    /// <param name="source">Gives the rows.</param>
    /// <param name="written">Told the number of values whenever a few millions have been written.</param>
    /// <param name="threads">At most this many threads, at least 1.</param>
    /// <param name="cancellationToken">Stops between pieces of work.</param>
    /// <exception cref="NoosException">What <paramref name="source"/> throws, unwrapped.</exception>
    public static void Write(
        Stream output, GgufTensorType type, long rows, int columns, RowSource source, Action<long>? written, int threads,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(source);
        var rowBytes = (int)GgufTensorLayout.For(type).BytesOf(columns);
        var slabRows = (int)Math.Min(rows, Math.Max(1, SlabValues / columns));
        var pieceRows = Math.Max(1, PieceValues / columns);
        var bytes = new byte[slabRows * rowBytes];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        for (var first = 0L; first < rows; first += slabRows)
        {
            var count = (int)Math.Min(slabRows, rows - first);
            var start = first;
            try
            {
                Parallel.For(
                    0,
                    (count + pieceRows - 1) / pieceRows,
                    options,
                    () => new float[columns],
                    (piece, _, values) =>
                    {
                        for (var row = piece * pieceRows; row < Math.Min((piece + 1) * pieceRows, count); row++)
                        {
                            source(start + row, values);
                            Quantization.Quantize(type, values, bytes.AsSpan(row * rowBytes, rowBytes));
                        }

                        return values;
                    },
                    static _ => { });
            }
            // Parallel.For wraps what a row throws; the caller's message is for the user.
            catch (AggregateException e) when (e.InnerExceptions[0] is NoosException failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            output.Write(bytes, 0, count * rowBytes);
            written?.Invoke((long)count * columns);
        }
    }
}
