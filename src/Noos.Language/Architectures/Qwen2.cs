namespace Noos.Language.Architectures;

/// <summary>Qwen 2 and 2.5: biases of queries, keys and values.</summary>
public sealed class Qwen2 : Architecture
{
    public override string Name => "qwen2";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common();
}
