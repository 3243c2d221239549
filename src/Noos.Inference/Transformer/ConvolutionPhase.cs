using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Language.Architectures;

namespace Noos.Inference.Transformer;

/// <summary>
/// Short convolutions over positions (LFM 2). What they read of earlier tokens stands in the pages of the KV cache, where attention has
/// its keys and values; so prefixes are shared, contexts cut and suspended as everywhere, and no bit depends on the batch, since a token's
/// own input is read from there too. Stateless: threads may share it.
/// </summary>
/// <param name="config">Width, heads and positions.</param>
/// <param name="pages">Knows where a head lies.</param>
/// <param name="kernel">Knows how a head is stored.</param>
sealed unsafe class ConvolutionPhase(DecoderConfig config, KeyValuePages pages, AttentionKernel kernel)
{
    // A head of a page holds so many values of an input: its key and its value.
    readonly int _perHead = 2 * config.HeadLength;

    /// <summary>Stores a token's input in its page.</summary>
    /// <param name="block">The block.</param>
    /// <param name="token">Its place.</param>
    /// <param name="input">[width]</param>
    public void Store(int block, in BatchToken token, float* input)
    {
        var (page, slot) = Math.DivRem(token.Position, KeyValuePages.Positions);
        for (var head = 0; head < config.EmbeddingLength / _perHead; head++)
        {
            var part = input + (head * _perHead);
            kernel.Store(
                part, part + config.HeadLength, config.HeadLength, token.Cache.Table[page] + pages.HeadOffset(block, head), slot);
        }
    }

    /// <summary>
    /// output[i] = gate[i] * the sum of taps[i][position] * input[position][i] over the positions; before the first, inputs are 0.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="token">The token; it and those before it are stored.</param>
    /// <param name="taps">[width, positions]</param>
    /// <param name="gate">[width]</param>
    /// <param name="output">[width]</param>
    public void Execute(int block, in BatchToken token, float* taps, float* gate, float* output)
    {
        var length = config.ConvolutionLength;
        var loaded = stackalloc float[_perHead];
        for (var head = 0; head < config.EmbeddingLength / _perHead; head++)
        {
            var first = head * _perHead;
            new Span<float>(output + first, _perHead).Clear();
            for (var tap = Math.Max(0, length - 1 - token.Position); tap < length; tap++)
            {
                var (page, slot) = Math.DivRem(token.Position - (length - 1) + tap, KeyValuePages.Positions);
                kernel.Load(
                    token.Cache.Table[page] + pages.HeadOffset(block, head), config.HeadLength, slot, loaded, loaded + config.HeadLength);
                for (var i = 0; i < _perHead; i++)
                {
                    output[first + i] += loaded[i] * taps[((first + i) * length) + tap];
                }
            }

            for (var i = first; i < first + _perHead; i++)
            {
                output[i] *= gate[i];
            }
        }
    }
}
