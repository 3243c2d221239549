namespace Noos.Language.Architectures;

/// <summary>
/// OLMo 2 and 3: norms behind the layers instead of before them, and of all queries or keys of a token together. OLMo 3 has a sliding
/// window in three of four blocks, and stretches the rotary positions of the fourth alone.
/// </summary>
public sealed class Olmo2 : Architecture
{
    public override string Name => "olmo2";

    public override string? AttentionNorm => null;

    public override string PostAttentionNorm => "post_attention_norm.weight";

    public override string? FeedForwardNorm => null;

    public override string PostFeedForwardNorm => "post_ffw_norm.weight";

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        var config = metadata.Common();
        return config with
        {
            HasPostNorms = true,
            NormsHeadsTogether = true,
            SlidingWindow = metadata.GetInteger("attention.sliding_window", 0),
            SlidingWindowPattern = metadata.SlidingWindowPattern(4),
            LocalRotary = config.Rotary with { Factor = 1, IsYarn = false, Magnitude = 1 },
        };
    }
}
