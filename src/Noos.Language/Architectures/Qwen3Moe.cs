namespace Noos.Language.Architectures;

/// <summary>Qwen 3 with experts.</summary>
public sealed class Qwen3Moe : Architecture
{
    public override string Name => "qwen3moe";

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        var config = metadata.Common();

        // As in llama.cpp: without a width of the experts, those that are used share the width of the whole layer.
        return metadata.GetInteger("expert_feed_forward_length", 0) > 0 || config.ExpertUsedCount == 0
            ? config
            : config with { FeedForwardLength = config.FeedForwardLength / config.ExpertUsedCount };
    }
}
