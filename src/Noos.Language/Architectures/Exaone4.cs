namespace Noos.Language.Architectures;

/// <summary>
/// EXAONE 4: norms behind the layers instead of before them. The one of 64 blocks has a sliding window in three of four and rotates only
/// there.
/// </summary>
public sealed class Exaone4 : Architecture
{
    const int BlocksWithWindows = 64;
    const int Pattern = 4;

    public override string Name => "exaone4";

    public override string? AttentionNorm => null;

    public override string PostAttentionNorm => "post_attention_norm.weight";

    public override string? FeedForwardNorm => null;

    public override string PostFeedForwardNorm => "post_ffw_norm.weight";

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        var config = metadata.WithoutFurtherBlocks(metadata.Common()) with { HasPostNorms = true };
        if (config.BlockCount != BlocksWithWindows)
        {
            return config;
        }

        var pattern = metadata.SlidingWindowPattern(Pattern);
        return config with
        {
            SlidingWindow = metadata.GetInteger("attention.sliding_window", 4096),
            SlidingWindowPattern = pattern,
            UnrotatedPattern = pattern,
        };
    }
}
