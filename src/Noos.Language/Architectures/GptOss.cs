namespace Noos.Language.Architectures;

/// <summary>gpt-oss: experts with biases, attention sinks, every second block with a sliding window.</summary>
public sealed class GptOss : Architecture
{
    public override string Name => "gpt-oss";

    public override string FeedForwardNorm => "post_attention_norm.weight";

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        var config = metadata.Common();
        return config with
        {
            Activation = Activation.ClampedSwiGlu,
            SoftmaxOverChosenExperts = true,
            SlidingWindow = metadata.GetInteger("attention.sliding_window"),
            SlidingWindowPattern = metadata.SlidingWindowPattern(2),
            LocalRotary = metadata.GetNumber("rope.freq_base_swa", config.Rotary.FrequencyBase) is var local
                && local.Equals(config.Rotary.FrequencyBase) ? null : config.Rotary with { FrequencyBase = local },
        };
    }
}
