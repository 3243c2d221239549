namespace Noos.Language.Architectures;

/// <summary>LFM 2 with experts, the first blocks without.</summary>
public sealed class Lfm2Moe : Architecture
{
    public override string Name => "lfm2moe";

    public override string OutputNorm => Lfm2.NormOfOutput;

    public override DecoderConfig Read(ModelMetadata metadata) =>
        metadata.WithExperts(Lfm2.Convolving(metadata), isSigmoid: true, normalizes: true);
}
