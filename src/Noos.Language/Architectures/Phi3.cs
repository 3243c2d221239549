namespace Noos.Language.Architectures;

/// <summary>
/// Phi 3 and 4 (mini): queries, keys and values in one tensor, gate and up in another. The sliding window is not used, as in llama.cpp.
/// </summary>
public sealed class Phi3 : Architecture
{
    public override string Name => "phi3";

    public override bool FusesGateAndUp => true;

    public override DecoderConfig Read(ModelMetadata metadata) => metadata.Common();
}
