namespace Noos.Language.Architectures;

/// <summary>ERNIE 4.5 with experts, the first blocks without.</summary>
public sealed class Ernie45Moe : Architecture
{
    public override string Name => "ernie4_5-moe";

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        metadata.RequireDefault("interleave_moe_layer_step", 1);
        return metadata.WithExperts(metadata.Common(isInterleaved: true), isSigmoid: false, normalizes: true) with
        {
            SharedExpertLength = metadata.GetInteger("expert_shared_feed_forward_length", 0),
        };
    }
}
