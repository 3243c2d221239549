namespace Noos.Language.Architectures;

/// <summary>Llama 1 to 3, Mistral, Mixtral, SmolLM. The stretched frequencies of Llama 3.1 are a tensor of the file.</summary>
public sealed class Llama : Architecture
{
    public override string Name => "llama";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common(isInterleaved: true);
}
