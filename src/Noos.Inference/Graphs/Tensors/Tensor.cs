namespace Noos.Inference.Graphs.Tensors;

/// <summary>What the elements of a <see cref="Tensor"/> are.</summary>
public enum TensorKind
{
    /// <summary>32-bit floats; narrower and wider ones are brought to them.</summary>
    Floats,

    /// <summary>64-bit integers; narrower ones are brought to them.</summary>
    Integers,
    Booleans,
}

/// <summary>
/// A dense row-major array with a shape, the value that nodes of a graph hand on. Immutable once it is made, but for operators that are
/// its last readers. The array may be longer than the elements, since arrays are reused.
/// </summary>
public sealed class Tensor
{
    readonly Array _elements;

    internal Tensor(Array elements, params int[] shape)
    {
        (_elements, Dimensions, Count) = (elements, shape, CountOf(shape));
        if (elements.Length < Count)
        {
            throw new ArgumentException($"{elements.Length} elements do not fill the shape [{string.Join(", ", shape)}].", nameof(shape));
        }
    }

    /// <summary>Slowest dimension first; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape => Dimensions;

    /// <summary>Number of elements.</summary>
    public int Count { get; }

    public TensorKind Kind => _elements switch
    {
        float[] => TensorKind.Floats,
        long[] => TensorKind.Integers,
        _ => TensorKind.Booleans,
    };

    /// <exception cref="FormatException">They are no floats.</exception>
    public ReadOnlySpan<float> Singles => Elements<float>().AsSpan(0, Count);

    /// <exception cref="FormatException">They are no integers.</exception>
    public ReadOnlySpan<long> Integers => Elements<long>().AsSpan(0, Count);

    /// <exception cref="FormatException">They are no truth values.</exception>
    public ReadOnlySpan<bool> Booleans => Elements<bool>().AsSpan(0, Count);

    internal int[] Dimensions { get; }

    internal int Rank => Dimensions.Length;

    internal Array Storage => _elements;

    /// <param name="values">Row-major; the tensor shares the array.</param>
    /// <param name="shape">Slowest dimension first; a single dimension where none is given.</param>
    public static Tensor From(float[] values, params int[] shape) => Make(values, shape);

    /// <inheritdoc cref="From(float[], int[])"/>
    public static Tensor From(long[] values, params int[] shape) => Make(values, shape);

    /// <inheritdoc cref="From(float[], int[])"/>
    public static Tensor From(bool[] values, params int[] shape) => Make(values, shape);

    /// <summary>The whole array, which can be longer than <see cref="Count"/>.</summary>
    /// <exception cref="FormatException">The elements are of another kind.</exception>
    internal T[] Elements<T>() => _elements as T[]
        ?? throw new FormatException($"it is given {Kind} elements where {typeof(T).Name} belongs");

    /// <summary>The same elements in another shape.</summary>
    internal Tensor WithShape(int[] shape) => CountOf(shape) == Count
        ? new Tensor(_elements, shape)
        : throw new FormatException($"{Describe(Dimensions)} cannot take the shape {Describe(shape)}");

    internal static string Describe(ReadOnlySpan<int> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    /// <exception cref="FormatException">There are more elements than an array can have.</exception>
    internal static int CountOf(ReadOnlySpan<int> shape)
    {
        long count = 1;
        foreach (var dimension in shape)
        {
            count = dimension >= 0 && count <= int.MaxValue ? count * dimension : long.MaxValue;
        }

        return count <= System.Array.MaxLength ? (int)count : throw new FormatException($"the shape {Describe(shape)} is impossible");
    }

    static Tensor Make<T>(T[] values, int[] shape)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new Tensor(values, shape.Length == 0 && values.Length != 1 ? [values.Length] : shape);
    }
}
