using System.Numerics.Tensors;
using Noos.Inference.Graphs.Tensors;
using Tensor = Noos.Inference.Graphs.Tensors.Tensor;

namespace Noos.Inference.Graphs.Operators;

/// <summary>Two tensors, stretched to each other, to one: arithmetic, comparison, logic.</summary>
static class BinaryOperators
{
    delegate void RowPair(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> result);

    delegate void RowScalar(ReadOnlySpan<float> left, float right, Span<float> result);

    delegate void ScalarRow(float left, ReadOnlySpan<float> right, Span<float> result);

    public static void Add(OperatorCall call) => Arithmetic(
        call, TensorPrimitives.Add, TensorPrimitives.Add, static (a, b, r) => TensorPrimitives.Add(b, a, r), static (a, b) => a + b);

    public static void Sub(OperatorCall call) => Arithmetic(
        call, TensorPrimitives.Subtract, TensorPrimitives.Subtract, TensorPrimitives.Subtract, static (a, b) => a - b);

    public static void Mul(OperatorCall call) => Arithmetic(
        call, TensorPrimitives.Multiply, TensorPrimitives.Multiply, static (a, b, r) => TensorPrimitives.Multiply(b, a, r),
        static (a, b) => a * b);

    public static void Div(OperatorCall call) => Arithmetic(
        call, TensorPrimitives.Divide, TensorPrimitives.Divide, TensorPrimitives.Divide,
        static (a, b) => b == 0 ? throw new FormatException("it divides a whole number by zero") : a / b);

    public static void Min(OperatorCall call) => Arithmetic(
        call, TensorPrimitives.Min, TensorPrimitives.Min, static (a, b, r) => TensorPrimitives.Min(b, a, r), Math.Min);

    public static void Max(OperatorCall call) => Arithmetic(
        call, TensorPrimitives.Max, TensorPrimitives.Max, static (a, b, r) => TensorPrimitives.Max(b, a, r), Math.Max);

    public static void Pow(OperatorCall call)
    {
        // The exponent may be of another kind than the base.
        if (call.Input(0).Kind == TensorKind.Floats && call.Input(1) is { Count: 1 } exponent)
        {
            var value = exponent.Kind == TensorKind.Integers ? exponent.Integers[0] : exponent.Singles[0];
            var source = call.Input(0);
            var result = call.Reuse(source.Dimensions, source);
            var target = result.Elements<float>().AsSpan(0, result.Count);
            if (value == 2)
            {
                TensorPrimitives.Multiply(source.Singles, source.Singles, target);
            }
            else
            {
                TensorPrimitives.Pow(source.Singles, value, target);
            }

            call.Return(result);
            return;
        }

        Arithmetic(
            call, TensorPrimitives.Pow, TensorPrimitives.Pow, TensorPrimitives.Pow, static (a, b) => (long)Math.Pow(a, b));
    }

    public static void Equal(OperatorCall call)
    {
        if (call.Input(0).Kind == TensorKind.Booleans)
        {
            Compare<bool>(call, static (a, b) => a == b);
        }
        else
        {
            Compare(call, static (a, b) => a == b, static (a, b) => a == b);
        }
    }

    public static void Less(OperatorCall call) => Compare(call, static (a, b) => a < b, static (a, b) => a < b);

    public static void LessOrEqual(OperatorCall call) => Compare(call, static (a, b) => a <= b, static (a, b) => a <= b);

    public static void Greater(OperatorCall call) => Compare(call, static (a, b) => a > b, static (a, b) => a > b);

    public static void GreaterOrEqual(OperatorCall call) => Compare(call, static (a, b) => a >= b, static (a, b) => a >= b);

    public static void And(OperatorCall call) => Compare<bool>(call, static (a, b) => a && b);

    public static void Or(OperatorCall call) => Compare<bool>(call, static (a, b) => a || b);

    /// <summary>Where a condition holds an element of the second, else of the third input.</summary>
    public static void Where(OperatorCall call)
    {
        var (condition, yes, no) = (call.Input(0), call.Input(1), call.Input(2));
        var shape = Strides.Broadcast(Strides.Broadcast(condition.Dimensions, yes.Dimensions), no.Dimensions);
        var chosen = Strides.Materialize(call, condition, 0, Strides.Stretch(condition.Dimensions, shape), shape);
        var result = Strides.Materialize(call, yes, 0, Strides.Stretch(yes.Dimensions, shape), shape);
        var other = Strides.Materialize(call, no, 0, Strides.Stretch(no.Dimensions, shape), shape);
        switch (result.Kind)
        {
            case TensorKind.Floats:
                Choose(chosen.Booleans, other.Singles, result.Elements<float>());
                break;
            case TensorKind.Integers:
                Choose(chosen.Booleans, other.Integers, result.Elements<long>());
                break;
            default:
                Choose(chosen.Booleans, other.Booleans, result.Elements<bool>());
                break;
        }

        call.Memory.Drop(other);
        call.Return(result);

        static void Choose<T>(ReadOnlySpan<bool> chosen, ReadOnlySpan<T> other, Span<T> result)
        {
            for (var i = 0; i < chosen.Length; i++)
            {
                if (!chosen[i])
                {
                    result[i] = other[i];
                }
            }
        }
    }

