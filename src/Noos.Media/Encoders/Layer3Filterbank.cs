namespace Noos.Media.Encoders;

/// <summary>
/// The analysis half of layer III (ISO/IEC 11172-3, annex C): 32 polyphase bands, an MDCT of 18 lines in each, and the butterflies
/// against aliasing between bands. Long blocks only. 576 samples in, 576 lines out.
/// </summary>
sealed class Layer3Filterbank
{
    public const int Lines = 576;
    const int Bands = 32;
    const int LinesPerBand = 18;

    // The synthesis window of table 3-B.3 times 65536, its first half; the second mirrors it.
    static readonly int[] s_window =
    [
        0, -1, -1, -1, -1, -1, -1, -2, -2, -2, -2, -3, -3, -4, -4, -5, -5, -6, -7, -7, -8, -9, -10, -11, -13, -14, -16, -17, -19, -21, -24,
        -26, -29, -31, -35, -38, -41, -45, -49, -53, -58, -63, -68, -73, -79, -85, -91, -97, -104, -111, -117, -125, -132, -139, -147,
        -154, -161, -169, -176, -183, -190, -196, -202, -208, 213, 218, 222, 225, 227, 228, 228, 227, 224, 221, 215, 208, 200, 189, 177,
        163, 146, 127, 106, 83, 57, 29, -2, -36, -72, -111, -153, -197, -244, -294, -347, -401, -459, -519, -581, -645, -711, -779, -848,
        -919, -991, -1064, -1137, -1210, -1283, -1356, -1428, -1498, -1567, -1634, -1698, -1759, -1817, -1870, -1919, -1962, -2001, -2032,
        -2057, -2075, -2085, -2087, -2080, -2063, 2037, 2000, 1952, 1893, 1822, 1739, 1644, 1535, 1414, 1280, 1131, 970, 794, 605, 402, 185,
        -45, -288, -545, -814, -1095, -1388, -1692, -2006, -2330, -2663, -3004, -3351, -3705, -4063, -4425, -4788, -5153, -5517, -5879,
        -6237, -6589, -6935, -7271, -7597, -7910, -8209, -8491, -8755, -8998, -9219, -9416, -9585, -9727, -9838, -9916, -9959, -9966, -9935,
        -9863, -9750, -9592, -9389, -9139, -8840, -8492, -8092, -7640, -7134, 6574, 5959, 5288, 4561, 3776, 2935, 2037, 1082, 70, -998,
        -2122, -3300, -4533, -5818, -7154, -8540, -9975, -11455, -12980, -14548, -16155, -17799, -19478, -21189, -22929, -24694, -26482,
        -28289, -30112, -31947, -33791, -35640, -37489, -39336, -41176, -43006, -44821, -46617, -48390, -50137, -51853, -53534, -55178,
        -56778, -58333, -59838, -61289, -62684, -64019, -65290, -66494, -67629, -68692, -69679, -70590, -71420, -72169, -72835, -73415,
        -73908, -74313, -74630, -74856, -74992, 75038,
    ];

    // Table 3-B.9.
    static readonly double[] s_alias = [-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037];

    static readonly float[] s_analysis = Analysis();
    static readonly float[] s_bandCosines = BandCosines();
    static readonly float[] s_blockCosines = BlockCosines();

    readonly float[] _history = new float[512];
    readonly float[] _previous = new float[Lines];

    /// <summary>The next 576 samples to 576 lines, lowest first.</summary>
    public void Transform(ReadOnlySpan<float> samples, Span<float> lines)
    {
        Span<float> bands = stackalloc float[Lines];
        for (var slot = 0; slot < LinesPerBand; slot++)
        {
            // The newest sample stands first.
            Array.Copy(_history, 0, _history, Bands, _history.Length - Bands);
            for (var i = 0; i < Bands; i++)
            {
                _history[i] = samples[(slot * Bands) + Bands - 1 - i];
            }

            Split(bands[(slot * Bands)..]);
        }

        Span<float> block = stackalloc float[2 * LinesPerBand];
        for (var band = 0; band < Bands; band++)
        {
            for (var slot = 0; slot < LinesPerBand; slot++)
            {
                // Every other sample of every other band is inverted, since the polyphase filter has mirrored its frequencies.
                var value = bands[(slot * Bands) + band] * ((slot & band & 1) == 1 ? -1 : 1);
                block[slot] = _previous[(band * LinesPerBand) + slot];
                block[LinesPerBand + slot] = value;
                _previous[(band * LinesPerBand) + slot] = value;
            }

            for (var line = 0; line < LinesPerBand; line++)
            {
                lines[(band * LinesPerBand) + line] = System.Numerics.Tensors.TensorPrimitives.Dot(
                    block, s_blockCosines.AsSpan(line * 2 * LinesPerBand, 2 * LinesPerBand));
            }
        }

        for (var band = 1; band < Bands; band++)
        {
            for (var i = 0; i < s_alias.Length; i++)
            {
                var (sine, cosine) = ((float)(s_alias[i] / Math.Sqrt(1 + (s_alias[i] * s_alias[i]))),
                    (float)(1 / Math.Sqrt(1 + (s_alias[i] * s_alias[i]))));
                ref var below = ref lines[(band * LinesPerBand) - 1 - i];
                ref var above = ref lines[(band * LinesPerBand) + i];
                (below, above) = ((below * cosine) + (above * sine), (above * cosine) - (below * sine));
            }
        }
    }

    /// <summary>One sample of each band from the last 512 samples.</summary>
    void Split(Span<float> bands)
    {
        Span<float> sums = stackalloc float[64];
        for (var i = 0; i < 64; i++)
        {
            var sum = 0f;
            for (var j = 0; j < 8; j++)
            {
                sum += _history[i + (64 * j)] * s_analysis[i + (64 * j)];
            }

            sums[i] = sum;
        }

        for (var band = 0; band < Bands; band++)
        {
            bands[band] = System.Numerics.Tensors.TensorPrimitives.Dot(sums, s_bandCosines.AsSpan(band * 64, 64));
        }
    }

    static float[] Analysis()
    {
        var window = new float[512];
        for (var i = 0; i <= 256; i++)
        {
            var value = s_window[i] / 65536f / Bands;
            window[i] = value;
            if (i is > 0 and < 256)
            {
                window[512 - i] = i % 64 == 0 ? value : -value;
            }
        }

        return window;
    }

    static float[] BandCosines()
    {
        var cosines = new float[Bands * 64];
        for (var band = 0; band < Bands; band++)
        {
            for (var i = 0; i < 64; i++)
            {
                cosines[(band * 64) + i] = (float)Math.Cos(((2 * band) + 1) * (i - 16) * Math.PI / 64);
            }
        }

        return cosines;
    }

    /// <summary>Window and MDCT in one; divided by nine, so that the decoder's inverse gives the samples back.</summary>
    static float[] BlockCosines()
    {
        const int Length = 2 * LinesPerBand;
        var cosines = new float[LinesPerBand * Length];
        for (var line = 0; line < LinesPerBand; line++)
        {
            for (var i = 0; i < Length; i++)
            {
                cosines[(line * Length) + i] = (float)(Math.Sin(Math.PI / Length * (i + 0.5)) / 9
                    * Math.Cos(Math.PI / (2 * Length) * ((2 * i) + 1 + LinesPerBand) * ((2 * line) + 1)));
            }
        }

        return cosines;
    }
}
