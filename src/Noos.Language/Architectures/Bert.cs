namespace Noos.Language.Architectures;

/// <summary>BERT (Devlin et al., arXiv:1810.04805).</summary>
public sealed class Bert : EncoderArchitecture
{
    public override string Name => "bert";

    public override EncoderConfig Read(ModelMetadata metadata) => metadata.Encoder();
}
