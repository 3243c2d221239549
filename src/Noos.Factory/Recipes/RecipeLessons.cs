namespace Noos.Factory.Recipes;

/// <summary>The mixture of conversations to fine-tune on.</summary>
public sealed record RecipeLessons
{
    public int Seed { get; init; } = 1;

    public IReadOnlyList<RecipeCourse> Courses { get; init; } = [];

    public IReadOnlyList<RecipeConversations> Sets { get; init; } = [];
}
