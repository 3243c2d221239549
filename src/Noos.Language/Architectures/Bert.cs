namespace Noos.Language.Architectures;

/// <summary>BERT (Devlin et al., arXiv:1810.04805), and RoBERTa and XLM-RoBERTa, whose files differ in their vocabulary only.</summary>
public sealed class Bert : EncoderArchitecture
{
    public override string Name => "bert";

    public override EncoderConfig Read(ModelMetadata metadata) => metadata.Encoder();
}
