namespace Noos.Language.Architectures;

/// <summary>Qwen 3, and the models that this repository trains: norms of queries and keys.</summary>
public sealed class Qwen3 : Architecture
{
    public override string Name => "qwen3";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common();
}
