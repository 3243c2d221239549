namespace Noos.Inference.KeyValues;

/// <summary>Sizes of the storage types.</summary>
public static class KeyValueTypes
{
    /// <summary>Bytes of a number of values, scales included; saturates instead of overflowing.</summary>
    public static long BytesOf(this KeyValueType type, long values) => (long)Int128.Min(
        type switch
        {
            KeyValueType.F32 => (Int128)values * sizeof(float),
            KeyValueType.F16 => (Int128)values * sizeof(short),
            // 32 values share one scale.
            KeyValueType.Q8 => ((Int128)values + 31) / 32 * (32 + sizeof(short)),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such type of keys and values."),
        },
        long.MaxValue / 2);
}
