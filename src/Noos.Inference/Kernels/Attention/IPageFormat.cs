using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// How one head's part of a page is stored: keys and values of 32 positions. Attention itself sees floats only: a page is widened once
/// for all queries that look at it.
/// </summary>
/// <remarks>
/// Widened, keys are [head length][32 positions] and values [head length / 32][32 positions][32 elements], the last group filled up. So
/// both products of attention are those of a panel.
/// </remarks>
unsafe interface IPageFormat
{
    static abstract KeyValueType Type { get; }

    /// <summary>Bytes of a head's keys in a page.</summary>
    static abstract int KeyBytes(int headLength);

    /// <summary>Bytes of a head's values in a page.</summary>
    static abstract int ValueBytes(int headLength);

    /// <param name="key">[headLength]</param>
    /// <param name="headLength">Width of a head.</param>
    /// <param name="keys">The head's keys in a page.</param>
    /// <param name="place">The position in the page.</param>
    static abstract void StoreKey(float* key, int headLength, byte* keys, int place);

    /// <summary>As <see cref="StoreKey"/>.</summary>
    static abstract void StoreValue(float* value, int headLength, byte* values, int place);

    /// <summary>A page's keys as floats.</summary>
    /// <param name="keys">The head's keys in a page.</param>
    /// <param name="headLength">Width of a head.</param>
    /// <param name="scratch">Where the floats may be put.</param>
    /// <returns>Where they are.</returns>
    static abstract float* WidenKeys(byte* keys, int headLength, float* scratch);

    /// <summary>A page's values as floats.</summary>
    /// <param name="values">The head's values in a page.</param>
    /// <param name="headLength">Width of a head.</param>
    /// <param name="destination">Where the first group of 32 elements goes.</param>
    /// <param name="groupLength">Distance of two groups in floats.</param>
    static abstract void WidenValues(byte* values, int headLength, float* destination, int groupLength);
}
