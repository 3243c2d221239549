using System.Numerics.Tensors;
using Noos.Inference.Graphs.Tensors;
using Tensor = Noos.Inference.Graphs.Tensors.Tensor;

namespace Noos.Inference.Graphs.Operators;

/// <summary>Many elements to one, and sums and shares along a dimension.</summary>
static class ReductionOperators
{
    delegate float Fold(ReadOnlySpan<float> row);

    public static void Mean(OperatorCall call) => Reduce(
        call, static row => row.Length > 0 ? TensorPrimitives.Sum(row) / row.Length : 0,
        static row => row.Count > 0 ? row.Sum() / row.Count : 0);

    public static void Sum(OperatorCall call) => Reduce(call, static row => TensorPrimitives.Sum(row), static row => row.Sum());

    public static void Max(OperatorCall call) => Reduce(
        call, static row => row.Length > 0 ? TensorPrimitives.Max(row) : float.NegativeInfinity, static row => row.Max());

    public static void Min(OperatorCall call) => Reduce(
        call, static row => row.Length > 0 ? TensorPrimitives.Min(row) : float.PositiveInfinity, static row => row.Min());

    public static void Softmax(OperatorCall call)
    {
        var source = call.Input(0);
        if (Strides.Axis(call.Node.Integer("axis", -1), source.Rank) != source.Rank - 1)
        {
            throw new FormatException("it shares along another dimension than the last, which is not known here");
        }

        var result = call.Reuse(source.Dimensions, source);
        var (from, to, length) = (source.Elements<float>(), result.Elements<float>(), source.Dimensions[^1]);
        for (var start = 0; start < source.Count; start += length)
        {
            var row = to.AsSpan(start, length);
            TensorPrimitives.Subtract(from.AsSpan(start, length), TensorPrimitives.Max<float>(from.AsSpan(start, length)), row);
            TensorPrimitives.Exp<float>(row, row);
            TensorPrimitives.Divide(row, TensorPrimitives.Sum<float>(row), row);
        }

        call.Return(result);
    }

    public static void CumSum(OperatorCall call)
    {
        var source = call.Input(0);
        var axis = Strides.Axis(call.Input(1).Integers[0], source.Rank);
        if (call.Node.Integer("exclusive", 0) != 0 || call.Node.Integer("reverse", 0) != 0)
        {
            throw new FormatException("it sums backwards or without the last element, which is not known here");
        }

        var result = call.Memory.New(source.Kind, source.Dimensions);
        var inner = Tensor.CountOf(source.Dimensions.AsSpan(axis + 1));
        var length = source.Dimensions[axis] * inner;
        for (var i = 0; i < source.Count; i++)
        {
            var isFirst = i % length < inner;
            if (source.Kind == TensorKind.Integers)
            {
                result.Elements<long>()[i] = source.Integers[i] + (isFirst ? 0 : result.Elements<long>()[i - inner]);
            }
            else
            {
                result.Elements<float>()[i] = source.Singles[i] + (isFirst ? 0 : result.Elements<float>()[i - inner]);
            }
        }

        call.Return(result);
    }

    static void Reduce(OperatorCall call, Fold singles, Func<IReadOnlyCollection<long>, long> integers)
    {
        var source = call.Input(0);
        var isGiven = call.Find(1) is not null || call.Node.Integers("axes") is not null;
        var places = isGiven
            ? ShapeOperators.Axes(call).Select(axis => Strides.Axis(axis, source.Rank)).ToHashSet()
            : Enumerable.Range(0, source.Rank).ToHashSet();

        // What is folded comes last, so that each result is made of one row.
        int[] order = [.. Enumerable.Range(0, source.Rank).OrderBy(axis => places.Contains(axis))];
        var isOrdered = order.Select((axis, i) => axis == i).All(same => same);
        var strides = Strides.RowMajor(source.Dimensions);
        var ordered = isOrdered ? source : Strides.Materialize(
            call, source, 0, [.. order.Select(axis => strides[axis])], [.. order.Select(axis => source.Dimensions[axis])]);
        int[] shape = call.Node.Integer("keepdims", 1) == 0
            ? [.. source.Dimensions.Where((_, axis) => !places.Contains(axis))]
            : [.. source.Dimensions.Select((length, axis) => places.Contains(axis) ? 1 : length)];
        var result = call.Memory.New(source.Kind, shape);
        var length = Tensor.CountOf([.. source.Dimensions.Where((_, axis) => places.Contains(axis))]);
        for (var i = 0; i < result.Count; i++)
        {
            if (source.Kind == TensorKind.Integers)
            {
                result.Elements<long>()[i] = length > 0 ? integers(ordered.Integers.Slice(i * length, length).ToArray()) : 0;
            }
            else
            {
                result.Elements<float>()[i] = singles(ordered.Singles.Slice(i * length, length));
            }
        }

        if (!isOrdered)
        {
            call.Memory.Drop(ordered);
        }

        call.Return(result);
    }
}
