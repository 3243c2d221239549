using System.Numerics.Tensors;
using Tensor = Noos.Inference.Graphs.Tensors.Tensor;

namespace Noos.Inference.Graphs.Operators;

/// <summary>Matrix products. Weights of the models that this runs are convolutions; products are of small activations.</summary>
static class MatrixOperators
{
    /// <summary>Products of matrices in the last two dimensions; the others are stretched to each other.</summary>
    public static void MatMul(OperatorCall call)
    {
        var (left, right) = (call.Input(0), call.Input(1));
        int[] a = left.Rank == 1 ? [1, left.Count] : left.Dimensions;
        int[] b = right.Rank == 1 ? [right.Count, 1] : right.Dimensions;
        if (a.Length < 2 || b.Length < 2 || a[^1] != b[^2])
        {
            throw new FormatException(
                $"{Tensor.Describe(left.Dimensions)} and {Tensor.Describe(right.Dimensions)} have no product");
        }

        var (rows, inner, columns) = (a[^2], a[^1], b[^1]);
        var batch = Strides.Broadcast(a[..^2], b[..^2]);
        var (aSteps, bSteps) = (Strides.Stretch(a[..^2], batch), Strides.Stretch(b[..^2], batch));
        List<int> shape = [.. batch];
        if (left.Rank > 1)
        {
            shape.Add(rows);
        }

        if (right.Rank > 1)
        {
            shape.Add(columns);
        }

        var result = call.Memory.NewZeros([.. shape]);
        var (from, other, to) = (left.Elements<float>(), right.Elements<float>(), result.Elements<float>());
        var (aStart, bStart) = (Starts(batch, aSteps, rows * inner), Starts(batch, bSteps, inner * columns));
        call.Run(aStart.Length * rows, unit =>
        {
            var (matrix, row) = (unit / rows, unit % rows);
            var target = to.AsSpan(((matrix * rows) + row) * columns, columns);
            var source = from.AsSpan(aStart[matrix] + (row * inner), inner);
            for (var k = 0; k < inner; k++)
            {
                // Masks and alignments are mostly zeros.
                if (source[k] != 0)
                {
                    TensorPrimitives.MultiplyAdd(
                        other.AsSpan(bStart[matrix] + (k * columns), columns), source[k], target, target);
                }
            }
        });
        call.Return(result);
    }

    /// <summary>Where each matrix of a batch begins; a matrix that is shared begins at the same place.</summary>
    static int[] Starts(int[] batch, long[] steps, int size)
    {
        var starts = new int[Tensor.CountOf(batch)];
        for (var i = 0; i < starts.Length; i++)
        {
            var (rest, at) = (i, 0L);
            for (var d = batch.Length - 1; d >= 0; d--)
            {
                at += rest % batch[d] * steps[d];
                rest /= batch[d];
            }

            starts[i] = (int)(at * size);
        }

        return starts;
    }
}
