using Noos.Corpus.Cleaning;
using Noos.Corpus.Documents;

namespace Noos.Factory.Recipes;

/// <summary>One text source of a recipe.</summary>
public sealed record RecipeSource
{
    const string CorpusFormat = "corpus";

    public string Name { get; init; } = "";

    /// <summary>Below the data folder.</summary>
    public string Path { get; init; } = "";

    /// <summary>
    /// How rows become documents; see <see cref="DocumentReaderRegistry"/>. <c>corpus</c>: the path is a folder of <c>noos clean</c>, of
    /// which what its policy <c>train</c> keeps is taken.
    /// </summary>
    public string Format { get; init; } = "text";

    /// <summary>How much of the source the tokenizer is trained on.</summary>
    public long TokenizerMegabytes { get; init; } = 4;

    /// <summary>How often the source is seen in one pass over the mixture.</summary>
    public double Passes { get; init; } = 1;

    public string Licence { get; init; } = "";

    public string PathIn(string dataFolder) => System.IO.Path.Combine(dataFolder, Path);

    /// <summary>The files whose change makes what was built of the source stale.</summary>
    public IEnumerable<string> KeyFilesIn(string dataFolder)
    {
        var folder = new CorpusFolder(PathIn(dataFolder));
        return Format == CorpusFormat ? [folder.Summary, folder.OptOuts] : [folder.Root];
    }

    /// <summary>The source below a data folder, read as its format says.</summary>
    public DocumentSource Open(string dataFolder, DocumentReaderRegistry readers)
    {
        ArgumentNullException.ThrowIfNull(readers);
        if (Format == CorpusFormat)
        {
            return CleanCorpus.OpenForTraining(PathIn(dataFolder), Name);
        }

        return DocumentSource.FromFile(
            PathIn(dataFolder), readers.Get(Format), new DocumentOrigin(Name, Path) { Licence = Licence.Length > 0 ? Licence : null });
    }
}
