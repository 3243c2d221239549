using Noos.Inference.Graphs.Tensors;

namespace Noos.Inference.Graphs.Operators;

/// <summary>Shapes and steps: how elements of a tensor follow each other when it is read in another order or stretched.</summary>
static class Strides
{
    /// <summary>Elements between neighbours of each dimension of a row-major tensor.</summary>
    public static long[] RowMajor(int[] shape)
    {
        var strides = new long[shape.Length];
        var stride = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }

    /// <summary>A dimension as it is counted from the front; negative ones count from behind.</summary>
    /// <exception cref="FormatException">There is no such dimension.</exception>
    public static int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw new FormatException($"dimension {axis} does not exist in a tensor of {rank} dimensions");

    /// <summary>The shape of two that are stretched to each other (https://onnx.ai/onnx/repo-docs/Broadcasting.html).</summary>
    /// <exception cref="FormatException">They do not fit.</exception>
    public static int[] Broadcast(int[] left, int[] right)
    {
        var shape = new int[Math.Max(left.Length, right.Length)];
        for (var i = 1; i <= shape.Length; i++)
        {
            var (a, b) = (i <= left.Length ? left[^i] : 1, i <= right.Length ? right[^i] : 1);
            shape[^i] = a == b || b == 1 ? a : a == 1 ? b
                : throw new FormatException($"the shapes {Tensor.Describe(left)} and {Tensor.Describe(right)} do not fit");
        }

        return shape;
    }

    /// <summary>Steps through a tensor that is stretched to a shape: 0 where it has one element for all.</summary>
    /// <exception cref="FormatException">It cannot be stretched so.</exception>
    public static long[] Stretch(int[] from, int[] to)
    {
        var strides = new long[to.Length];
        var own = RowMajor(from);
        for (var i = 1; i <= from.Length; i++)
        {
            strides[^i] = i <= to.Length && from[^i] == to[^i] ? own[^i]
                : from[^i] == 1 && i <= to.Length ? 0
                : throw new FormatException($"{Tensor.Describe(from)} cannot be stretched to {Tensor.Describe(to)}");
        }

        return strides;
    }

    /// <summary>Copies what a view shows into a row-major array.</summary>
    /// <param name="source">Where the view looks.</param>
    /// <param name="offset">Its first element.</param>
    /// <param name="strides">Elements between neighbours, possibly 0 or negative.</param>
    /// <param name="shape">Of the view.</param>
    /// <param name="destination">All its elements, in order.</param>
    public static void Copy<T>(ReadOnlySpan<T> source, long offset, long[] strides, int[] shape, Span<T> destination)
    {
        if (destination.Length == 0)
        {
            return;
        }

        if (shape.Length == 0)
        {
            destination[0] = source[(int)offset];
            return;
        }

        var (length, step) = (shape[^1], strides[^1]);
        var index = new int[shape.Length - 1];
        for (var written = 0; written < destination.Length; written += length)
        {
            var row = destination.Slice(written, length);
            if (step == 1)
            {
                source.Slice((int)offset, length).CopyTo(row);
            }
            else if (step == 0)
            {
                row.Fill(source[(int)offset]);
            }
            else
            {
                var from = offset;
                for (var i = 0; i < row.Length; i++, from += step)
                {
                    row[i] = source[(int)from];
                }
            }

            // The next row: the odometer of the outer dimensions.
            for (var d = index.Length - 1; d >= 0; d--)
            {
                offset += strides[d];
                if (++index[d] < shape[d])
                {
                    break;
                }

                offset -= strides[d] * shape[d];
                index[d] = 0;
            }
        }
    }

    /// <summary>A tensor of what a view shows.</summary>
    public static Tensor Materialize(OperatorCall call, Tensor source, long offset, long[] strides, int[] shape)
    {
        var result = call.Memory.New(source.Kind, shape);
        switch (source.Kind)
        {
            case TensorKind.Floats:
                Copy(source.Singles, offset, strides, shape, result.Elements<float>().AsSpan(0, result.Count));
                break;
            case TensorKind.Integers:
                Copy(source.Integers, offset, strides, shape, result.Elements<long>().AsSpan(0, result.Count));
                break;
            default:
                Copy(source.Booleans, offset, strides, shape, result.Elements<bool>().AsSpan(0, result.Count));
                break;
        }

        return result;
    }
}
