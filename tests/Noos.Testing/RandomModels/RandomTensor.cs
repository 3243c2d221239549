namespace Noos.Testing.RandomModels;

/// <summary>The values of one tensor of a random model, row by row, each row a function of seed, name and its number alone.</summary>
public sealed class RandomTensor(RandomModelShape shape, string name, int columns, int seed)
{
    // Drawing from a table of normal numbers is much faster than making each anew.
    static readonly Lazy<float[]> s_normal = new(() =>
    {
        var random = new Random(20_261);
        var table = new float[1 << 16];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return table;
    });

    readonly ulong _seed = name.Aggregate((ulong)seed, (hash, letter) => Mix(hash ^ letter));

    public void FillRow(long row, Span<float> values)
    {
        if (name == "rope_freqs.weight")
        {
            FillLlama3Rope(values);
            return;
        }

        var (mean, deviation) = name switch
        {
            _ when name.EndsWith("norm.weight", StringComparison.Ordinal) => (1f, 0.1f),
            _ when name.EndsWith("bias", StringComparison.Ordinal) => (0f, 0.1f),
            _ when name.EndsWith("sinks.weight", StringComparison.Ordinal) => (0f, 1f),
            _ => (0f, 1 / MathF.Sqrt(columns)),
        };
        var table = s_normal.Value;
        var state = Mix(_seed + (ulong)row);
        var bits = 0ul;
        for (var i = 0; i < values.Length; i++, bits >>= 16)
        {
            if (i % 4 == 0)
            {
                bits = Mix(state += 0x9E37_79B9_7F4A_7C15);
            }

            values[i] = mean + (deviation * table[bits & 0xFFFF]);
        }
    }

    /// <summary>
    /// Llama 3's division of low rotary frequencies by 32, with the smooth passage between (as in Hugging Face's rope type "llama3").
    /// </summary>
    void FillLlama3Rope(Span<float> factors)
    {
        const double Factor = 32, LowFactor = 1, HighFactor = 4, OriginalContext = 8192;
        for (var i = 0; i < factors.Length; i++)
        {
            var wavelength = 2 * Math.PI * Math.Pow(shape.RopeFrequencyBase, 2.0 * i / shape.HeadLength);
            var smooth = Math.Clamp(((OriginalContext / wavelength) - LowFactor) / (HighFactor - LowFactor), 0, 1);
            factors[i] = (float)(1 / (((1 - smooth) / Factor) + smooth));
        }
    }

    /// <summary>SplitMix64.</summary>
    static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
