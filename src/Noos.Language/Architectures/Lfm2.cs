namespace Noos.Language.Architectures;

/// <summary>
/// LFM 2: most blocks have a short convolution instead of attention; what it reads of earlier tokens stands in the KV cache.
/// </summary>
public sealed class Lfm2 : Architecture
{
    // llama.cpp gave it this name by mistake and kept it.
    internal const string NormOfOutput = "token_embd_norm.weight";

    public override string Name => "lfm2";

    public override string OutputNorm => NormOfOutput;

    public override DecoderConfig Read(ModelMetadata metadata) => Convolving(metadata);

    /// <summary>What those with experts have, too.</summary>
    internal static DecoderConfig Convolving(ModelMetadata metadata)
    {
        metadata.RequireDefault("attention.sliding_window", 0);
        var (heads, withoutAttention) = metadata.KeyValueHeads();
        var config = metadata.Common(keyValueHeads: heads);
        return metadata.WithConvolutions(config, metadata.GetInteger("shortconv.l_cache"), withoutAttention);
    }
}
