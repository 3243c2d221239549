using Noos.Core.Settings;

namespace Noos.Corpus.Encyclopedias;

/// <summary>Where the encyclopedia that comes with Noos is looked for.</summary>
/// <param name="Files">Where its file may lie; the first that is there counts.</param>
/// <param name="CacheFolder">Where its index is made with the first search.</param>
public sealed record EncyclopediaLocation(IReadOnlyList<string> Files, string CacheFolder)
{
    /// <summary>The file; its card with sources and licences lies beside it.</summary>
    public const string FileName = "Noos-Encyclopedia.jsonl.zst";

    /// <summary>The folder in a clone or a publication.</summary>
    public const string FolderName = "encyclopedia";

    const string CacheName = "cache";

    /// <summary>
    /// Folders named "encyclopedia" beside and above the program, as in a clone of the repository; then the user's own folder.
    /// </summary>
    public static EncyclopediaLocation From(NoosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var files = new List<string>();
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            files.Add(Path.Combine(folder.FullName, FolderName, FileName));
        }

        files.Add(Path.Combine(settings.UserData.Folder, FileName));
        return new EncyclopediaLocation(files, Path.Combine(settings.UserData.Folder, CacheName));
    }
}
