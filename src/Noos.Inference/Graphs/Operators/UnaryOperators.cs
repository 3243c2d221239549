using System.Numerics.Tensors;
using Noos.Inference.Graphs.Tensors;
using Noos.Inference.Kernels.Convolutions;

namespace Noos.Inference.Graphs.Operators;

/// <summary>One tensor to one of the same shape.</summary>
static class UnaryOperators
{
    delegate void Row(ReadOnlySpan<float> source, Span<float> result);

    public static void Abs(OperatorCall call) => Map(call, TensorPrimitives.Abs, Math.Abs);

    public static void Neg(OperatorCall call) => Map(call, TensorPrimitives.Negate, static value => -value);

    public static void Sqrt(OperatorCall call) => Map(call, TensorPrimitives.Sqrt);

    public static void Reciprocal(OperatorCall call) => Map(call, TensorPrimitives.Reciprocal);

    public static void Exp(OperatorCall call) => Map(call, TensorPrimitives.Exp);

    public static void Log(OperatorCall call) => Map(call, TensorPrimitives.Log);

    public static void Sin(OperatorCall call) => Map(call, TensorPrimitives.Sin);

    public static void Cos(OperatorCall call) => Map(call, TensorPrimitives.Cos);

    public static void Tanh(OperatorCall call) => Map(call, TensorPrimitives.Tanh);

    public static void Sigmoid(OperatorCall call) => Map(call, TensorPrimitives.Sigmoid);

    public static void Ceil(OperatorCall call) => Map(call, TensorPrimitives.Ceiling);

    public static void Floor(OperatorCall call) => Map(call, TensorPrimitives.Floor);

    // The standard rounds halves to even.
    public static void Round(OperatorCall call) => Map(call, static (source, result) => TensorPrimitives.Round(source, result));

    public static void Relu(OperatorCall call) => Map(call, static (source, result) => TensorPrimitives.Max(source, 0, result));

    public static void Softplus(OperatorCall call) => Map(call, static (source, result) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            // log(1 + e^x) without overflow.
            result[i] = Math.Max(source[i], 0) + float.LogP1(MathF.Exp(-Math.Abs(source[i])));
        }
    });

    public static void Erf(OperatorCall call) => Map(call, ErrorFunction.Apply);

    public static void LeakyRelu(OperatorCall call)
    {
        var slope = call.Node.Single("alpha", 0.01f);
        Map(call, (source, result) => Rectifier.Leaky(source, slope, result));
    }

    public static void Clip(OperatorCall call)
    {
        var (min, max) = (call.Find(1), call.Find(2));
        if (call.Input(0).Kind == TensorKind.Integers)
        {
            var (least, most) = (min?.Integers[0] ?? long.MinValue, max?.Integers[0] ?? long.MaxValue);
            MapIntegers(call, value => Math.Min(Math.Max(value, least), most));
            return;
        }

        var (low, high) = (min?.Singles[0] ?? float.MinValue, max?.Singles[0] ?? float.MaxValue);
        Map(call, (source, result) =>
        {
            TensorPrimitives.Max(source, low, result);
            TensorPrimitives.Min(result, high, result);
        });
    }

    public static void Not(OperatorCall call)
    {
        var source = call.Input(0);
        var result = call.Memory.New(TensorKind.Booleans, source.Dimensions);
        var from = source.Booleans;
        var to = result.Elements<bool>();
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = !from[i];
        }

        call.Return(result);
    }

    /// <summary>To another kind of elements; types of one kind are the same here.</summary>
    public static void Cast(OperatorCall call)
    {
        var source = call.Input(0);
        var kind = call.Node.Integer("to", 1) switch
        {
            1 or 10 or 11 or 16 => TensorKind.Floats,
            2 or 3 or 4 or 5 or 6 or 7 or 12 or 13 => TensorKind.Integers,
            9 => TensorKind.Booleans,
            var other => throw new FormatException($"it casts to the element type {other}, which is not known here"),
        };
        if (kind == source.Kind)
        {
            call.Return(source);
            return;
        }

        var result = call.Memory.New(kind, source.Dimensions);
        for (var i = 0; i < source.Count; i++)
        {
            switch (source.Kind, kind)
            {
                case (TensorKind.Floats, TensorKind.Integers):
                    result.Elements<long>()[i] = (long)source.Singles[i];
                    break;
                case (TensorKind.Floats, _):
                    result.Elements<bool>()[i] = source.Singles[i] != 0;
                    break;
                case (TensorKind.Integers, TensorKind.Floats):
                    result.Elements<float>()[i] = source.Integers[i];
                    break;
                case (TensorKind.Integers, _):
                    result.Elements<bool>()[i] = source.Integers[i] != 0;
                    break;
                case (_, TensorKind.Floats):
                    result.Elements<float>()[i] = source.Booleans[i] ? 1 : 0;
                    break;
                default:
                    result.Elements<long>()[i] = source.Booleans[i] ? 1 : 0;
                    break;
            }
        }

        call.Return(result);
    }

    static void Map(OperatorCall call, Row row, Func<long, long>? integers = null)
    {
        var source = call.Input(0);
        if (source.Kind == TensorKind.Integers && integers is not null)
        {
            MapIntegers(call, integers);
            return;
        }

        var from = source.Elements<float>();
        var result = call.Reuse(source.Dimensions, source);
        var to = result.Elements<float>();
        Elementwise.Run(call, source.Count, (start, length) => row(from.AsSpan(start, length), to.AsSpan(start, length)));
        call.Return(result);
    }

    static void MapIntegers(OperatorCall call, Func<long, long> map)
    {
        var source = call.Input(0);
        var result = call.Memory.New(TensorKind.Integers, source.Dimensions);
        var from = source.Integers;
        var to = result.Elements<long>();
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = map(from[i]);
        }

        call.Return(result);
    }
}
