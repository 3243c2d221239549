using Noos.Inference.Graphs.Tensors;

namespace Noos.Inference.Graphs.Operators;

/// <summary>Elements stay what they are; their shape, order or number changes.</summary>
static class ShapeOperators
{
    public static void Identity(OperatorCall call) => call.Return(call.Input(0));

    public static void Constant(OperatorCall call) => call.Return(
        call.Node.Prepared as Tensor ?? throw new FormatException("its value is missing"));

    public static void Shape(OperatorCall call) =>
        call.Return(Tensor.From([.. call.Input(0).Dimensions.Select(dimension => (long)dimension)], [call.Input(0).Rank]));

    public static void Size(OperatorCall call) => call.Return(Tensor.From([(long)call.Input(0).Count], []));

    public static void Reshape(OperatorCall call)
    {
        var source = call.Input(0);
        var wanted = call.Input(1).Integers;
        var (shape, open, known) = (new int[wanted.Length], -1, 1L);
        for (var i = 0; i < shape.Length; i++)
        {
            if (wanted[i] == -1 && open < 0)
            {
                (open, shape[i]) = (i, 1);
                continue;
            }

            // A zero stands for the dimension of the source.
            var dimension = wanted[i] == 0 && call.Node.Integer("allowzero", 0) == 0 && i < source.Rank ? source.Dimensions[i] : wanted[i];
            shape[i] = dimension is >= 0 and <= int.MaxValue ? (int)dimension : throw new FormatException($"{dimension} is no dimension");
            known = Math.Min(known * shape[i], int.MaxValue);
        }

        if (open >= 0)
        {
            shape[open] = known > 0 ? (int)(source.Count / known) : 0;
        }

        call.Return(source.WithShape(shape));
    }

    public static void Flatten(OperatorCall call)
    {
        var source = call.Input(0);
        var axis = (int)call.Node.Integer("axis", 1) is var given && given < 0 ? given + source.Rank : given;
        if (axis < 0 || axis > source.Rank)
        {
            throw new FormatException($"dimension {axis} does not exist");
        }

        var rows = Tensor.CountOf(source.Dimensions.AsSpan(0, axis));
        call.Return(source.WithShape([rows, Tensor.CountOf(source.Dimensions.AsSpan(axis))]));
    }

    public static void Unsqueeze(OperatorCall call)
    {
        var source = call.Input(0);
        var axes = Axes(call);
        var rank = source.Rank + axes.Length;
        var places = axes.Select(axis => Strides.Axis(axis, rank)).ToHashSet();
        if (places.Count != axes.Length)
        {
            throw new FormatException("a dimension is added twice");
        }

        var (shape, next) = (new int[rank], 0);
        for (var i = 0; i < rank; i++)
        {
            shape[i] = places.Contains(i) ? 1 : source.Dimensions[next++];
        }

        call.Return(source.WithShape(shape));
    }

    public static void Squeeze(OperatorCall call)
    {
        var source = call.Input(0);
        var places = call.Find(1) is null && call.Node.Integers("axes") is null
            ? Enumerable.Range(0, source.Rank).Where(axis => source.Dimensions[axis] == 1).ToHashSet()
            : Axes(call).Select(axis => Strides.Axis(axis, source.Rank)).ToHashSet();
        call.Return(source.WithShape([.. source.Dimensions.Where((_, axis) => !places.Contains(axis))]));
    }

    public static void Transpose(OperatorCall call)
    {
        var source = call.Input(0);
        int[] order = call.Node.Integers("perm") is { } given
            ? [.. given.Select(axis => Strides.Axis(axis, source.Rank))]
            : [.. Enumerable.Range(0, source.Rank).Reverse()];
        if (order.Length != source.Rank || order.Distinct().Count() != order.Length)
        {
            throw new FormatException("its order of dimensions is none");
        }

        var strides = Strides.RowMajor(source.Dimensions);
        call.Return(Strides.Materialize(
            call, source, 0, [.. order.Select(axis => strides[axis])], [.. order.Select(axis => source.Dimensions[axis])]));
    }

    public static void Expand(OperatorCall call)
    {
        var source = call.Input(0);
        var shape = Strides.Broadcast(source.Dimensions, ShapeOf(call.Input(1)));
        call.Return(source.Dimensions.AsSpan().SequenceEqual(shape)
            ? source
            : Strides.Materialize(call, source, 0, Strides.Stretch(source.Dimensions, shape), shape));
    }

