namespace Noos.Language.Architectures;

/// <summary>SmolLM 3: a Llama in which every fourth block rotates nothing (NoPE).</summary>
public sealed class SmolLm3 : Architecture
{
    public override string Name => "smollm3";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common(isInterleaved: true) with { UnrotatedPattern = 4 };
}
