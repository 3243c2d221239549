using Noos.Inference.Graphs.Tensors;

namespace Noos.Inference.Graphs.Operators;

/// <summary>Elements are chosen or placed by their numbers. Negative numbers count from behind; those outside are refused.</summary>
static class IndexOperators
{
    /// <summary>Slices along one dimension, in the order of the indices.</summary>
    public static void Gather(OperatorCall call)
    {
        var (source, indices) = (call.Input(0), call.Input(1));
        var axis = Strides.Axis(call.Node.Integer("axis", 0), source.Rank);
        int[] shape = [.. source.Dimensions[..axis], .. indices.Dimensions, .. source.Dimensions[(axis + 1)..]];
        var result = call.Memory.New(source.Kind, shape);
        var inner = Tensor.CountOf(source.Dimensions.AsSpan(axis + 1));
        var outer = Tensor.CountOf(source.Dimensions.AsSpan(0, axis));
        var length = source.Dimensions[axis];
        switch (source.Kind)
        {
            case TensorKind.Floats:
                Pick(source.Singles, result.Elements<float>());
                break;
            case TensorKind.Integers:
                Pick(source.Integers, result.Elements<long>());
                break;
            default:
                Pick(source.Booleans, result.Elements<bool>());
                break;
        }

        call.Return(result);

        void Pick<T>(ReadOnlySpan<T> from, Span<T> to)
        {
            var chosen = indices.Integers;
            for (var row = 0; row < outer; row++)
            {
                for (var i = 0; i < chosen.Length; i++)
                {
                    var at = (row * length) + Index(chosen[i], length);
                    from.Slice(at * inner, inner).CopyTo(to.Slice(((row * chosen.Length) + i) * inner, inner));
                }
            }
        }
    }

    /// <summary>One element for each index, from the same place but for one dimension.</summary>
    public static void GatherElements(OperatorCall call)
    {
        var (source, indices) = (call.Input(0), call.Input(1));
        var axis = Strides.Axis(call.Node.Integer("axis", 0), source.Rank);
        if (indices.Rank != source.Rank || indices.Dimensions.Where((d, i) => i != axis && d > source.Dimensions[i]).Any())
        {
            throw new FormatException("its indices do not fit what they choose from");
        }

        var result = call.Memory.New(source.Kind, indices.Dimensions);
        switch (source.Kind)
        {
            case TensorKind.Floats:
                Pick(source.Singles, result.Elements<float>());
                break;
            case TensorKind.Integers:
                Pick(source.Integers, result.Elements<long>());
                break;
            default:
                Pick(source.Booleans, result.Elements<bool>());
                break;
        }

        call.Return(result);

        void Pick<T>(ReadOnlySpan<T> from, Span<T> to)
        {
            var strides = Strides.RowMajor(source.Dimensions);
            var chosen = indices.Integers;
            var own = Strides.RowMajor(indices.Dimensions);
            for (var i = 0; i < chosen.Length; i++)
            {
                var (rest, at) = ((long)i, 0L);
                for (var d = 0; d < own.Length; d++)
                {
                    var place = rest / own[d];
                    rest -= place * own[d];
                    at += (d == axis ? Index(chosen[i], source.Dimensions[d]) : place) * strides[d];
                }

                to[i] = from[(int)at];
            }
        }
    }

