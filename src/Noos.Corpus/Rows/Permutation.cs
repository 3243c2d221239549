namespace Noos.Corpus.Rows;

/// <summary>
/// A seeded shuffle of 0..count-1 that needs no memory: any entry is computed directly. A Feistel network on the next even number of
/// bits, walked until it lands inside the range (Black and Rogaway 2002, "Ciphers with Arbitrary Finite Domains").
/// </summary>
public readonly struct Permutation
{
    const int Rounds = 6;

    readonly long _count;
    readonly ulong _seed;
    readonly int _halfBits;

    public Permutation(long count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _count = count;
        _seed = seed;
        var bits = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)(count - 1));
        _halfBits = Math.Max(1, (bits + 1) / 2);
    }

    /// <summary>Where <paramref name="index"/> goes; each value of 0..count-1 exactly once.</summary>
    public long this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _count);
            var value = (ulong)index;
            do
            {
                value = Scramble(value);
            }
            while (value >= (ulong)_count);
            return (long)value;
        }
    }

    /// <summary>A well-mixed seed for a part of a run; finalizer of SplitMix64 (Steele et al. 2014).</summary>
    public static ulong Mix(ulong seed, ulong part)
    {
        var value = seed + ((part + 1) * 0x9E3779B97F4A7C15UL);
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }

    ulong Scramble(ulong value)
    {
        var mask = (1UL << _halfBits) - 1;
        var (left, right) = (value >> _halfBits, value & mask);
        for (var round = 0; round < Rounds; round++)
        {
            (left, right) = (right, left ^ (Mix(_seed + (ulong)round, right) & mask));
        }

        return (left << _halfBits) | right;
    }
}
