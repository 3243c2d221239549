namespace Noos.Language.Architectures;

/// <summary>
/// Gemma 3: norms after attention and feed-forward too, five of six blocks with a sliding window and rotary positions of their own.
/// </summary>
public sealed class Gemma3 : Architecture
{
    const int Blocks27B = 62;

    public override string Name => "gemma3";

    public override string PostAttentionNorm => "post_attention_norm.weight";

    public override string PostFeedForwardNorm => "post_ffw_norm.weight";

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        var config = metadata.Common();
        metadata.RequireDefault("final_logit_softcapping", 0);
        return config with
        {
            Activation = Activation.GeGlu,
            HasPostNorms = true,
            EmbeddingScale = MathF.Sqrt(config.EmbeddingLength),
            AttentionScale = config.BlockCount == Blocks27B
                ? 1 / MathF.Sqrt((float)config.EmbeddingLength / config.HeadCount)
                : config.AttentionScale,
            SlidingWindow = metadata.GetInteger("attention.sliding_window", 0),
            SlidingWindowPattern = metadata.SlidingWindowPattern(6),
            LocalRotary = config.Rotary with
            {
                FrequencyBase = metadata.GetNumber("rope.freq_base_swa", 10_000),
                Factor = 1,
                IsYarn = false,
            },
        };
    }
}
