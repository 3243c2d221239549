using Noos.Core;

namespace Noos.Cpus.Library;

/// <summary>Removes what was pulled, and nothing else.</summary>
public static class PulledModelRemoval
{
    /// <summary>The pulled model of a name, whole or not.</summary>
    /// <exception cref="NoosException">There is none, or it was not pulled.</exception>
    public static StoredModel Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var pulled = PulledModels.In(ModelLibrary.PullFolder);

        // Nothing is guessed here: what is removed is gone.
        return ModelLibrary.Matching(name, pulled) switch
        {
            [var only] => only,
            [] => throw Refusal(name, pulled),
            var several => throw new NoosException($"There are several pulled models '{name}'; choose one of: {string.Join(", ", several.Select(model => model.Name))}."),
        };
    }

    static NoosException Refusal(string name, IReadOnlyList<StoredModel> pulled) => ModelLibrary.Matching(name, ModelLibrary.All()) switch
    {
        [{ Origin: ModelOrigin.Ollama } model, ..] => new NoosException($"The model '{model.Name}' belongs to Ollama; remove it with 'ollama rm {model.Name}'."),
        [var model, ..] => new NoosException($"The model '{model.Name}' was not pulled; if you want to be rid of it, delete '{model.Path}' yourself."),
        [] => ModelLibrary.Unknown(name, pulled),
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