    /// <summary>Slices at places that are given by several numbers each.</summary>
    public static void GatherND(OperatorCall call)
    {
        var (source, indices) = (call.Input(0), call.Input(1));
        if (call.Node.Integer("batch_dims", 0) != 0)
        {
            throw new FormatException("it gathers within batches, which is not known here");
        }

        var depth = Depth(source, indices);
        var result = call.Memory.New(source.Kind, [.. indices.Dimensions[..^1], .. source.Dimensions[depth..]]);
        var inner = Tensor.CountOf(source.Dimensions.AsSpan(depth));
        switch (source.Kind)
        {
            case TensorKind.Floats:
                Pick(source.Singles, result.Elements<float>());
                break;
            case TensorKind.Integers:
                Pick(source.Integers, result.Elements<long>());
                break;
            default:
                Pick(source.Booleans, result.Elements<bool>());
                break;
        }

        call.Return(result);

        void Pick<T>(ReadOnlySpan<T> from, Span<T> to)
        {
            var count = depth == 0 ? Tensor.CountOf(indices.Dimensions.AsSpan(0, indices.Rank - 1)) : indices.Count / depth;
            for (var i = 0; i < count; i++)
            {
                from.Slice(Offset(source, indices, depth, i), inner).CopyTo(to.Slice(i * inner, inner));
            }
        }
    }

    /// <summary>A copy in which some slices are replaced.</summary>
    public static void ScatterND(OperatorCall call)
    {
        var (source, indices, updates) = (call.Input(0), call.Input(1), call.Input(2));
        if (call.Node.Text("reduction", "none") != "none")
        {
            throw new FormatException("it adds where it places, which is not known here");
        }

        var depth = Depth(source, indices);
        int[] wanted = [.. indices.Dimensions[..^1], .. source.Dimensions[depth..]];
        if (updates.Count != Tensor.CountOf(wanted))
        {
            throw new FormatException($"{Tensor.Describe(updates.Dimensions)} is given where {Tensor.Describe(wanted)} is replaced");
        }

        var result = Strides.Materialize(call, source, 0, Strides.RowMajor(source.Dimensions), source.Dimensions);
        var inner = Tensor.CountOf(source.Dimensions.AsSpan(depth));
        switch (source.Kind)
        {
            case TensorKind.Floats:
                Place(updates.Singles, result.Elements<float>());
                break;
            case TensorKind.Integers:
                Place(updates.Integers, result.Elements<long>());
                break;
            default:
                Place(updates.Booleans, result.Elements<bool>());
                break;
        }

        call.Return(result);

        void Place<T>(ReadOnlySpan<T> from, Span<T> to)
        {
            for (var i = 0; i * inner < from.Length; i++)
            {
                from.Slice(i * inner, inner).CopyTo(to.Slice(Offset(source, indices, depth, i), inner));
            }
        }
    }

    /// <summary>Where elements are not zero: a row per dimension, a column per element.</summary>
    public static void NonZero(OperatorCall call)
    {
        var source = call.Input(0);
        var places = new List<int>();
        for (var i = 0; i < source.Count; i++)
        {
            if (source.Kind switch
            {
                TensorKind.Floats => source.Singles[i] != 0,
                TensorKind.Integers => source.Integers[i] != 0,
                _ => source.Booleans[i],
            })
            {
                places.Add(i);
            }
        }

        var result = call.Memory.New(TensorKind.Integers, source.Rank, places.Count);
        var strides = Strides.RowMajor(source.Dimensions);
        for (var d = 0; d < source.Rank; d++)
        {
            for (var i = 0; i < places.Count; i++)
            {
                result.Elements<long>()[(d * places.Count) + i] = places[i] / strides[d] % source.Dimensions[d];
            }
        }

        call.Return(result);
    }

    static int Depth(Tensor source, Tensor indices) => indices.Rank > 0 && indices.Dimensions[^1] <= source.Rank
        ? indices.Dimensions[^1]
        : throw new FormatException("its indices have more numbers than there are dimensions");

    static int Offset(Tensor source, Tensor indices, int depth, int entry)
    {
        var chosen = indices.Integers.Slice(entry * depth, depth);
        var at = 0L;
        for (var d = 0; d < depth; d++)
        {
            at = (at * source.Dimensions[d]) + Index(chosen[d], source.Dimensions[d]);
        }

        return (int)(at * Tensor.CountOf(source.Dimensions.AsSpan(depth)));
    }

    static int Index(long index, int length) => index >= -length && index < length
        ? (int)(index < 0 ? index + length : index)
        : throw new FormatException($"element {index} does not exist among {length}");
}
