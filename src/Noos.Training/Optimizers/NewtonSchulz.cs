using System.Numerics;
using Noos.Training.Kernels;

namespace Noos.Training.Optimizers;

/// <summary><see cref="Muon.Orthogonalize"/> by our own kernels, in memory of its own. Not thread-safe; each worker has one.</summary>
sealed unsafe class NewtonSchulz(TileKernel kernel) : IDisposable
{
    readonly Gemm _gemm = new(kernel);
    readonly CellBuffer _x = new();
    readonly CellBuffer _next = new();
    readonly CellBuffer _gram = new();
    readonly CellBuffer _square = new();
    readonly PanelScratch _panels = new(kernel);

    /// <summary>Replaces a matrix by its nearest orthogonal one, roughly.</summary>
    /// <param name="matrix">[rows, columns]</param>
    public void Orthogonalize(float* matrix, int rows, int columns)
    {
        // The smaller side is the one that x·xᵀ has: fewer operations.
        var (small, large) = (Math.Min(rows, columns), Math.Max(rows, columns));
        var length = (long)small * large;
        var x = (float*)_x.Require(length);
        var next = (float*)_next.Require(length);
        var gram = (float*)_gram.Require((long)small * small);
        var square = (float*)_square.Require((long)small * small);

        // The Frobenius norm bounds the largest singular value by 1, where the iteration converges.
        var scale = (float)(1 / (Math.Sqrt(SumOfSquares(matrix, length)) + 1e-7));
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                x[rows <= columns ? ((long)row * large) + column : ((long)column * large) + row] =
                    scale * matrix[((long)row * columns) + column];
            }
        }

        for (var step = 0; step < Muon.NewtonSchulzSteps; step++)
        {
            // A = x·xᵀ and A².
            _gemm.Multiply(
                TileLayout.ByRow, x, large,
                _panels.PackTransposed(x, small, large), 0, small, small, large, gram, small, accumulate: false);
            _gemm.Multiply(
                TileLayout.ByRow, gram, small, _panels.Pack(gram, small, small), 0, small, small, small, square, small, accumulate: false);
            Combine(gram, square, (long)small * small);
            Scale(x, next, length);

            _gemm.Multiply(
                TileLayout.ByRow, gram, small, _panels.Pack(x, small, large), 0, small, large, small, next, large, accumulate: true);
            var last = x;
            x = next;
            next = last;
        }

        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                matrix[((long)row * columns) + column] =
                    x[rows <= columns ? ((long)row * large) + column : ((long)column * large) + row];
            }
        }
    }

    /// <summary>gram = Cubic · gram + Quintic · square, rounded after each operation in every lane alike.</summary>
    static void Combine(float* gram, float* square, long length)
    {
        var (cubic, quintic) = (new Vector<float>(Muon.Cubic), new Vector<float>(Muon.Quintic));
        long i = 0;
        for (; i + Vector<float>.Count <= length; i += Vector<float>.Count)
        {
            ((Vector.Load(gram + i) * cubic) + (Vector.Load(square + i) * quintic)).Store(gram + i);
        }

        for (; i < length; i++)
        {
            gram[i] = (gram[i] * Muon.Cubic) + (square[i] * Muon.Quintic);
        }
    }

    /// <summary>target = Linear · source.</summary>
    static void Scale(float* source, float* target, long length)
    {
        var linear = new Vector<float>(Muon.Linear);
        long i = 0;
        for (; i + Vector<float>.Count <= length; i += Vector<float>.Count)
        {
            (Vector.Load(source + i) * linear).Store(target + i);
        }

        for (; i < length; i++)
        {
            target[i] = source[i] * Muon.Linear;
        }
    }

    public void Dispose()
    {
        _gemm.Dispose();
        _x.Dispose();
        _next.Dispose();
        _gram.Dispose();
        _square.Dispose();
        _panels.Dispose();
    }

    static double SumOfSquares(float* values, long length)
    {
        double sum = 0;
        var lanes = Vector<float>.Count;
        long i = 0;
        for (; i + lanes <= length; i += lanes)
        {
            var value = Vector.Load(values + i);
            sum += Vector.Dot(value, value);
        }

        for (; i < length; i++)
        {
            sum += (double)values[i] * values[i];
        }

        return sum;
    }
}
