namespace Noos.Language.Architectures;

/// <summary>Hunyuan with experts and one that every token goes through.</summary>
public sealed class HunyuanMoe : Architecture
{
    public override string Name => "hunyuan-moe";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common() with
    {
        RotatesBeforeNorm = true,
        SharedExpertLength = metadata.GetInteger("expert_shared_feed_forward_length", metadata.GetInteger("feed_forward_length")),
    };
}
