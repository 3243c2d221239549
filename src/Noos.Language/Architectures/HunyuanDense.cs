namespace Noos.Language.Architectures;

/// <summary>Hunyuan without experts: queries and keys are normed after they are rotated.</summary>
public sealed class HunyuanDense : Architecture
{
    public override string Name => "hunyuan-dense";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common() with { RotatesBeforeNorm = true };
}
