using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// Storage type of the KV cache: keys and values of one head at 32 positions (a page). Attention itself computes in floats; a page is
/// widened once for all queries that see it.
/// </summary>
/// <remarks>
/// Widened, keys are [head length][32 positions] and values [head length / 32][32 positions][32 elements], the last group padded. So both
/// products of attention have the shape of a micro-panel: [columns][32 rows].
/// </remarks>
unsafe interface IPageFormat
{
    static abstract KeyValueType Type { get; }

    /// <summary>Bytes of a head's keys in a page.</summary>
    static abstract int KeyBytes(int headLength);

    /// <summary>Bytes of a head's values in a page.</summary>
    static abstract int ValueBytes(int headLength);

    /// <summary>Stores one position's key.</summary>
    /// <param name="key">[headLength]</param>
    /// <param name="headLength">Elements of a head.</param>
    /// <param name="keys">The head's keys in a page.</param>
    /// <param name="slot">Index of the position in the page, 0 .. 31.</param>
    static abstract void StoreKey(float* key, int headLength, byte* keys, int slot);

    /// <summary>Stores one position's value; parameters as of <see cref="StoreKey"/>.</summary>
    static abstract void StoreValue(float* value, int headLength, byte* values, int slot);

    /// <summary>Loads one position's key, as it was stored; parameters as of <see cref="StoreKey"/>.</summary>
    static abstract void LoadKey(byte* keys, int headLength, int slot, float* key);

    /// <summary>Loads one position's value, as it was stored; parameters as of <see cref="StoreKey"/>.</summary>
    static abstract void LoadValue(byte* values, int headLength, int slot, float* value);

    /// <summary>Widens a page's keys to floats.</summary>
    /// <param name="keys">The head's keys in a page.</param>
    /// <param name="headLength">Width of a head.</param>
    /// <param name="scratch">[headLength, 32], which may be used.</param>
    /// <returns>[headLength, 32]: the scratch, or the page itself where it has floats.</returns>
    static abstract float* WidenKeys(byte* keys, int headLength, float* scratch);

    /// <summary>Widens a page's values to floats.</summary>
    /// <param name="values">The head's values in a page.</param>
    /// <param name="headLength">Width of a head.</param>
    /// <param name="destination">Destination of the first group of 32 elements, [32 positions, 32 elements].</param>
    /// <param name="groupLength">Distance of two groups' destinations in floats.</param>
    static abstract void WidenValues(byte* values, int headLength, float* destination, int groupLength);
}
