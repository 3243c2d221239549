using System.Runtime.InteropServices;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Encoders;

/// <summary>
/// Attention of one head over a whole text, in which every token sees every other: softmax(Q K^T / sqrt(d)) V. One worker's; not
/// thread-safe.
/// </summary>
/// <param name="headLength">Width of a head, a multiple of 32.</param>
/// <param name="maxTokens">Longest text.</param>
sealed unsafe class BidirectionalAttention(int headLength, int maxTokens) : IDisposable
{
    // Their scores over a text of 512 tokens fill half of a second-level cache.
    const int QueriesPerTile = 64;

    readonly int _stride = Panel.Count(maxTokens) * Panel.Rows;

    float* _keys = Allocate(HeadPanels.KeyLength(headLength, maxTokens));
    float* _values = Allocate((long)maxTokens * headLength);
    float* _scores = Allocate((long)QueriesPerTile * Panel.Count(maxTokens) * Panel.Rows);

    /// <summary>Attends with one head.</summary>
    /// <param name="queries">The head's queries [tokens, stride].</param>
    /// <param name="keys">The head's keys, likewise.</param>
    /// <param name="values">The head's values, likewise.</param>
    /// <param name="output">The head's result, likewise.</param>
    /// <param name="stride">Distance of two tokens in all of them, in floats.</param>
    /// <param name="tokens">Length of the text.</param>
    /// <param name="bias">What distance does to the scores; null for nothing.</param>
    public void Execute(float* queries, float* keys, float* values, float* output, int stride, int tokens, DistanceBias? bias = null)
    {
        var head = new HeadPanels(_keys, _values, headLength, maxTokens);
        for (var token = 0; token < tokens; token++)
        {
            head.Store(token, keys + ((long)token * stride), values + ((long)token * stride));
        }

        head.ClearBehind(tokens);
        for (var first = 0; first < tokens; first += QueriesPerTile)
        {
            head.Attend(
                queries + ((long)first * stride), Math.Min(QueriesPerTile, tokens - first), tokens, output + ((long)first * stride), stride,
                _scores, _stride, bias, first);
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

    static float* Allocate(long count) => (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
}
