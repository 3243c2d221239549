namespace Noos.Language.Architectures;

/// <summary>Granite 3 and the dense ones of Granite 4: a Llama with factors in four places, and perhaps without rotation.</summary>
public sealed class Granite : Architecture
{
    public override string Name => "granite";

    public override DecoderConfig Read(ModelMetadata metadata) => Scaled(metadata);

    /// <summary>What all of the family have; 0 stands for a factor that is not there, as in llama.cpp.</summary>
    internal static DecoderConfig Scaled(ModelMetadata metadata)
    {
        metadata.RequireAbsent("deepstack_mapping", "images that enter several blocks");
        var config = metadata.Common(isInterleaved: true);
        return config with
        {
            EmbeddingScale = metadata.GetNumber("embedding_scale", 0) is var embedding && embedding == 0 ? 1 : embedding,
            ResidualScale = metadata.GetNumber("residual_scale", 0) is var residual && residual == 0 ? 1 : residual,
            AttentionScale = metadata.GetNumber("attention.scale", 0) is var scale && scale == 0 ? config.AttentionScale : scale,
            // The file has the divisor.
            LogitScale = metadata.GetNumber("logit_scale", 0) is var divisor && divisor == 0 ? 1 : 1 / divisor,
            // The key of other families' training on longer contexts says here whether anything rotates at all.
            UnrotatedPattern = metadata.GetFlag("rope.scaling.finetuned", true) ? 0 : 1,
        };
    }
}