    public static void Slice(OperatorCall call)
    {
        var source = call.Input(0);
        var starts = call.Input(1).Integers;
        var ends = call.Input(2).Integers;
        var axes = call.Find(3) is { } given ? given.Integers : [];
        var steps = call.Find(4) is { } paces ? paces.Integers : [];
        if (ends.Length != starts.Length || (axes.Length > 0 && axes.Length != starts.Length)
            || (steps.Length > 0 && steps.Length != starts.Length))
        {
            throw new FormatException("its starts, ends, dimensions and steps are not equally many");
        }

        var (strides, shape, offset) = (Strides.RowMajor(source.Dimensions), (int[])source.Dimensions.Clone(), 0L);
        for (var i = 0; i < starts.Length; i++)
        {
            var axis = Strides.Axis(axes.Length > 0 ? axes[i] : i, source.Rank);
            var length = source.Dimensions[axis];
            var step = steps.Length > 0 ? steps[i] : 1;
            if (step == 0)
            {
                throw new FormatException("a step of it is zero");
            }

            // Negative places count from behind; whatever lies outside is brought to the border.
            var start = starts[i] < 0 ? starts[i] + length : starts[i];
            var end = ends[i] < 0 ? ends[i] + length : ends[i];
            start = step > 0 ? Math.Clamp(start, 0, length) : Math.Clamp(start, -1, length - 1);
            end = step > 0 ? Math.Clamp(end, 0, length) : Math.Clamp(end, -1, length - 1);
            var count = step > 0 ? (end - start + step - 1) / step : (end - start + step + 1) / step;
            shape[axis] = (int)Math.Max(count, 0);
            offset += shape[axis] > 0 ? start * strides[axis] : 0;
            strides[axis] *= step;
        }

        call.Return(Strides.Materialize(call, source, offset, strides, shape));
    }

    public static void Concat(OperatorCall call)
    {
        var first = call.Input(0);
        var axis = Strides.Axis(call.Node.Integer("axis", 0), first.Rank);
        var shape = (int[])first.Dimensions.Clone();
        for (var i = 1; i < call.InputCount; i++)
        {
            var next = call.Input(i);
            if (next.Rank != first.Rank || next.Dimensions.Where((length, d) => d != axis && length != shape[d]).Any())
            {
                throw new FormatException(
                    $"{Tensor.Describe(next.Dimensions)} cannot be put beside {Tensor.Describe(first.Dimensions)}");
            }

            shape[axis] = checked(shape[axis] + next.Dimensions[axis]);
        }

        var result = call.Memory.New(first.Kind, shape);
        var (outer, offset) = (Tensor.CountOf(shape.AsSpan(0, axis)), 0);
        var inner = Tensor.CountOf(shape.AsSpan(axis));
        for (var i = 0; i < call.InputCount; i++)
        {
            var part = call.Input(i);
            var length = Tensor.CountOf(part.Dimensions.AsSpan(axis));
            switch (first.Kind)
            {
                case TensorKind.Floats:
                    Place(part.Singles, result.Elements<float>(), length, offset);
                    break;
                case TensorKind.Integers:
                    Place(part.Integers, result.Elements<long>(), length, offset);
                    break;
                default:
                    Place(part.Booleans, result.Elements<bool>(), length, offset);
                    break;
            }

            offset += length;
        }

        call.Return(result);

        void Place<T>(ReadOnlySpan<T> part, Span<T> whole, int length, int at)
        {
            for (var row = 0; row < outer; row++)
            {
                part.Slice(row * length, length).CopyTo(whole.Slice((row * inner) + at, length));
            }
        }
    }

    public static void Split(OperatorCall call)
    {
        var source = call.Input(0);
        var axis = Strides.Axis(call.Node.Integer("axis", 0), source.Rank);
        var whole = source.Dimensions[axis];

        // Without lengths the parts are equal, and only the last may be shorter.
        var part = (whole + call.OutputCount - 1) / Math.Max(call.OutputCount, 1);
        long[] lengths = call.Find(1) is { } given ? given.Integers.ToArray()
            : [.. Enumerable.Range(0, call.OutputCount).Select(i => (long)Math.Clamp(whole - (i * part), 0, part))];
        if (lengths.Length != call.OutputCount || lengths.Any(length => length < 0 || length > whole) || lengths.Sum() != whole)
        {
            throw new FormatException($"its parts do not come to {whole}");
        }

        var strides = Strides.RowMajor(source.Dimensions);
        var offset = 0L;
        for (var i = 0; i < lengths.Length; i++)
        {
            var shape = (int[])source.Dimensions.Clone();
            shape[axis] = (int)lengths[i];
            call.Return(Strides.Materialize(call, source, offset * strides[axis], strides, shape), i);
            offset += lengths[i];
        }
    }

