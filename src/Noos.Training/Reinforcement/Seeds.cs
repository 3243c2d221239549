namespace Noos.Training.Reinforcement;

/// <summary>Seeds for parts of a run.</summary>
public static class Seeds
{
    /// <summary>A well-mixed seed; finalizer of SplitMix64 (Steele et al., 2014).</summary>
    public static ulong Mix(ulong seed, ulong part)
    {
        var value = seed + ((part + 1) * 0x9E3779B97F4A7C15UL);
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
