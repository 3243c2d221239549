using System.Runtime.InteropServices;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels;

/// <summary>
/// Owns the activations [tokens, columns] of one layer input for a chunk of tokens in native memory: floats, and the int8 form that
/// <see cref="Quantize"/> makes. Threads may work on different rows.
/// </summary>
sealed unsafe class Activations : IDisposable
{
    float* _values;
    sbyte* _quants;
    short* _int16Quants;
    ActivationBlockScale* _blockScales;

    public Activations(int tokens, int columns)
    {
        Columns = columns;
        var stride = (columns + Panel.BlockLength - 1) / Panel.BlockLength * Panel.BlockLength;
        // Rows at a distance of a large power of two would compete for the same few cache sets (2048 floats are two pages).
        Stride = stride % 2048 == 0 ? stride + (2 * Panel.BlockLength) : stride;
        var count = (nuint)tokens * (nuint)Stride;
        _values = (float*)NativeMemory.AlignedAlloc(count * sizeof(float), 64);
        // Only the floats: quants of padding come from quantizing zeros.
        NativeMemory.Clear(_values, count * sizeof(float));
        _quants = (sbyte*)NativeMemory.AlignedAlloc(count, 64);
        _int16Quants = (short*)NativeMemory.AlignedAlloc(count * sizeof(short), 64);
        _blockScales = (ActivationBlockScale*)NativeMemory.AlignedAlloc(
            count / Panel.BlockLength * (nuint)sizeof(ActivationBlockScale), 64);
    }

    public int Columns { get; }

    /// <summary>
    /// Distance of two tokens' rows in elements: a multiple of 32, at least <see cref="Columns"/>; the padding stays zero.
    /// </summary>
    public int Stride { get; }

    public ActivationView View => new(_values, _quants, _int16Quants, _blockScales, Stride);

    /// <summary>The view of the rows from <paramref name="token"/> on.</summary>
    public ActivationView ViewFrom(int token)
    {
        var first = (long)token * Stride;
        return new(_values + first, _quants + first, _int16Quants + first, _blockScales + (first / Panel.BlockLength), Stride);
    }

    public float* Row(int token) => _values + ((long)token * Stride);

    /// <summary>Quantizes one token's row to int8 blocks.</summary>
    public void Quantize(int token)
    {
        var first = (long)token * Stride;
        ActivationQuantizer.Execute(
            _values + first, Stride / Panel.BlockLength, _quants + first, _int16Quants + first, _blockScales + (first / Panel.BlockLength));
    }

    /// <summary>Copies a row of another instance of the same width, its int8 form included.</summary>
    public void CopyRow(Activations source, int sourceToken, int token)
    {
        // Quantizing again would give the same numbers; copying is cheaper.
        var (from, to) = ((long)sourceToken * Stride, (long)token * Stride);
        new ReadOnlySpan<float>(source._values + from, Stride).CopyTo(new Span<float>(_values + to, Stride));
        new ReadOnlySpan<sbyte>(source._quants + from, Stride).CopyTo(new Span<sbyte>(_quants + to, Stride));
        new ReadOnlySpan<short>(source._int16Quants + from, Stride).CopyTo(new Span<short>(_int16Quants + to, Stride));
        var blocks = Stride / Panel.BlockLength;
        new ReadOnlySpan<ActivationBlockScale>(source._blockScales + (from / Panel.BlockLength), blocks)
            .CopyTo(new Span<ActivationBlockScale>(_blockScales + (to / Panel.BlockLength), blocks));
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_values);
        NativeMemory.AlignedFree(_quants);
        NativeMemory.AlignedFree(_int16Quants);
        NativeMemory.AlignedFree(_blockScales);
        _values = null;
        _quants = null;
        _int16Quants = null;
        _blockScales = null;
    }
}
