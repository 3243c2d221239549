namespace Noos.Cpus.Library;

/// <summary>Who put a model where it is.</summary>
public enum ModelOrigin
{
    /// <summary>A folder named "models": that of the repository, of the current folder, or of the user.</summary>
    Folder,

    /// <summary>Noos, by pulling it.</summary>
    Pulled,

    /// <summary>Ollama.</summary>
    Ollama,
}
