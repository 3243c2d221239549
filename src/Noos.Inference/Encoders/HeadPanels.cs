using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Encoders;

/// <summary>
/// Keys and values of one attention head, laid out as panels of 32 rows so that both products of attention are the engine's float GEMM:
/// keys [tokens / 32][head length][32], values [head length / 32][tokens][32]. Threads may store different tokens.
/// </summary>
/// <param name="keys">[Panel.Count(maxTokens) * 32 * headLength], aligned.</param>
/// <param name="values">[maxTokens * headLength], aligned.</param>
/// <param name="headLength">Width of the head, a multiple of 32.</param>
/// <param name="maxTokens">Room for so many.</param>
readonly unsafe struct HeadPanels(float* keys, float* values, int headLength, int maxTokens)
{
    /// <summary>Floats of the keys.</summary>
    public static long KeyLength(int headLength, int maxTokens) => (long)Panel.Count(maxTokens) * Panel.Rows * headLength;

    /// <summary>Stores one token's key and value [head length].</summary>
    public void Store(int token, float* key, float* value)
    {
        var (panel, row) = Math.DivRem(token, Panel.Rows);
        var target = keys + ((long)panel * Panel.Rows * headLength) + row;
        for (var column = 0; column < headLength; column++)
        {
            target[column * Panel.Rows] = key[column];
        }

        for (var part = 0; part < headLength / Panel.Rows; part++)
        {
            new ReadOnlySpan<float>(value + (part * Panel.Rows), Panel.Rows)
                .CopyTo(new Span<float>(values + ((((long)part * maxTokens) + token) * Panel.Rows), Panel.Rows));
        }
    }

    /// <summary>
    /// Clears the rows behind the last token: they would give scores of whatever was there before, harmless but for a NaN of another text.
    /// </summary>
    public void ClearBehind(int tokens)
    {
        var last = (tokens - 1) / Panel.Rows;
        for (var row = tokens - (last * Panel.Rows); row < Panel.Rows; row++)
        {
            for (var column = 0; column < headLength; column++)
            {
                keys[((long)last * Panel.Rows * headLength) + (column * Panel.Rows) + row] = 0;
            }
        }
    }

    /// <summary>output = softmax(Q K^T / sqrt(d)) V for some queries, each of which sees all tokens.</summary>
    /// <param name="queries">[count, stride]</param>
    /// <param name="count">Number of queries.</param>
    /// <param name="tokens">Number of tokens.</param>
    /// <param name="output">[count, stride]; replaced.</param>
    /// <param name="stride">Distance of two queries and of two results in floats.</param>
    /// <param name="scores">Scratch [count, scoreStride].</param>
    /// <param name="scoreStride">At least Panel.Count(tokens) * 32.</param>
    /// <param name="bias">What distance does to the scores; null for nothing.</param>
    /// <param name="first">Position of the first query, for the bias.</param>
    public void Attend(
        float* queries, int count, int tokens, float* output, int stride, float* scores, int scoreStride, DistanceBias? bias = null,
        int first = 0)
    {
        var scale = Exp2.Log2E / MathF.Sqrt(headLength);
        new Span<float>(scores, count * scoreStride).Clear();
        for (var panel = 0; panel < Panel.Count(tokens); panel++)
        {
            FloatGemm.Multiply(
                keys + ((long)panel * Panel.Rows * headLength), headLength, queries, stride, count, scores + (panel * Panel.Rows),
                scoreStride);
        }

        for (var query = 0; query < count; query++)
        {
            bias?.Apply(scores + ((long)query * scoreStride), first + query, tokens);
            Softmax(scores + ((long)query * scoreStride), scale, tokens);
            new Span<float>(output + ((long)query * stride), headLength).Clear();
        }

        for (var part = 0; part < headLength / Panel.Rows; part++)
        {
            FloatGemm.Multiply(
                values + ((long)part * maxTokens * Panel.Rows), tokens, scores, scoreStride, count, output + (part * Panel.Rows), stride);
        }
    }

    /// <summary>scores[i] = 2^(scale (scores[i] - max)) / sum</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* scores, float scale, int length)
    {
        var maxima = Vector256.Create(float.NegativeInfinity);
        var index = 0;
        for (; index + 8 <= length; index += 8)
        {
            maxima = Vector256.MaxNative(maxima, Vector256.Load(scores + index));
        }

        var max = float.NegativeInfinity;
        for (var lane = 0; lane < 8; lane++)
        {
            max = MathF.Max(max, maxima[lane]);
        }

        for (; index < length; index++)
        {
            max = MathF.Max(max, scores[index]);
        }

        var sums = Vector256<float>.Zero;
        for (index = 0; index + 8 <= length; index += 8)
        {
            var weights = Exp2.Approximate((Vector256.Load(scores + index) - Vector256.Create(max)) * scale);
            weights.Store(scores + index);
            sums += weights;
        }

        var sum = HorizontalSum.Reduce(sums);
        for (; index < length; index++)
        {
            scores[index] = Exp2.Approximate((scores[index] - max) * scale);
            sum += scores[index];
        }

        var factor = 1 / sum;
        for (index = 0; index + 8 <= length; index += 8)
        {
            (Vector256.Load(scores + index) * factor).Store(scores + index);
        }

        for (; index < length; index++)
        {
            scores[index] *= factor;
        }
    }
}
