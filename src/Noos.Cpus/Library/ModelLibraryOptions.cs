using Noos.Core.Settings;

namespace Noos.Cpus.Library;

/// <summary>The folders in which models are looked for.</summary>
public sealed record ModelLibraryOptions
{
    const string FolderName = "models";

    /// <summary>
    /// Folders with models directly in them, in the order in which names are looked up; those that do not exist are passed over.
    /// </summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>Where pulled models go: into a folder for each repository.</summary>
    public required string PullFolder { get; init; }

    /// <summary>Where <see cref="ChampionStore"/> keeps champions; null for none.</summary>
    public string? ChampionFolder { get; init; }

    /// <summary>Folders in which Ollama keeps models.</summary>
    public IReadOnlyList<string> OllamaFolders { get; init; } = [];

    /// <summary>
    /// Folders named "models" here, above the program and in the user's data; pulled models in the last; of Ollama the folder that the user
    /// set, else those of the user and of the service.
    /// </summary>
    public static ModelLibraryOptions From(NoosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var candidates = new List<string> { Directory.GetCurrentDirectory() };

        // A program that was built in a clone of the repository finds the models of the clone, from whatever folder it is called.
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            candidates.Add(folder.FullName);
        }

        candidates.Add(settings.UserData.Folder);
        return new ModelLibraryOptions
        {
            Folders = [.. candidates.Select(folder => Path.Combine(Path.GetFullPath(folder), FolderName))],
            PullFolder = Path.Combine(settings.UserData.Folder, FolderName),
            ChampionFolder = ChampionStore.FolderIn(settings.UserData.Folder),
            OllamaFolders = settings.OllamaFolder is { } chosen
                ? [chosen]
                :
                [
                    Path.Combine(
                        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
                        ".ollama",
                        "models"),
                    "/usr/share/ollama/.ollama/models",
                ],
        };
    }
}
