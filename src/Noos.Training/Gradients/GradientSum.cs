using System.Numerics;

namespace Noos.Training.Gradients;

/// <summary>
/// Sums the gradient buffers of workers into the first one and measures the sum, in one pass over memory. Ranges are fixed and their
/// squares added up in order, so that the result does not depend on how many threads there are; a library's dot product may.
/// </summary>
static unsafe class GradientSum
{
    // 256 KB of each buffer: enough that handing out a range costs nothing.
    const int RangeLength = 1 << 16;

    // Squares of so many neighbours are summed in single precision, which loses nothing that matters to a norm.
    const int PartLength = 1 << 10;

    /// <param name="buffers">[length] each, aligned to vectors.</param>
    /// <param name="threads">How many may share the work.</param>
    /// <returns>Sum of squares of the summed gradient.</returns>
    public static double Reduce(nint[] buffers, long length, int threads)
    {
        var squares = new double[(length + RangeLength - 1) / RangeLength];
        Parallel.For(0, squares.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, range =>
        {
            var end = Math.Min(length, (range + 1L) * RangeLength);
            for (var start = (long)range * RangeLength; start < end; start += PartLength)
            {
                squares[range] += ReducePart(buffers, start, (int)Math.Min(PartLength, end - start));
            }
        });
        return squares.Sum();
    }

    static double ReducePart(nint[] buffers, long start, int length)
    {
        var target = (float*)buffers[0] + start;
        var lanes = Vector<float>.Count;
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i + lanes <= length; i += lanes)
        {
            var value = Vector.Load(target + i);
            for (var buffer = 1; buffer < buffers.Length; buffer++)
            {
                value += Vector.Load((float*)buffers[buffer] + start + i);
            }

            value.Store(target + i);
            sums = Vector.FusedMultiplyAdd(value, value, sums);
        }

        double rest = 0;
        for (; i < length; i++)
        {
            for (var buffer = 1; buffer < buffers.Length; buffer++)
            {
                target[i] += ((float*)buffers[buffer])[start + i];
            }

            rest += (double)target[i] * target[i];
        }

        return Vector.Sum(sums) + rest;
    }
}
