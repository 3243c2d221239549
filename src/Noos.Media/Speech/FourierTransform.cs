namespace Noos.Media.Speech;

/// <summary>The fast Fourier transform of a power of two of complex numbers, in place (Cooley and Tukey, radix 2).</summary>
static class FourierTransform
{
    /// <summary>Transforms; real and imaginary parts are of the same length.</summary>
    public static void Execute(Span<float> real, Span<float> imaginary)
    {
        var length = real.Length;
        for (int i = 1, j = 0; i < length; i++)
        {
            // j counts with its bits reversed.
            var bit = length >> 1;
            for (; (j & bit) != 0; bit >>= 1)
            {
                j ^= bit;
            }

            j ^= bit;
            if (i < j)
            {
                (real[i], real[j]) = (real[j], real[i]);
                (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
            }
        }

        var factors = Factors(length);
        for (var size = 2; size <= length; size <<= 1)
        {
            var (half, step) = (size >> 1, length / size);
            for (var start = 0; start < length; start += size)
            {
                for (var k = 0; k < half; k++)
                {
                    var (cosine, sine) = factors[k * step];
                    var (a, b) = (start + k, start + k + half);
                    var (re, im) = ((real[b] * cosine) + (imaginary[b] * sine), (imaginary[b] * cosine) - (real[b] * sine));
                    (real[b], imaginary[b]) = (real[a] - re, imaginary[a] - im);
                    (real[a], imaginary[a]) = (real[a] + re, imaginary[a] + im);
                }
            }
        }
    }

    static (float Cosine, float Sine)[]? s_factors;

    static (float Cosine, float Sine)[] Factors(int length)
    {
        var factors = s_factors;
        if (factors is null || factors.Length != length / 2)
        {
            // Another thread may make the same at the same time, which does no harm.
            factors = new (float, float)[length / 2];
            for (var k = 0; k < factors.Length; k++)
            {
                var (sine, cosine) = Math.SinCos(2 * Math.PI * k / length);
                factors[k] = ((float)cosine, (float)sine);
            }

            s_factors = factors;
        }

        return factors;
    }
}
