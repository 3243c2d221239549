namespace Noos.Language.Architectures;

/// <summary>ERNIE 4.5 without experts: a Llama that rotates neighbouring pairs from the start.</summary>
public sealed class Ernie45 : Architecture
{
    public override string Name => "ernie4_5";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common(isInterleaved: true);
}
