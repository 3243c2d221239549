namespace Noos.Language.Architectures;

/// <summary>
/// GLM 4 (0414): half of each head rotates, norms after attention and feed-forward too, gate and up in one tensor. Its models that see
/// images rotate in sections and are not computed with.
/// </summary>
public sealed class Glm4 : Architecture
{
    public override string Name => "glm4";

    public override string PostAttentionNorm => "post_attention_norm.weight";

    public override string PostFeedForwardNorm => "post_ffw_norm.weight";

    public override bool FusesGateAndUp => true;

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        metadata.RequireAbsent("rope.dimension_sections", "rotary positions in sections");
        return metadata.WithoutFurtherBlocks(metadata.Common(isInterleaved: true)) with { HasPostNorms = true };
    }
}
