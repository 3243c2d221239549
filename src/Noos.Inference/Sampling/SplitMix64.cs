namespace Noos.Inference.Sampling;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): random numbers that are the same on every machine.</summary>
/// <param name="seed">Any number; equal seeds give equal numbers.</param>
struct SplitMix64(ulong seed)
{
    const double Unit = 1.0 / (1ul << 53);

    ulong _state = seed;

    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below 1.</summary>
    public double NextDouble() => ToDouble(NextUInt64());

    /// <summary>The upper 53 bits of a random number as one from 0 to below 1.</summary>
    public static double ToDouble(ulong random) => (random >> 11) * Unit;
}
