namespace Noos.Language.Architectures;

/// <summary>Seed-OSS: a Llama with biases of queries, keys and values, and another name of a norm.</summary>
public sealed class SeedOss : Architecture
{
    public override string Name => "seed_oss";

    public override string FeedForwardNorm => "post_attention_norm.weight";

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common();
}
