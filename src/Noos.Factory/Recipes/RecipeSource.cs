using Noos.Corpus.Documents;

namespace Noos.Factory.Recipes;

/// <summary>One text source of a recipe.</summary>
public sealed record RecipeSource
{
    public string Name { get; init; } = "";

    /// <summary>Below the data folder.</summary>
    public string Path { get; init; } = "";

    /// <summary>How rows become documents; see <see cref="DocumentFormat"/>.</summary>
    public string Format { get; init; } = "text";

    /// <summary>How much of the source the tokenizer is trained on.</summary>
    public long TokenizerMegabytes { get; init; } = 4;

    /// <summary>How often the source is seen in one pass over the mixture.</summary>
    public double Passes { get; init; } = 1;

    public string Licence { get; init; } = "";

    public string PathIn(string dataFolder) => System.IO.Path.Combine(dataFolder, Path);

    public DocumentSource Open(string dataFolder) => new(Name, PathIn(dataFolder), DocumentFormat.Get(Format));
}
