using Noos.Training.Reinforcement;

namespace Noos.Training.Adapters;

/// <summary>
/// Random numbers as a pure function of a key and a counter: whoever computes them, in whatever order, gets the same (Salmon et al., 2011).
/// </summary>
static class CounterRandom
{
    const double Unit = 1.0 / (1UL << 53);

    /// <summary>From 0 up to, not including, 1.</summary>
    public static double Uniform(ulong key, ulong counter) => (Seeds.Mix(key, counter) >> 11) * Unit;
}