    /// <summary>Adds elements before and behind, constant ones; negative numbers take elements away.</summary>
    public static void Pad(OperatorCall call)
    {
        var source = call.Input(0);
        var mode = call.Node.Text("mode", "constant");
        if (mode != "constant")
        {
            throw new FormatException($"it fills with \"{mode}\", and only constants are known here");
        }

        var given = call.Input(1).Integers;
        var axes = call.Find(3) is { } chosen ? chosen.Integers : [];
        var count = call.Find(3) is null ? source.Rank : axes.Length;
        if (given.Length != 2 * count)
        {
            throw new FormatException("it has not two numbers for each dimension");
        }

        var (before, shape) = (new long[source.Rank], (int[])source.Dimensions.Clone());
        for (var i = 0; i < count; i++)
        {
            var axis = call.Find(3) is null ? i : Strides.Axis(axes[i], source.Rank);
            var length = checked(source.Dimensions[axis] + given[i] + given[count + i]);
            (before[axis], shape[axis]) = (given[i], length is >= 0 and <= int.MaxValue
                ? (int)length : throw new FormatException("it takes away more than there is"));
        }

        var result = call.Memory.New(source.Kind, shape);
        switch (source.Kind)
        {
            case TensorKind.Floats:
                Fill(source.Singles, result.Elements<float>(), call.Find(2)?.Singles[0] ?? 0);
                break;
            case TensorKind.Integers:
                Fill(source.Integers, result.Elements<long>(), call.Find(2)?.Integers[0] ?? 0);
                break;
            default:
                Fill(source.Booleans, result.Elements<bool>(), call.Find(2)?.Booleans[0] ?? false);
                break;
        }

        call.Return(result);

        void Fill<T>(ReadOnlySpan<T> from, Span<T> to, T value)
        {
            to[..result.Count].Fill(value);

            // What both have, row by row.
            var (strides, target) = (Strides.RowMajor(source.Dimensions), Strides.RowMajor(shape));
            var (first, last) = (new int[shape.Length], new int[shape.Length]);
            for (var d = 0; d < shape.Length; d++)
            {
                first[d] = (int)Math.Max(0, -before[d]);
                last[d] = (int)Math.Min(source.Dimensions[d], shape[d] - before[d]);
                if (last[d] <= first[d])
                {
                    return;
                }
            }

            if (shape.Length == 0)
            {
                to[0] = from[0];
                return;
            }

            var index = (int[])first.Clone();
            while (true)
            {
                long at = 0, goal = 0;
                for (var d = 0; d < index.Length; d++)
                {
                    at += index[d] * strides[d];
                    goal += (index[d] + before[d]) * target[d];
                }

                var length = last[^1] - first[^1];
                from.Slice((int)at, length).CopyTo(to.Slice((int)goal, length));
                var axis = index.Length - 2;
                for (; axis >= 0 && ++index[axis] == last[axis]; axis--)
                {
                    index[axis] = first[axis];
                }

                if (axis < 0)
                {
                    return;
                }
            }
        }
    }

    public static void Range(OperatorCall call)
    {
        var (start, end, step) = (call.Input(0), call.Input(1), call.Input(2));
        if (start.Kind == TensorKind.Integers)
        {
            var (from, to, pace) = (start.Integers[0], end.Integers[0], step.Integers[0]);
            var count = Count(Math.Ceiling((to - (double)from) / pace), pace == 0);
            var result = call.Memory.New(TensorKind.Integers, count);
            for (var i = 0; i < count; i++)
            {
                result.Elements<long>()[i] = from + (i * pace);
            }

            call.Return(result);
        }
        else
        {
            var (from, to, pace) = (start.Singles[0], end.Singles[0], step.Singles[0]);
            var count = Count(Math.Ceiling((to - (double)from) / pace), pace == 0);
            var result = call.Memory.NewSingles(count);
            for (var i = 0; i < count; i++)
            {
                result.Elements<float>()[i] = from + (i * pace);
            }

            call.Return(result);
        }

        static int Count(double count, bool isEndless) => !isEndless && count <= System.Array.MaxLength
            ? (int)Math.Max(count, 0)
            : throw new FormatException("it never ends");
    }

    public static void ConstantOfShape(OperatorCall call)
    {
        var shape = ShapeOf(call.Input(0));
        var value = call.Node.Prepared as Tensor ?? Tensor.From([0f], [1]);
        call.Return(Strides.Materialize(call, value, 0, new long[shape.Length], shape));
    }

    /// <summary>A shape that is given as a tensor.</summary>
    public static int[] ShapeOf(Tensor tensor)
    {
        var wanted = tensor.Integers;
        var shape = new int[wanted.Length];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = wanted[i] is >= 0 and <= int.MaxValue ? (int)wanted[i] : throw new FormatException($"{wanted[i]} is no dimension");
        }

        return shape;
    }

    /// <summary>The dimensions an operator is about: an attribute in older editions of the standard, an input in later ones.</summary>
    public static long[] Axes(OperatorCall call) => call.Find(1) is { } given ? given.Integers.ToArray()
        : [.. call.Node.Integers("axes") ?? throw new FormatException("it does not say which dimensions it is about")];
}
