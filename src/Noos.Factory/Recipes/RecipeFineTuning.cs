namespace Noos.Factory.Recipes;

/// <summary>Settings of fine-tuning.</summary>
public sealed record RecipeFineTuning : RecipeTraining
{
    /// <summary>Every so-many-th row is text of the pretraining, against forgetting; 0 for none.</summary>
    public int PretrainingEvery { get; init; } = 12;
}
