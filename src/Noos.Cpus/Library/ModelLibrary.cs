using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Cpus.Library;

/// <summary>
/// All models on this machine: in folders named "models" (here, above the program, in the user's data), pulled ones, and those of Ollama.
/// </summary>
public static class ModelLibrary
{
    const string FolderName = "models";

    static readonly EnumerationOptions s_here = new() { IgnoreInaccessible = true };

    /// <summary>Where pulled models go.</summary>
    public static string PullFolder => Path.Combine(UserData.Folder, FolderName);

    /// <summary>In the order in which names are looked up.</summary>
    public static IReadOnlyList<StoredModel> All() => [.. InFolders(), .. PulledModels.In(PullFolder), .. OllamaModels.All()];

    /// <summary>Those that lie in models folders, not pulled ones.</summary>
    internal static IEnumerable<StoredModel> InFolders() =>
        from folder in Folders()
        from parts in Directory.EnumerateFiles(folder, "*" + SplitName.Extension, s_here)
            .Select(file => (File: file, Name: SplitName.Parse(Path.GetFileName(file))!.Value))
            .GroupBy(file => (file.Name.Stem, file.Name.Count))
        orderby parts.Key.Stem
        select new StoredModel(
            parts.Key.Stem,
            Path.Combine(folder, (parts.First().Name with { Number = 1 }).FileName),
            ModelOrigin.Folder,
            folder,
            [.. parts.Select(part => part.File)],
            parts.Count() == parts.Key.Count);

    /// <summary>The path of the model of a path or of a name.</summary>
    /// <exception cref="NoosException">There is none; the message names those that are alike.</exception>
    public static string Resolve(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (File.Exists(name))
        {
            return name;
        }

        var all = All();
        return Find(name, all) switch
        {
            { IsWhole: true } model => model.Path,
            { Origin: ModelOrigin.Pulled } model => throw new NoosException($"The model '{model.Name}' is not wholly here; go on with 'noos pull {model.Name}'."),
            { } model => throw new NoosException($"The model '{model.Name}' in '{model.Folder}' lacks some of its files; put all of them there."),
            null => throw Unknown(name, all),
        };
    }

    /// <summary>There is no model of the name: what may have been meant, and how to get it.</summary>
    public static NoosException Unknown(string name, IReadOnlyList<StoredModel> all)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(all);
        var near = NearestNames.Of(name, all.SelectMany(model => model.Aliases.Prepend(model.Name)));
        var meant = near.Count == 0 ? "" : $", did you mean {string.Join(" or ", near.Select(other => $"'{other}'"))}?";
        var pull = name.Count(c => c == '/') == 1 && !name.EndsWith(SplitName.Extension, StringComparison.OrdinalIgnoreCase) && name[0] is not ('.' or '~' or '/')
            ? $"noos pull {name}"
            : "noos pull OWNER/REPO";
        return new NoosException($"There is no model '{name}'{(meant.Length > 0 ? meant : ";")} 'noos models' lists those that are here, '{pull}' gets one from Hugging Face.");
    }

    /// <summary>The models that a name fits; one whose very name it is goes before those that it is short for.</summary>
    internal static IReadOnlyList<StoredModel> Matching(string name, IReadOnlyList<StoredModel> all)
    {
        var plain = name.EndsWith(SplitName.Extension, StringComparison.OrdinalIgnoreCase) ? SplitName.Parse(name)!.Value.Stem : name;
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
            ?? throw new NoosException($"There are several models '{name}'; choose one of: {string.Join(", ", several.Select(model => model.Name))}."),
    };

    /// <summary>As when pulling: the usual quantization, if exactly one model has it.</summary>
    static StoredModel? Preferred(IReadOnlyList<StoredModel> models) =>
        QuantizationLabel.Preferred
            .Select(label => models.Where(model => model.IsWhole && QuantizationLabel.Fits(model.Name[(model.Name.LastIndexOf(':') + 1)..], label)).ToArray())
            .FirstOrDefault(fitting => fitting.Length > 0) is [var usual] ? usual
        : models.Where(model => model.IsWhole).ToArray() is [var whole] ? whole
        : null;

    static IEnumerable<string> Folders()
    {
        var candidates = new List<string> { Directory.GetCurrentDirectory() };
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            candidates.Add(folder.FullName);
        }

        candidates.Add(UserData.Folder);
        return candidates.Select(folder => Path.Combine(Path.GetFullPath(folder), FolderName)).Where(Directory.Exists).Distinct(StringComparer.Ordinal);
    }
}
