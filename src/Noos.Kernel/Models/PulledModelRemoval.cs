using Noos.Language;

namespace Noos.Kernel.Models;

/// <summary>Removes what was pulled, and nothing else.</summary>
public static class PulledModelRemoval
{
    /// <summary>The pulled model of a name, whole or not.</summary>
    /// <exception cref="NoosException">There is none, or it was not pulled.</exception>
    public static StoredModel Find(string name) => ModelLibrary.Find(name) switch
    {
        { Origin: ModelOrigin.Pulled } model => model,
        { Origin: ModelOrigin.Ollama } model => throw new NoosException($"The model '{model.Name}' belongs to Ollama; remove it with 'ollama rm {model.Name}'."),
        { } model => throw new NoosException($"The model '{model.Name}' was not pulled; if you want to be rid of it, delete '{model.Path}' yourself."),
        null => throw ModelLibrary.Unknown(name, [.. ModelLibrary.All().Where(model => model.Origin == ModelOrigin.Pulled)]),
    };

    /// <exception cref="NoosException">A file cannot be deleted.</exception>
    public static void Remove(StoredModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Origin != ModelOrigin.Pulled)
        {
            throw new ArgumentException("Only pulled models may be removed.", nameof(model));
        }

        try
        {
            foreach (var file in model.Files)
            {
                File.Delete(file);
                if (file.EndsWith(FileDownload.PartEnding, StringComparison.OrdinalIgnoreCase))
                {
                    File.Delete(file[..^FileDownload.PartEnding.Length] + FileDownload.StateEnding);
                }
            }

            for (var folder = Path.GetDirectoryName(model.Path)!; folder.Length > model.Folder.Length && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException($"The model '{model.Name}' could not be removed wholly; the system says: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
