namespace Noos.Inference.Architectures;

/// <summary>gpt-oss: experts with biases, attention sinks, every second block with a sliding window.</summary>
sealed class GptOss : Architecture
{
    public override string Name => "gpt-oss";

    public override string FeedForwardNorm => "post_attention_norm.weight";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common() with
    {
        Activation = Activation.ClampedSwiGlu,
        SoftmaxOverChosenExperts = true,
        SlidingWindow = metadata.Integer("attention.sliding_window"),
        SlidingWindowPattern = 2,
    };
}
