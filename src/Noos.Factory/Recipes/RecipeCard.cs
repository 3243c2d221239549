namespace Noos.Factory.Recipes;

/// <summary>What the cards of the models say that neither the data nor the measurements can tell.</summary>
public sealed record RecipeCard
{
    /// <summary>A notice that a licence of the data asks for, in Markdown; null if none does.</summary>
    public string? Attribution { get; init; }

    /// <summary>The language of the data, such as "English"; null if it is not one alone.</summary>
    public string? Language { get; init; }

    public string BaseSummary { get; init; } = "A base model: it continues text, it does not answer.";

    /// <summary>What the base model cannot do; null says nothing about it.</summary>
    public string? BaseLimits { get; init; }

    public string AssistantSummary { get; init; } = "An assistant: it answers questions and calls tools.";

    /// <summary>What the assistant cannot do; null says nothing about it.</summary>
    public string? AssistantLimits { get; init; }
}
