using Noos.Inference.Encoders;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Kernels.Panels.Formats;

namespace Noos.Inference.Speech;

/// <summary>
/// Attention of a single query over keys and values in half precision, laid out as <see cref="HeadPanels"/> has them: keys
/// [tokens / 32][head length][32], values [head length / 32][max tokens][32].
/// </summary>
static unsafe class HalfAttention
{
    /// <summary>output = softmax(q K^T / sqrt(d)) V</summary>
    /// <param name="keys">Panels of keys; what lies behind the last token must be finite.</param>
    /// <param name="values">Panels of values.</param>
    /// <param name="maxTokens">Distance of two panels of values, in tokens.</param>
    /// <param name="headLength">Width of the head.</param>
    /// <param name="tokens">Number of tokens that the query sees.</param>
    /// <param name="query">[headLength]</param>
    /// <param name="output">[headLength]; replaced.</param>
    /// <param name="scores">Scratch of whole panels of tokens; has the weights of the tokens afterwards.</param>
    public static void Attend(
        ushort* keys, ushort* values, int maxTokens, int headLength, int tokens, float* query, float* output, float* scores)
    {
        new Span<float>(scores, Panel.Count(tokens) * Panel.Rows).Clear();
        for (var panel = 0; panel < Panel.Count(tokens); panel++)
        {
            FloatGemm.Tile32x1<F16Format>(
                (byte*)(keys + ((long)panel * Panel.Rows * headLength)), headLength, query, scores + (panel * Panel.Rows));
        }

        HeadPanels.Softmax(scores, Exp2.Log2E / MathF.Sqrt(headLength), tokens);
        new Span<float>(output, headLength).Clear();
        for (var part = 0; part < headLength / Panel.Rows; part++)
        {
            FloatGemm.Tile32x1<F16Format>(
                (byte*)(values + ((long)part * maxTokens * Panel.Rows)), tokens, scores, output + (part * Panel.Rows));
        }
    }
}
