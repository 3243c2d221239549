namespace Noos.Cpus.Library;

/// <summary>The models that were pulled: <c>models/OWNER/REPO/FILE.gguf</c> and <c>models/HOST/FILE.gguf</c>.</summary>
static class PulledModels
{
    static readonly EnumerationOptions s_everywhere = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
        IgnoreInaccessible = true,
    };

    /// <param name="folder">The user's models folder; what lies in it directly was not pulled.</param>
    public static IReadOnlyList<StoredModel> List(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var found = from file in Directory.EnumerateFiles(folder, "*", s_everywhere)
                    let isPart = file.EndsWith(PartialFile.Ending, StringComparison.OrdinalIgnoreCase)
                    let path = Path.GetRelativePath(folder, isPart ? file[..^PartialFile.Ending.Length] : file).Replace('\\', '/')
                    where path.Contains('/')
                    let name = SplitName.Parse(path)
                    where name is not null
                    group (Name: name, File: file, IsPart: isPart) by (name.Stem, name.Count);
        var models = found.Select(files => (
            files.Key.Stem,
            Label: QuantizationLabel.Parse(files.Key.Stem),
            First: Path.Combine(folder, (files.First().Name with { Number = 1 }).FileName),
            Files: files.Select(file => file.File).Order(StringComparer.Ordinal).ToArray(),
            IsWhole: files.Where(file => !file.IsPart).Select(file => file.Name.Number).Distinct().Count() == files.Key.Count)).ToArray();
        return
        [
            .. from model in models
               let isShared = models.Count(other => Repository(other.Stem) == Repository(model.Stem) && other.Label == model.Label) > 1
               let name = Name(model.Stem, isShared ? null : model.Label)
               orderby name
               select new StoredModel(name, model.First, ModelOrigin.Pulled, folder, model.Files, model.IsWhole)
               {
                   Aliases = Aliases(model.Stem, model.Label),
               },
        ];
    }

    static string Name(string stem, string? label) =>
        label is not null && Repository(stem) is { } repository ? $"{repository}:{label}" : stem;

    /// <summary>"OWNER/REPO"; null for a file from elsewhere.</summary>
    static string? Repository(string stem) => stem.Split('/') is [var owner, var name, _, ..] ? $"{owner}/{name}" : null;

    static string[] Aliases(string stem, string? label)
    {
        string[] own = [stem, Path.GetFileName(stem)];
        if (Repository(stem) is not { } repository)
        {
            return own;
        }

        string[] names = [repository, Path.GetFileName(repository)];
        return [.. own, .. names, .. label is null ? [] : names.Select(name => $"{name}:{label}")];
    }
}
