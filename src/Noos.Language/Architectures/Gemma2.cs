namespace Noos.Language.Architectures;

/// <summary>
/// Gemma 2: norms after attention and feed-forward too, every second block with a sliding window, scores and logits soft-capped.
/// </summary>
public sealed class Gemma2 : Architecture
{
    const int Blocks27B = 46;

    public override string Name => "gemma2";

    public override string PostAttentionNorm => "post_attention_norm.weight";

    public override string PostFeedForwardNorm => "post_ffw_norm.weight";

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        var config = metadata.Common();
        return config with
        {
            Activation = Activation.GeGlu,
            HasPostNorms = true,
            EmbeddingScale = MathF.Sqrt(config.EmbeddingLength),
            AttentionScale = config.BlockCount == Blocks27B
                ? 1 / MathF.Sqrt(config.EmbeddingLength / config.HeadCount)
                : config.AttentionScale,
            AttentionSoftcap = metadata.GetNumber("attn_logit_softcapping", 50),
            LogitSoftcap = metadata.GetNumber("final_logit_softcapping", 30),
            SlidingWindow = metadata.GetInteger("attention.sliding_window", 4096),
            SlidingWindowPattern = metadata.SlidingWindowPattern(2),
        };
    }
}
