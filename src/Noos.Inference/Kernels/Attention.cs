using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// One query head against the cached keys and values of its positions: softmax(query . keys / sqrt(length)) . values.
/// Reads the cache position after position, so it is one pass over the keys and one over the values.
/// </summary>
static unsafe class Attention
{
    /// <param name="query">[headLength]</param>
    /// <param name="keys">[positions, headLength]</param>
    /// <param name="values">[positions, headLength]</param>
    /// <param name="positions">Number of cached positions to look at.</param>
    /// <param name="headLength">Width of the head.</param>
    /// <param name="scores">Scratch for <paramref name="positions"/> numbers.</param>
    /// <param name="output">[headLength]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* query, float* keys, float* values, int positions, int headLength, float* scores, float* output)
    {
        var scale = 1f / MathF.Sqrt(headLength);
        var largest = float.NegativeInfinity;
        for (var position = 0; position < positions; position++, keys += headLength)
        {
            var score = Dot(query, keys, headLength) * scale;
            scores[position] = score;
            largest = MathF.Max(largest, score);
        }

        var inverse = 1f / Exponentiate(scores, positions, largest);
        new Span<float>(output, headLength).Clear();
        for (var position = 0; position < positions; position++, values += headLength)
        {
            AddScaled(values, scores[position] * inverse, output, headLength);
        }
    }

    /// <summary>The reference of <see cref="Execute"/>.</summary>
    public static void ExecuteScalar(float* query, float* keys, float* values, int positions, int headLength, float* scores, float* output)
    {
        var weights = new double[positions];
        for (var position = 0; position < positions; position++)
        {
            for (var i = 0; i < headLength; i++)
            {
                weights[position] += (double)query[i] * keys[((long)position * headLength) + i] / Math.Sqrt(headLength);
            }
        }

        var largest = weights.Max();
        var total = weights.Sum(weight => Math.Exp(weight - largest));
        for (var i = 0; i < headLength; i++)
        {
            var sum = 0d;
            for (var position = 0; position < positions; position++)
            {
                sum += Math.Exp(weights[position] - largest) / total * values[((long)position * headLength) + i];
            }

            output[i] = (float)sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Dot(float* left, float* right, int length)
    {
        var even = Vector256<float>.Zero;
        var odd = Vector256<float>.Zero;
        var i = 0;
        for (; i + 16 <= length; i += 16)
        {
            even = Vector256.FusedMultiplyAdd(Vector256.Load(left + i), Vector256.Load(right + i), even);
            odd = Vector256.FusedMultiplyAdd(Vector256.Load(left + i + 8), Vector256.Load(right + i + 8), odd);
        }

        var sum = HorizontalSum.Of(even + odd);
        for (; i < length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }

    /// <summary>Replaces each score by exp(score - largest) and returns their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Exponentiate(float* scores, int count, float largest)
    {
        var lanes = Vector256<float>.Zero;
        var i = 0;
        for (; i + 8 <= count; i += 8)
        {
            var exponentials = Vector256.Exp(Vector256.Load(scores + i) - Vector256.Create(largest));
            exponentials.Store(scores + i);
            lanes += exponentials;
        }

        var sum = HorizontalSum.Of(lanes);
        for (; i < count; i++)
        {
            scores[i] = Vector256.Exp(Vector256.CreateScalar(scores[i] - largest)).ToScalar();
            sum += scores[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void AddScaled(float* source, float scale, float* destination, int length)
    {
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            Vector256.FusedMultiplyAdd(Vector256.Load(source + i), Vector256.Create(scale), Vector256.Load(destination + i)).Store(destination + i);
        }

        for (; i < length; i++)
        {
            destination[i] = MathF.FusedMultiplyAdd(source[i], scale, destination[i]);
        }
    }
}
