using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Language.Architectures;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// Clears the positions of a page that no token of its sequence fills: pages are used again and copied from others, so what another
/// conversation read may stand there. Used by one thread.
/// </summary>
/// <param name="kernel">Knows where a position lies.</param>
/// <param name="config">Blocks, heads and their length.</param>
/// <param name="pages">Knows where a head lies.</param>
sealed unsafe class UnfilledPositions(AttentionKernel kernel, DecoderConfig config, KeyValuePages pages)
{
    readonly float[] _zeros = new float[config.HeadLength];

    /// <param name="page">A page, or a copy of one.</param>
    /// <param name="count">Positions that are filled.</param>
    public void Clear(byte* page, int count)
    {
        fixed (float* zeros = _zeros)
        {
            for (var block = 0; block < config.BlockCount; block++)
            {
                for (var head = 0; head < config.CachedHeadCount; head++)
                {
                    for (var slot = count; slot < KeyValuePages.Positions; slot++)
                    {
                        kernel.Store(zeros, zeros, config.HeadLength, page + pages.HeadOffset(block, head), slot);
                    }
                }
            }
        }
    }
}
