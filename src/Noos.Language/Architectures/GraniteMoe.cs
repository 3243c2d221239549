namespace Noos.Language.Architectures;

/// <summary>Granite 3 and 4 with experts, and perhaps one more that every token goes through.</summary>
public sealed class GraniteMoe : Architecture
{
    public override string Name => "granitemoe";

    // As in llama.cpp, feed_forward_length is the width of an expert.
    public override DecoderConfig Read(ModelMetadata metadata) => Granite.Scaled(metadata) with
    {
        SharedExpertLength = metadata.GetInteger("expert_shared_feed_forward_length", 0),
    };
}
