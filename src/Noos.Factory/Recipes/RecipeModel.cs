using Noos.Language.Models;

namespace Noos.Factory.Recipes;

/// <summary>Shape of the model; see <see cref="TransformerConfig"/>.</summary>
public sealed record RecipeModel
{
    public int Context { get; init; } = 512;

    public int Embedding { get; init; } = 192;

    public int Blocks { get; init; } = 8;

    public int FeedForward { get; init; } = 512;

    public int Heads { get; init; } = 3;

    public int KeyValueHeads { get; init; } = 3;

    public int HeadLength { get; init; } = 64;

    public TransformerConfig ToConfig(int vocabularySize) => new()
    {
        VocabularySize = vocabularySize,
        ContextLength = Context,
        EmbeddingLength = Embedding,
        BlockCount = Blocks,
        FeedForwardLength = FeedForward,
        HeadCount = Heads,
        KeyValueHeadCount = KeyValueHeads,
        HeadLength = HeadLength,
    };
}
