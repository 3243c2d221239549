using Noos.Corpus.Documents;

namespace Noos.Factory.Recipes;

/// <summary>One text source of a recipe.</summary>
public sealed record RecipeSource
{
    public string Name { get; init; } = "";

    /// <summary>Below the data folder.</summary>
    public string Path { get; init; } = "";

    /// <summary>How rows become documents; see <see cref="DocumentReaderRegistry"/>.</summary>
    public string Format { get; init; } = "text";

    /// <summary>How much of the source the tokenizer is trained on.</summary>
    public long TokenizerMegabytes { get; init; } = 4;

    /// <summary>How often the source is seen in one pass over the mixture.</summary>
    public double Passes { get; init; } = 1;

    public string Licence { get; init; } = "";

    public string PathIn(string dataFolder) => System.IO.Path.Combine(dataFolder, Path);

    /// <summary>The source below a data folder, read as its format says.</summary>
    public DocumentSource Open(string dataFolder, DocumentReaderRegistry readers)
    {
        ArgumentNullException.ThrowIfNull(readers);
        return DocumentSource.FromFile(
            PathIn(dataFolder), readers.Get(Format), new DocumentOrigin(Name, Path) { Licence = Licence.Length > 0 ? Licence : null });
    }
}