    static void Arithmetic(OperatorCall call, RowPair pair, RowScalar rowScalar, ScalarRow scalarRow, Func<long, long, long> integers)
    {
        var (left, right) = (call.Input(0), call.Input(1));
        var shape = Strides.Broadcast(left.Dimensions, right.Dimensions);
        if (left.Kind == TensorKind.Integers)
        {
            var whole = call.Memory.New(TensorKind.Integers, shape);
            Each(left.Integers, left.Dimensions, right.Integers, right.Dimensions, shape, whole.Elements<long>(), integers);
            call.Return(whole);
            return;
        }

        var (a, b) = (left.Elements<float>(), right.Elements<float>());
        var result = call.Reuse(shape, left, right);
        var target = result.Elements<float>();
        if (left.Count == result.Count && right.Count == result.Count)
        {
            Elementwise.Run(call, result.Count, (start, length) =>
                pair(a.AsSpan(start, length), b.AsSpan(start, length), target.AsSpan(start, length)));
        }
        else if (right.Count == 1)
        {
            var scalar = b[0];
            Elementwise.Run(call, result.Count, (start, length) =>
                rowScalar(a.AsSpan(start, length), scalar, target.AsSpan(start, length)));
        }
        else if (left.Count == 1)
        {
            var scalar = a[0];
            Elementwise.Run(call, result.Count, (start, length) =>
                scalarRow(scalar, b.AsSpan(start, length), target.AsSpan(start, length)));
        }
        else
        {
            Rows(
                Strides.Stretch(left.Dimensions, shape), Strides.Stretch(right.Dimensions, shape), shape,
                (from, step, other, otherStep, to, length) =>
                {
                    var row = target.AsSpan(to, length);
                    if (step == 0)
                    {
                        scalarRow(a[from], b.AsSpan(other, length), row);
                    }
                    else if (otherStep == 0)
                    {
                        rowScalar(a.AsSpan(from, length), b[other], row);
                    }
                    else
                    {
                        pair(a.AsSpan(from, length), b.AsSpan(other, length), row);
                    }
                });
        }

        call.Return(result);
    }

    static void Compare(OperatorCall call, Func<float, float, bool> singles, Func<long, long, bool> integers)
    {
        if (call.Input(0).Kind == TensorKind.Integers)
        {
            Compare(call, integers);
        }
        else
        {
            Compare(call, singles);
        }
    }

    static void Compare<T>(OperatorCall call, Func<T, T, bool> compare)
    {
        var (left, right) = (call.Input(0), call.Input(1));
        var shape = Strides.Broadcast(left.Dimensions, right.Dimensions);
        var result = call.Memory.New(TensorKind.Booleans, shape);
        Each<T, bool>(
            left.Elements<T>().AsSpan(0, left.Count), left.Dimensions, right.Elements<T>().AsSpan(0, right.Count), right.Dimensions, shape,
            result.Elements<bool>(), compare);
        call.Return(result);
    }

    static void Each<T, TResult>(
        ReadOnlySpan<T> left, int[] leftShape, ReadOnlySpan<T> right, int[] rightShape, int[] shape, Span<TResult> result,
        Func<T, T, TResult> compute)
    {
        var count = Tensor.CountOf(shape);
        if (count == 0)
        {
            return;
        }

        var (a, b) = (Strides.Stretch(leftShape, shape), Strides.Stretch(rightShape, shape));
        var index = new int[shape.Length];
        long from = 0, other = 0;
        for (var i = 0; i < count; i++)
        {
            result[i] = compute(left[(int)from], right[(int)other]);
            for (var d = index.Length - 1; d >= 0; d--)
            {
                (from, other) = (from + a[d], other + b[d]);
                if (++index[d] < shape[d])
                {
                    break;
                }

                (from, other) = (from - (a[d] * shape[d]), other - (b[d] * shape[d]));
                index[d] = 0;
            }
        }
    }

    delegate void RowAction(int from, long step, int other, long otherStep, int to, int length);

    /// <summary>Goes over the rows of two stretched tensors; a row is as long as both go on evenly.</summary>
    static void Rows(long[] a, long[] b, int[] shape, RowAction row)
    {
        var count = Tensor.CountOf(shape);
        var outer = shape.Length - 1;
        var length = shape[outer];

        // Dimensions that follow each other without a gap in both are one.
        while (outer > 0 && a[outer - 1] == a[outer] * shape[outer] && b[outer - 1] == b[outer] * shape[outer])
        {
            outer--;
            length *= shape[outer];
        }

        var index = new int[outer];
        var (step, otherStep) = (a[^1], b[^1]);
        long from = 0, other = 0;
        for (var to = 0; to < count; to += length)
        {
            row((int)from, step, (int)other, otherStep, to, length);
            for (var d = outer - 1; d >= 0; d--)
            {
                (from, other) = (from + a[d], other + b[d]);
                if (++index[d] < shape[d])
                {
                    break;
                }

                (from, other) = (from - (a[d] * shape[d]), other - (b[d] * shape[d]));
                index[d] = 0;
            }
        }
    }
}
