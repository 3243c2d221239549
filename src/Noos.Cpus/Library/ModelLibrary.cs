using Noos.Core;
using Noos.Core.Text;

namespace Noos.Cpus.Library;

/// <summary>
/// All models on this machine: in folders of models, pulled ones, and those of Ollama. It remembers nothing: every question looks at the
/// disk. Thread-safe.
/// </summary>
public sealed class ModelLibrary
{
    static readonly EnumerationOptions s_here = new() { IgnoreInaccessible = true };

    readonly ModelLibraryOptions _options;

    public ModelLibrary(ModelLibraryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Where pulled models go.</summary>
    public string PullFolder => _options.PullFolder;

    /// <summary>In the order in which names are looked up.</summary>
    public IReadOnlyList<StoredModel> List() => [.. ListFolders(), .. ListPulled(), .. OllamaModels.List(_options.OllamaFolders)];

    /// <summary>Those that lie in models folders, not pulled ones.</summary>
    internal IEnumerable<StoredModel> ListFolders() =>
        from folder in _options.Folders.Where(Directory.Exists).Distinct(StringComparer.Ordinal)
        from parts in Directory.EnumerateFiles(folder, "*" + SplitName.Extension, s_here)
            .Select(file => new { File = file, Name = SplitName.Parse(Path.GetFileName(file))! })
            .GroupBy(file => (file.Name with { Number = 1 }).FileName, StringComparer.Ordinal)
        let name = parts.First().Name
        orderby name.Stem
        select new StoredModel(
            name.Stem,
            Path.Combine(folder, parts.Key),
            ModelOrigin.Folder,
            folder,
            [.. parts.Select(part => part.File)],
            parts.Count() == name.Count);

    /// <summary>Those that were pulled, whole or not.</summary>
    internal IReadOnlyList<StoredModel> ListPulled() => PulledModels.List(_options.PullFolder);

    /// <summary>The ears and voices that were pulled, whole or not.</summary>
    public IReadOnlyList<StoredModel> ListPulledDevices() => PulledDevices.List(_options.PullFolder);

    /// <summary>The path of the model of a path or of a name.</summary>
    /// <exception cref="NoosException">
    /// <see cref="ErrorKind.NotFound"/> when there is none, or not wholly: the message names those that are alike, or what to do;
    /// <see cref="ErrorKind.Invalid"/> when there are several.
    /// </exception>
    public string Resolve(string name) => Choose(name).Path;

    /// <summary>The same with the id of the model; that of a path is the name of the file.</summary>
    /// <inheritdoc cref="Resolve"/>
    internal (string Id, string Path) Choose(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (File.Exists(name))
        {
            return (StoredModel.IdOf(SplitName.Parse(Path.GetFileName(name))?.Stem ?? Path.GetFileName(name)), name);
        }

        if (FindChampion(name) is { } champion)
        {
            return champion;
        }

        var all = List();
        return Find(name, all) switch
        {
            { IsWhole: true } model => (model.Id, model.Path),
            { Origin: ModelOrigin.Pulled } model => throw new NoosException(
                ErrorKind.NotFound, $"The model '{model.Name}' is not wholly here; go on with 'noos pull {model.Name}'."),
            { } model => throw new NoosException(
                ErrorKind.NotFound, $"The model '{model.Name}' in '{model.Folder}' lacks some of its files; put all of them there."),
            null => throw Unknown(name, all),
        };
    }

    /// <summary>The champion that answers where nobody names a model; null where there is none.</summary>
    public (string Name, string Path)? CurrentChampion =>
        _options.ChampionFolder is { } folder ? ChampionStore.FindCurrent(folder) : null;

    /// <summary>A champion by its name; null where it is none.</summary>
    internal (string Name, string Path)? FindChampion(string name) =>
        _options.ChampionFolder is { } folder ? ChampionStore.Find(folder, name) : null;

    /// <summary>The model of a name; paths are none.</summary>
    /// <exception cref="NoosException">There are several (Invalid).</exception>
    internal StoredModel? Find(string name) => Find(name, List());

    /// <summary>There is no model of the name: what may have been meant, and how to get it.</summary>
    public static NoosException Unknown(string name, IReadOnlyList<StoredModel> all)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(all);
        var near = NearestNames.Find(name, all.SelectMany(model => model.Aliases.Prepend(model.Name)));
        var meant = near.Count == 0 ? "" : $", did you mean {string.Join(" or ", near.Select(other => $"'{other}'"))}?";
        var pull = name.Count(c => c == '/') == 1
            && !name.EndsWith(SplitName.Extension, StringComparison.OrdinalIgnoreCase)
            && name[0] is not ('.' or '~' or '/')
            ? $"noos pull {name}"
            : "noos pull OWNER/REPO";
        return new NoosException(
            ErrorKind.NotFound,
            $"There is no model '{name}'{(meant.Length > 0 ? meant : ";")} 'noos models' lists those that are here, '{pull}' gets one "
            + "from Hugging Face.");
    }

    /// <summary>The models that a name fits; one whose very name it is goes before those that it is short for.</summary>
    internal static IReadOnlyList<StoredModel> Matching(string name, IReadOnlyList<StoredModel> all)
    {
        var plain = name.EndsWith(SplitName.Extension, StringComparison.OrdinalIgnoreCase) ? SplitName.Parse(name)!.Stem : name;
        if (all.FirstOrDefault(model => model.Name.Equals(plain, StringComparison.OrdinalIgnoreCase)) is { } exact)
        {
            return [exact];
        }

        return [.. all.Where(model => model.Aliases.Contains(plain, StringComparer.OrdinalIgnoreCase))];
    }

    static StoredModel? Find(string name, IReadOnlyList<StoredModel> all) => Matching(name, all) switch
    {
        [] => null,
        [var only] => only,
        var several => Preferred(several)
            ?? throw new NoosException(
                $"There are several models '{name}'; choose one of: {string.Join(", ", several.Select(model => model.Name))}."),
    };

    /// <summary>As when pulling: the usual quantization, if exactly one model has it.</summary>
    static StoredModel? Preferred(IReadOnlyList<StoredModel> models) =>
        QuantizationLabel.Preferred
            .Select(label =>
                models.Where(model => model.IsWhole && QuantizationLabel.Fits(model.Name[(model.Name.LastIndexOf(':') + 1)..], label))
                    .ToArray())
            .FirstOrDefault(fitting => fitting.Length > 0) is [var usual] ? usual
        : models.Where(model => model.IsWhole).ToArray() is [var whole] ? whole
        : null;
}
