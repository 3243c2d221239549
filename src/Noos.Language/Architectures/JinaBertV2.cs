namespace Noos.Language.Architectures;

/// <summary>Jina embeddings 2 and its rerankers (Günther et al., arXiv:2310.19923): BERT with ALiBi and GEGLU.</summary>
public sealed class JinaBertV2 : EncoderArchitecture
{
    public override string Name => "jina-bert-v2";

    public override EncoderConfig Read(ModelMetadata metadata)
    {
        // The only slopes that there are models with.
        metadata.RequireDefault("attention.max_alibi_bias", 8);
        return metadata.Encoder() with { Positions = EncoderPositions.Alibi, Activation = EncoderActivation.GeGlu };
    }
}
