using System.Numerics;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels;

namespace Noos.Inference.Sampling;

/// <summary>
/// Finds how far one must go through numbers in ascending order until their weights reach a sum, without sorting them: the range of keys is
/// cut into eight, the part in which the sum is reached is cut again, and only the few keys of a small part are put in order.
/// </summary>
sealed class CandidateSelection
{
    const int Lanes = 8;
    const int BlockLength = 1024;
    const int Parts = 8;

    // Passes over all keys; then a part of the range, a 64th, is copied out.
    const int WholePasses = 2;

    // So few are put in order by insertion.
    const int FewEnough = 24;

    readonly double[] _below = new double[Parts];
    readonly float[] _bounds = new float[Parts];
    int[] _tokens = [];
    float[] _keys = [];
    float[] _weights = [];

    /// <summary>
    /// The last key, and its index, of those that together reach <paramref name="wanted"/>; of equal keys the first indices count first.
    /// </summary>
    /// <param name="keys">[length]; infinity for those that do not take part.</param>
    /// <param name="weights">At least as long; null where each weighs one.</param>
    /// <param name="least">The smallest key.</param>
    /// <param name="most">The largest key that takes part.</param>
    /// <param name="wanted">The sum; where all together do not reach it, the last key is the answer.</param>
    public (float Key, int Index) FindLast(ReadOnlySpan<float> keys, ReadOnlySpan<float> weights, float least, float most, double wanted)
    {
        // Keys of the part that is looked at are above 'low' (all are, at first) and at most 'high'; those before it weigh 'before'.
        var (low, high, before) = (float.NegativeInfinity, most, 0d);
        for (var pass = 0; pass < WholePasses && least < high; pass++)
        {
            Cut(MathF.Max(least, low), high);
            Weigh(keys, weights, low);
            Narrow(ref low, ref high, ref before, wanted);
        }

        var count = CopyOut(keys, weights, low, high);
        while (count > FewEnough)
        {
            var (smallest, largest) = Range(count);
            if (smallest == largest)
            {
                // All equal, and in the order of their indices already.
                break;
            }

            Cut(smallest, largest);
            Array.Clear(_below);
            for (var i = 0; i < count; i++)
            {
                for (var part = Parts - 1; part >= 0 && _keys[i] <= _bounds[part]; part--)
                {
                    _below[part] += _weights[i];
                }
            }

            (low, high) = (float.NegativeInfinity, largest);
            Narrow(ref low, ref high, ref before, wanted);
            count = Keep(count, low, high);
        }

        if (count <= FewEnough)
        {
            Order(count);
        }

        for (var i = 0; i < count; i++)
        {
            before += _weights[i];
            if (before >= wanted)
            {
                return (_keys[i], _tokens[i]);
            }
        }

        return (_keys[count - 1], _tokens[count - 1]);
    }

    /// <summary>The upper ends of equal parts of a range.</summary>
    void Cut(float low, float high)
    {
        for (var part = 0; part < Parts - 1; part++)
        {
            _bounds[part] = low + ((high - low) * ((part + 1) / (float)Parts));
        }

        _bounds[Parts - 1] = high;
    }

    /// <summary>Takes the first part with which the sum is reached.</summary>
    void Narrow(ref float low, ref float high, ref double before, double wanted)
    {
        var part = 0;
        while (part < Parts - 1 && before + _below[part] < wanted)
        {
            part++;
        }

        high = _bounds[part];
        if (part > 0)
        {
            low = _bounds[part - 1];
            before += _below[part - 1];
        }
    }

