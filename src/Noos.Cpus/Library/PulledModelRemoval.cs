using Noos.Core;

namespace Noos.Cpus.Library;

/// <summary>Removes what was pulled, and nothing else: neither what the user put into a folder nor what belongs to Ollama.</summary>
public static class PulledModelRemoval
{
    /// <summary>The pulled model of a name, whole or not.</summary>
    /// <exception cref="NoosException">
    /// <see cref="ErrorKind.NotFound"/> when there is none, <see cref="ErrorKind.Refused"/> when it was not pulled,
    /// <see cref="ErrorKind.Invalid"/> when
    /// there are several.
    /// </exception>
    public static StoredModel Find(ModelLibrary library, string name)
    {
        ArgumentNullException.ThrowIfNull(library);
        ArgumentException.ThrowIfNullOrEmpty(name);
        StoredModel[] pulled = [.. library.ListPulled(), .. library.ListPulledDevices()];

        // Nothing is guessed here: what is removed is gone.
        return ModelLibrary.Matching(name, pulled) switch
        {
            [var only] => only,
            [] => throw Refusal(library, name, pulled),
            var several =>
                throw new NoosException(
                    $"There are several pulled models '{name}'; choose one of: {string.Join(", ", several.Select(model => model.Name))}."),
        };
    }

    static NoosException Refusal(ModelLibrary library, string name, IReadOnlyList<StoredModel> pulled) =>
        ModelLibrary.Matching(name, library.List()) switch
        {
            [{ Origin: ModelOrigin.Ollama } model, ..] => new NoosException(
                ErrorKind.Refused,
                $"The model '{model.Name}' belongs to Ollama; remove it with 'ollama rm {model.Name}'."),
            [var model, ..] => new NoosException(
                ErrorKind.Refused,
                $"The model '{model.Name}' was not pulled; if you want to be rid of it, delete '{model.Path}' yourself."),
            [] => ModelLibrary.Unknown(name, pulled),
        };

    /// <summary>Deletes the files of a pulled model and the folders that become empty by it.</summary>
    /// <exception cref="NoosException">
    /// A file cannot be deleted: <see cref="ErrorKind.Refused"/>, or <see cref="ErrorKind.Internal"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The model was not pulled.</exception>
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
                if (file.EndsWith(PartialFile.Ending, StringComparison.OrdinalIgnoreCase))
                {
                    File.Delete(file[..^PartialFile.Ending.Length] + PartialFile.StateEnding);
                }
            }

            // The folders of the repository and of its owner, unless another model is in them; never the folder of all models.
            for (var folder = Path.GetDirectoryName(model.Path)!;
                folder.Length > model.Folder.Length && IsEmpty(folder);
                folder = Path.GetDirectoryName(folder)!)
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(
                e is UnauthorizedAccessException ? ErrorKind.Refused : ErrorKind.Internal,
                $"The model '{model.Name}' could not be removed wholly; the system says: {e.Message.TrimEnd('.')}.", e);
        }
    }

    static bool IsEmpty(string folder) => Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any();
}
