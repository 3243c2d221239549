using System.Runtime.InteropServices;

namespace Noos.Inference.Kernels;

/// <summary>Owns the activation rows of one layer input for a chunk of tokens, outside the garbage-collected heap.</summary>
sealed unsafe class Activations : IDisposable
{
    float* _values;
    sbyte* _quants;
    float* _scales;

    public Activations(int tokens, int columns)
    {
        Columns = columns;
        Stride = (columns + Q8Block.Length - 1) / Q8Block.Length * Q8Block.Length;
        var count = (nuint)tokens * (nuint)Stride;
        _values = (float*)NativeMemory.AlignedAlloc(count * sizeof(float), 64);
        NativeMemory.Clear(_values, count * sizeof(float));
        _quants = (sbyte*)NativeMemory.AlignedAlloc(count, 64);
        _scales = (float*)NativeMemory.AlignedAlloc(count / Q8Block.Length * sizeof(float), 64);
    }

    public int Columns { get; }

    /// <summary>Distance of two tokens' rows: <see cref="Columns"/> rounded up to a multiple of 32; the padding stays zero.</summary>
    public int Stride { get; }

    public ActivationView View => new(_values, _quants, _scales, Stride);

    public float* Row(int token) => _values + ((long)token * Stride);

    /// <summary>Makes the 8-bit form of one token's row.</summary>
    public void Quantize(int token) =>
        Q8Block.Quantize(Row(token), Stride / Q8Block.Length, _quants + ((long)token * Stride), _scales + ((long)token * Stride / Q8Block.Length));

    public void Dispose()
    {
        NativeMemory.AlignedFree(_values);
        NativeMemory.AlignedFree(_quants);
        NativeMemory.AlignedFree(_scales);
        _values = null;
        _quants = null;
        _scales = null;
    }
}
