namespace Noos.Language.Gguf;

/// <summary>One metadata value: a number, a truth value, a string or an array of one of these, arrays of arrays included.</summary>
public sealed class GgufValue
{
    internal GgufValue(GgufValueType type, object content)
    {
        Type = type;
        Content = content;
    }

    internal GgufValue(GgufValueType elementType, Array elements)
        : this(GgufValueType.Array, (object)elements) => ElementType = elementType;

    public GgufValueType Type { get; }

    /// <summary>Type of the elements of an array, otherwise null.</summary>
    public GgufValueType? ElementType { get; }

    /// <summary>
    /// The boxed number, truth value or string; for an array a one-dimensional array of these, or of <see cref="GgufValue"/> for an array
    /// of arrays.
    /// </summary>
    public object Content { get; }

    public static implicit operator GgufValue(string value) => new(GgufValueType.String, (object)value);

    public static implicit operator GgufValue(bool value) => new(GgufValueType.Bool, value);

    public static implicit operator GgufValue(byte value) => new(GgufValueType.UInt8, value);

    public static implicit operator GgufValue(sbyte value) => new(GgufValueType.Int8, value);

    public static implicit operator GgufValue(ushort value) => new(GgufValueType.UInt16, value);

    public static implicit operator GgufValue(short value) => new(GgufValueType.Int16, value);

    public static implicit operator GgufValue(uint value) => new(GgufValueType.UInt32, value);

    public static implicit operator GgufValue(int value) => new(GgufValueType.Int32, value);

    public static implicit operator GgufValue(ulong value) => new(GgufValueType.UInt64, value);

    public static implicit operator GgufValue(long value) => new(GgufValueType.Int64, value);

    public static implicit operator GgufValue(float value) => new(GgufValueType.Float32, value);

    public static implicit operator GgufValue(double value) => new(GgufValueType.Float64, value);

    public static implicit operator GgufValue(string[] values) => new(GgufValueType.String, values);

    public static implicit operator GgufValue(bool[] values) => new(GgufValueType.Bool, values);

    public static implicit operator GgufValue(byte[] values) => new(GgufValueType.UInt8, values);

    public static implicit operator GgufValue(sbyte[] values) => new(GgufValueType.Int8, values);

    public static implicit operator GgufValue(ushort[] values) => new(GgufValueType.UInt16, values);

    public static implicit operator GgufValue(short[] values) => new(GgufValueType.Int16, values);

    public static implicit operator GgufValue(uint[] values) => new(GgufValueType.UInt32, values);

    public static implicit operator GgufValue(int[] values) => new(GgufValueType.Int32, values);

    public static implicit operator GgufValue(ulong[] values) => new(GgufValueType.UInt64, values);

    public static implicit operator GgufValue(long[] values) => new(GgufValueType.Int64, values);

    public static implicit operator GgufValue(float[] values) => new(GgufValueType.Float32, values);

    public static implicit operator GgufValue(double[] values) => new(GgufValueType.Float64, values);

    /// <summary>An array of arrays.</summary>
    public static implicit operator GgufValue(GgufValue[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Array.TrueForAll(values, value => value.Type == GgufValueType.Array)
            ? new(GgufValueType.Array, values)
            : throw new ArgumentException("The elements of an array of arrays must be arrays.", nameof(values));
    }

    /// <summary>The value of an integer of any width; null if it is of another type or beyond 64 signed bits.</summary>
    public long? ToInteger() => Content switch
    {
        byte value => value,
        sbyte value => value,
        ushort value => value,
        short value => value,
        uint value => value,
        int value => value,
        long value => value,
        ulong value when value <= long.MaxValue => (long)value,
        _ => null,
    };
}
