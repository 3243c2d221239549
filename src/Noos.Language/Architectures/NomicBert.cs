namespace Noos.Language.Architectures;

/// <summary>nomic-embed-text (Nussbaum et al., arXiv:2402.01613): BERT with rotary positions, SwiGLU, and no biases of matrices.</summary>
public sealed class NomicBert : EncoderArchitecture
{
    public override string Name => "nomic-bert";

    public override EncoderConfig Read(ModelMetadata metadata) => metadata.Encoder() with
    {
        Positions = EncoderPositions.Rotary,
        Activation = EncoderActivation.SwiGlu,
        RotaryBase = metadata.RotaryBase("rope.freq_base", 1000),
    };
}