    /// <summary>The weights of all keys above <paramref name="low"/> up to each of the bounds.</summary>
    unsafe void Weigh(ReadOnlySpan<float> keys, ReadOnlySpan<float> weights, float low)
    {
        Array.Clear(_below);
        var above = Vector256.Create(low);
        // Named, since only so the compiler keeps them in registers.
        var (b0, b1, b2, b3) = (Vector256.Create(_bounds[0]), Vector256.Create(_bounds[1]), Vector256.Create(_bounds[2]),
            Vector256.Create(_bounds[3]));
        var (b4, b5, b6, b7) = (Vector256.Create(_bounds[4]), Vector256.Create(_bounds[5]), Vector256.Create(_bounds[6]),
            Vector256.Create(_bounds[7]));
        fixed (float* key = keys)
        fixed (float* weight = weights)
        {
            var whole = keys.Length / Lanes * Lanes;
            for (var block = 0; block < whole; block += BlockLength)
            {
                var (s0, s1, s2, s3) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
                var (s4, s5, s6, s7) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
                for (var i = block; i < Math.Min(block + BlockLength, whole); i += Lanes)
                {
                    var k = Vector256.Load(key + i);
                    var w = (weight == null ? Vector256<float>.One : Vector256.Load(weight + i)) & Vector256.GreaterThan(k, above);
                    s0 += w & Vector256.LessThanOrEqual(k, b0);
                    s1 += w & Vector256.LessThanOrEqual(k, b1);
                    s2 += w & Vector256.LessThanOrEqual(k, b2);
                    s3 += w & Vector256.LessThanOrEqual(k, b3);
                    s4 += w & Vector256.LessThanOrEqual(k, b4);
                    s5 += w & Vector256.LessThanOrEqual(k, b5);
                    s6 += w & Vector256.LessThanOrEqual(k, b6);
                    s7 += w & Vector256.LessThanOrEqual(k, b7);
                }

                _below[0] += HorizontalSum.ReduceToDouble(s0);
                _below[1] += HorizontalSum.ReduceToDouble(s1);
                _below[2] += HorizontalSum.ReduceToDouble(s2);
                _below[3] += HorizontalSum.ReduceToDouble(s3);
                _below[4] += HorizontalSum.ReduceToDouble(s4);
                _below[5] += HorizontalSum.ReduceToDouble(s5);
                _below[6] += HorizontalSum.ReduceToDouble(s6);
                _below[7] += HorizontalSum.ReduceToDouble(s7);
            }

            for (var i = whole; i < keys.Length; i++)
            {
                for (var part = 0; part < Parts; part++)
                {
                    if (key[i] > low && key[i] <= _bounds[part])
                    {
                        _below[part] += weight == null ? 1 : weight[i];
                    }
                }
            }
        }
    }

    /// <summary>Copies the keys above <paramref name="low"/> up to <paramref name="high"/>, in the order of their indices.</summary>
    unsafe int CopyOut(ReadOnlySpan<float> keys, ReadOnlySpan<float> weights, float low, float high)
    {
        if (_keys.Length < keys.Length)
        {
            (_tokens, _keys, _weights) = (new int[keys.Length], new float[keys.Length], new float[keys.Length]);
        }

        var count = 0;
        var (above, upTo) = (Vector256.Create(low), Vector256.Create(high));
        fixed (float* key = keys)
        {
            var whole = keys.Length / Lanes * Lanes;
            for (var i = 0; i < whole; i += Lanes)
            {
                var k = Vector256.Load(key + i);
                var bits = (Vector256.GreaterThan(k, above) & Vector256.LessThanOrEqual(k, upTo)).ExtractMostSignificantBits();
                for (; bits != 0; bits &= bits - 1)
                {
                    Add(i + BitOperations.TrailingZeroCount(bits), keys, weights);
                }
            }

            for (var i = whole; i < keys.Length; i++)
            {
                if (key[i] > low && key[i] <= high)
                {
                    Add(i, keys, weights);
                }
            }
        }

        return count;

        void Add(int index, ReadOnlySpan<float> keys, ReadOnlySpan<float> weights)
        {
            (_tokens[count], _keys[count], _weights[count]) = (index, keys[index], weights.IsEmpty ? 1 : weights[index]);
            count++;
        }
    }

    (float Smallest, float Largest) Range(int count)
    {
        var (smallest, largest) = (_keys[0], _keys[0]);
        for (var i = 1; i < count; i++)
        {
            smallest = MathF.Min(smallest, _keys[i]);
            largest = MathF.Max(largest, _keys[i]);
        }

        return (smallest, largest);
    }

    int Keep(int count, float low, float high)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (_keys[i] > low && _keys[i] <= high)
            {
                (_tokens[kept], _keys[kept], _weights[kept]) = (_tokens[i], _keys[i], _weights[i]);
                kept++;
            }
        }

        return kept;
    }

    /// <summary>Insertion sort by key; it is stable, so equal keys stay in the order of their indices.</summary>
    void Order(int count)
    {
        for (var i = 1; i < count; i++)
        {
            var (token, key, weight) = (_tokens[i], _keys[i], _weights[i]);
            var place = i;
            for (; place > 0 && _keys[place - 1] > key; place--)
            {
                (_tokens[place], _keys[place], _weights[place]) = (_tokens[place - 1], _keys[place - 1], _weights[place - 1]);
            }

            (_tokens[place], _keys[place], _weights[place]) = (token, key, weight);
        }
    }
}
