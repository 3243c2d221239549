namespace Noos.Factory.Recipes;

/// <summary>
/// Settings of mid-training: the base model goes on with a rate that falls, on text with lessons among it. Of its rows each so-many-th is
/// one of a kind; text gets what the others leave.
/// </summary>
public sealed record RecipeMidTraining : RecipeTraining
{
    /// <summary>Each so-many-th row holds lessons of <see cref="Plain"/> as plain text, without a chat frame; 0 for none.</summary>
    public int PlainEvery { get; init; } = 6;

    /// <summary>Courses whose lessons come as plain text; none may call tools.</summary>
    public IReadOnlyList<RecipeCourse> Plain { get; init; } = [];

    /// <summary>Each so-many-th row holds the conversations of fine-tuning in their frame; 0 for none.</summary>
    public int ChatEvery { get; init; } = 6;
}
