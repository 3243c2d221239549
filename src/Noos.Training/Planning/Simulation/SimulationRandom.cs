namespace Noos.Training.Planning.Simulation;

/// <summary>
/// xoshiro256** seeded by SplitMix64 (Blackman and Vigna, 2018): the same numbers from the same seed on every machine and in every version
/// of .NET.
/// </summary>
sealed class SimulationRandom
{
    ulong _a;
    ulong _b;
    ulong _c;
    ulong _d;

    public SimulationRandom(ulong seed)
    {
        _a = Mix(ref seed);
        _b = Mix(ref seed);
        _c = Mix(ref seed);
        _d = Mix(ref seed);
    }

    /// <summary>From 0 to below 1.</summary>
    public double Next()
    {
        var result = ulong.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = ulong.RotateLeft(_d, 45);
        return (result >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Exponentially distributed; infinite for a rate of 0.</summary>
    public double Exponential(double rate) => rate <= 0 ? double.PositiveInfinity : -Math.Log(1 - Next()) / rate;

    static ulong Mix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
