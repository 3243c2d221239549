namespace Noos.Factory.Recipes;

/// <summary>Vocabulary of a recipe.</summary>
public sealed record RecipeTokenizer
{
    public int Vocabulary { get; init; } = 4096;

    public long ConversationMegabytes { get; init; } = 3;
}
