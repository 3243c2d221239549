using System.Numerics;

namespace Noos.Training.Model.Fused;

/// <summary>
/// Takes heads out of the projected rows, normalises each over its own length (QK-norm) and rotates it by its position
/// (Su et al., 2021; the halves of a head against each other, GPT-NeoX's layout), in one pass.
/// </summary>
sealed unsafe class RotaryHeads
{
    readonly int _headLength;
    readonly float _epsilon;
    readonly float[] _cosine; // [context, head length / 2]
    readonly float[] _sine; // [context, head length / 2]

    public RotaryHeads(int headLength, int contextLength, float frequencyBase, float epsilon)
    {
        _headLength = headLength;
        _epsilon = epsilon;
        var half = headLength / 2;
        _cosine = GC.AllocateUninitializedArray<float>(contextLength * half, pinned: true);
        _sine = GC.AllocateUninitializedArray<float>(contextLength * half, pinned: true);
        for (var position = 0; position < contextLength; position++)
        {
            for (var i = 0; i < half; i++)
            {
                var (sine, cosine) = Math.SinCos(position * Math.Pow(frequencyBase, -2.0 * i / headLength));
                _cosine[(position * half) + i] = (float)cosine;
                _sine[(position * half) + i] = (float)sine;
            }
        }
    }

    /// <param name="projected">first head of the first row; rows are <paramref name="stride"/> apart</param>
    /// <param name="weight">[head length] gain of the norm</param>
    /// <param name="rotated">[heads, rows, head length]</param>
    /// <param name="inverse">[heads, rows] inverse root mean squares, kept for the backward pass</param>
    public void Forward(float* projected, int stride, float* weight, float* rotated, float* inverse, int heads, int rows)
    {
        var half = _headLength / 2;
        var lanes = Vector<float>.Count;
        fixed (float* cosines = _cosine, sines = _sine)
        {
            for (var head = 0; head < heads; head++)
            {
                for (var row = 0; row < rows; row++)
                {
                    var x = projected + ((long)row * stride) + (head * _headLength);
                    var y = rotated + ((((long)head * rows) + row) * _headLength);
                    var squares = Vector<float>.Zero;
                    for (var i = 0; i < _headLength; i += lanes)
                    {
                        var value = Vector.Load(x + i);
                        squares = Vector.FusedMultiplyAdd(value, value, squares);
                    }

                    var r = 1f / MathF.Sqrt((Vector.Sum(squares) / _headLength) + _epsilon);
                    inverse[(head * rows) + row] = r;
                    for (var i = 0; i < half; i += lanes)
                    {
                        var first = Vector.Load(x + i) * r * Vector.Load(weight + i);
                        var second = Vector.Load(x + half + i) * r * Vector.Load(weight + half + i);
                        var cosine = Vector.Load(cosines + (row * half) + i);
                        var sine = Vector.Load(sines + (row * half) + i);
                        ((first * cosine) - (second * sine)).Store(y + i);
                        ((second * cosine) + (first * sine)).Store(y + half + i);
                    }
                }
            }
        }
    }

    /// <summary>Writes the gradient of the projected heads and adds that of the gain. <paramref name="dRotated"/> is overwritten.</summary>
    /// <param name="projected">first head of the first row; rows are <paramref name="stride"/> apart</param>
    /// <param name="weight">[head length]</param>
    /// <param name="inverse">[heads, rows] from the forward pass</param>
    /// <param name="dRotated">[heads, rows, head length]</param>
    /// <param name="dProjected">laid out as <paramref name="projected"/></param>
    /// <param name="dWeight">[head length]</param>
    public void Backward(
        float* projected, float* weight, float* inverse, float* dRotated, float* dProjected, int stride, float* dWeight, int heads,
        int rows)
    {
        var half = _headLength / 2;
        var lanes = Vector<float>.Count;
        fixed (float* cosines = _cosine, sines = _sine)
        {
            for (var head = 0; head < heads; head++)
            {
                for (var row = 0; row < rows; row++)
                {
                    var start = ((long)row * stride) + (head * _headLength);
                    var dy = dRotated + ((((long)head * rows) + row) * _headLength);

                    // A rotation's transpose is its inverse: back by the same angle.
                    for (var i = 0; i < half; i += lanes)
                    {
                        var first = Vector.Load(dy + i);
                        var second = Vector.Load(dy + half + i);
                        var cosine = Vector.Load(cosines + (row * half) + i);
                        var sine = Vector.Load(sines + (row * half) + i);
                        ((first * cosine) + (second * sine)).Store(dy + i);
                        ((second * cosine) - (first * sine)).Store(dy + half + i);
                    }

                    new Span<float>(dProjected + start, _headLength).Clear();
                    RmsNorm.Backward(
                        projected + start, weight, inverse + (head * rows) + row, dy, dProjected + start, dWeight, 1, _headLength);
                }
            }
        }
    }
}
