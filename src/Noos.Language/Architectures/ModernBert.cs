namespace Noos.Language.Architectures;

/// <summary>
/// ModernBERT (Warner et al., arXiv:2412.13663): rotary positions, GEGLU, norms before what they belong to and no biases; of three blocks
/// two see a window.
/// </summary>
public sealed class ModernBert : EncoderArchitecture
{
    public override string Name => "modern-bert";

    public override EncoderConfig Read(ModelMetadata metadata) => metadata.Encoder() with
    {
        Positions = EncoderPositions.Rotary,
        Activation = EncoderActivation.GeGlu,
        IsPreNorm = true,
        RotaryBase = metadata.RotaryBase("rope.freq_base", 160_000),
        WindowRotaryBase = metadata.RotaryBase("rope.freq_base_swa", 10_000),
        // The file has the width of the whole window.
        WindowRadius = metadata.GetInteger("attention.sliding_window", 128) / 2,
        WindowPattern = metadata.SlidingWindowPattern(3),
        ScoresMean = true,
    };
}
