namespace Noos.Factory.Recipes;

/// <summary>So many lessons of one course.</summary>
public sealed record RecipeCourse
{
    public string Name { get; init; } = "";

    public int Count { get; init; }
}
