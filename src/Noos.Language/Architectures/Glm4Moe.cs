namespace Noos.Language.Architectures;

/// <summary>
/// GLM 4.5 and 4.6: experts chosen by sigmoids beside one that every token goes through, the first blocks without. Blocks that predict
/// further tokens are passed over.
/// </summary>
public sealed class Glm4Moe : Architecture
{
    public override string Name => "glm4moe";

    public override string FeedForwardNorm => "post_attention_norm.weight";

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        metadata.RequireAbsent("rope.dimension_sections", "rotary positions in sections");
        var config = metadata.WithoutFurtherBlocks(metadata.WithExperts(metadata.Common(), isSigmoid: true, normalizes: false));
        return config with { SharedExpertLength = config.FeedForwardLength * metadata.GetInteger("expert_shared_count", 0) };
    }
}
