using Noos.Language.Architectures;

namespace Noos.Training.Adapters;

/// <summary>
/// Takes heads out of projected rows, norms each over its own length where the family does (QK-norm), and rotates it by its position (Su
/// et al., 2021). Rotated heads are half-split (i, i + d/2) whatever the file's order of pairs is: q · k does not change under a common
/// permutation.
/// </summary>
sealed unsafe class HeadRotation
{
    readonly int _headLength;
    readonly int _half;
    readonly bool _isInterleaved;
    readonly float _epsilon;
    readonly float[] _cosine; // [length, half]
    readonly float[] _sine; // [length, half]

    public HeadRotation(DecoderConfig config, double[] frequencies, int length)
    {
        (_headLength, _half) = (config.HeadLength, frequencies.Length);
        (_isInterleaved, _epsilon) = (config.Rotary.IsInterleaved, config.NormEpsilon);
        _cosine = new float[length * _half];
        _sine = new float[length * _half];
        for (var position = 0; position < length; position++)
        {
            for (var i = 0; i < _half; i++)
            {
                var (sine, cosine) = Math.SinCos(position * frequencies[i]);
                (_cosine[(position * _half) + i], _sine[(position * _half) + i]) = ((float)cosine, (float)sine);
            }
        }
    }

    /// <param name="projected">the head in the first row; rows are <paramref name="stride"/> apart</param>
    /// <param name="norm">[head length]; null for none</param>
    /// <param name="rotated">[rows, head length]</param>
    public void Forward(float* projected, int stride, float* norm, float* rotated, int rows)
    {
        for (var row = 0; row < rows; row++, projected += stride, rotated += _headLength)
        {
            var r = norm == null ? 1 : Inverse(projected);
            for (var i = 0; i < _half; i++)
            {
                var (one, other) = Pair(i);
                var (first, second) = norm == null
                    ? (projected[one], projected[other])
                    : (projected[one] * r * norm[one], projected[other] * r * norm[other]);
                var (cosine, sine) = (_cosine[(row * _half) + i], _sine[(row * _half) + i]);
                rotated[i] = (first * cosine) - (second * sine);
                rotated[_half + i] = (second * cosine) + (first * sine);
            }

            for (var i = 2 * _half; i < _headLength; i++)
            {
                rotated[i] = norm == null ? projected[i] : projected[i] * r * norm[i];
            }
        }
    }

    /// <summary>Writes the gradient of the projected heads.</summary>
    /// <param name="projected">the head in the first row; rows are <paramref name="stride"/> apart</param>
    /// <param name="norm">[head length]; null for none</param>
    /// <param name="dRotated">[rows, head length]</param>
    /// <param name="dProjected">laid out as <paramref name="projected"/></param>
    public void Backward(float* projected, int stride, float* norm, float* dRotated, float* dProjected, int rows)
    {
        for (var row = 0; row < rows; row++, projected += stride, dProjected += stride, dRotated += _headLength)
        {
            // A rotation's transpose is its inverse: back by the same angle.
            for (var i = 0; i < _half; i++)
            {
                var (one, other) = Pair(i);
                var (cosine, sine) = (_cosine[(row * _half) + i], _sine[(row * _half) + i]);
                dProjected[one] = (dRotated[i] * cosine) + (dRotated[_half + i] * sine);
                dProjected[other] = (dRotated[_half + i] * cosine) - (dRotated[i] * sine);
            }

            for (var i = 2 * _half; i < _headLength; i++)
            {
                dProjected[i] = dRotated[i];
            }

            if (norm == null)
            {
                continue;
            }

            // dx = r·w·dy − x·r³·mean(dy·w·x)
            var r = Inverse(projected);
            var products = 0f;
            for (var i = 0; i < _headLength; i++)
            {
                products += dProjected[i] * norm[i] * projected[i];
            }

            var pull = r * r * r * products / _headLength;
            for (var i = 0; i < _headLength; i++)
            {
                dProjected[i] = (dProjected[i] * norm[i] * r) - (projected[i] * pull);
            }
        }
    }

    (int One, int Other) Pair(int i) => _isInterleaved ? (2 * i, (2 * i) + 1) : (i, _half + i);

    float Inverse(float* x)
    {
        var squares = 0f;
        for (var i = 0; i < _headLength; i++)
        {
            squares += x[i] * x[i];
        }

        return 1f / MathF.Sqrt((squares / _headLength) + _epsilon);
    }
}
