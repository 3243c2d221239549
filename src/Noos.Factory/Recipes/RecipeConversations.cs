namespace Noos.Factory.Recipes;

/// <summary>A public conversation set; <see cref="Name"/> says how its rows are read.</summary>
public sealed record RecipeConversations
{
    public string Name { get; init; } = "";

    /// <summary>Below the data folder.</summary>
    public string Path { get; init; } = "";

    /// <summary>Take only so many, drawn by the seed.</summary>
    public int? Count { get; init; }

    public int Passes { get; init; } = 1;

    public string Licence { get; init; } = "";

    public string PathIn(string dataFolder) => System.IO.Path.Combine(dataFolder, Path);
}
