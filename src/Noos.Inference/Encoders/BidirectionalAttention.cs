using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Encoders;

/// <summary>
/// Attention of one head over a whole text, in which every token sees every other: softmax(Q K^T / sqrt(d)) V. Keys and values are laid out
/// as panels of 32 rows, so that both products are the engine's float GEMM. One worker's; not thread-safe.
/// </summary>
/// <param name="headLength">Width of a head, a multiple of 32.</param>
/// <param name="maxTokens">Longest text.</param>
sealed unsafe class BidirectionalAttention(int headLength, int maxTokens) : IDisposable
{
    // Their scores over a text of 512 tokens fill half of a second-level cache.
    const int QueriesPerTile = 64;

    readonly int _stride = Panel.Count(maxTokens) * Panel.Rows;

    // [keys / 32][head length][32]
    float* _keys = Allocate((long)Panel.Count(maxTokens) * Panel.Rows * headLength);

    // [head length / 32][tokens][32]
    float* _values = Allocate((long)maxTokens * headLength);
    float* _scores = Allocate((long)QueriesPerTile * Panel.Count(maxTokens) * Panel.Rows);

    /// <summary>Attends with one head.</summary>
    /// <param name="queries">The head's queries [tokens, stride].</param>
    /// <param name="keys">The head's keys, likewise.</param>
    /// <param name="values">The head's values, likewise.</param>
    /// <param name="output">The head's result, likewise.</param>
    /// <param name="stride">Distance of two tokens in all of them, in floats.</param>
    /// <param name="tokens">Length of the text.</param>
    public void Execute(float* queries, float* keys, float* values, float* output, int stride, int tokens)
    {
        Pack(keys, values, stride, tokens);
        var scale = Exp2.Log2E / MathF.Sqrt(headLength);
        for (var first = 0; first < tokens; first += QueriesPerTile)
        {
            var count = Math.Min(QueriesPerTile, tokens - first);
            new Span<float>(_scores, count * _stride).Clear();
            for (var panel = 0; panel < Panel.Count(tokens); panel++)
            {
                FloatGemm.Multiply(
                    _keys + ((long)panel * Panel.Rows * headLength), headLength, queries + ((long)first * stride), stride, count,
                    _scores + (panel * Panel.Rows), _stride);
            }

            for (var query = 0; query < count; query++)
            {
                Softmax(_scores + ((long)query * _stride), scale, tokens);
                new Span<float>(output + ((long)(first + query) * stride), headLength).Clear();
            }

            for (var part = 0; part < headLength / Panel.Rows; part++)
            {
                FloatGemm.Multiply(
                    _values + ((long)part * tokens * Panel.Rows), tokens, _scores, _stride, count,
                    output + ((long)first * stride) + (part * Panel.Rows), stride);
            }
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_keys);
        NativeMemory.AlignedFree(_values);
        NativeMemory.AlignedFree(_scores);
        _keys = null;
        _values = null;
        _scores = null;
    }

    void Pack(float* keys, float* values, int stride, int tokens)
    {
        for (var token = 0; token < tokens; token++)
        {
            var (panel, row) = Math.DivRem(token, Panel.Rows);
            var target = _keys + ((long)panel * Panel.Rows * headLength) + row;
            var key = keys + ((long)token * stride);
            var value = values + ((long)token * stride);
            for (var column = 0; column < headLength; column++)
            {
                target[column * Panel.Rows] = key[column];
            }

            for (var part = 0; part < headLength / Panel.Rows; part++)
            {
                new ReadOnlySpan<float>(value + (part * Panel.Rows), Panel.Rows)
                    .CopyTo(new Span<float>(_values + ((((long)part * tokens) + token) * Panel.Rows), Panel.Rows));
            }
        }

        // Rows behind the last token would give scores of whatever was there before: harmless, but for a NaN of another text.
        var last = (tokens - 1) / Panel.Rows;
        for (var row = tokens - (last * Panel.Rows); row < Panel.Rows; row++)
        {
            for (var column = 0; column < headLength; column++)
            {
                _keys[((long)last * Panel.Rows * headLength) + (column * Panel.Rows) + row] = 0;
            }
        }
    }

    /// <summary>scores[i] = 2^(scale (scores[i] - max)) / sum</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Softmax(float* scores, float scale, int length)
    {
        var max = float.NegativeInfinity;
        for (var i = 0; i < length; i++)
        {
            max = MathF.Max(max, scores[i]);
        }

        var sums = Vector256<float>.Zero;
        var index = 0;
        for (; index + 8 <= length; index += 8)
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

        VectorMath.Scale(scores, 1 / sum, length);
    }

    static float* Allocate(long count) => (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
}
