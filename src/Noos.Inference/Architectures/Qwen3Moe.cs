namespace Noos.Inference.Architectures;

/// <summary>Qwen 3 with experts.</summary>
sealed class Qwen3Moe : Architecture
{
    public override string Name => "qwen3moe";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common();
}
