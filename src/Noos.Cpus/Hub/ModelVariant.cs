using Noos.Core;
using Noos.Core.Text;
using Noos.Cpus.Library;

namespace Noos.Cpus.Hub;

/// <summary>One model of a repository: a quantization, in one file or in several.</summary>
/// <param name="Stem">The path without numbers and extension.</param>
sealed record ModelVariant(string Stem, IReadOnlyList<HubFile> Files)
{
    public string? Label { get; } = QuantizationLabel.Parse(Stem);

    public long Size => Files.Sum(file => file.Size ?? 0);

    /// <summary>What a user writes behind the colon.</summary>
    string Choice => Label ?? Stem;

    /// <summary>
    /// The models among the files of a repository; files beside a model (image projectors, importance matrices) are none.
    /// </summary>
    public static IReadOnlyList<ModelVariant> Group(IEnumerable<HubFile> files) =>
    [
        .. from file in files
           let name = SplitName.Parse(file.Path)
           where name is not null && !IsBeside(file.Path)
           group (file, name) by (name.Stem, name.Count) into parts
           where parts.Select(part => part.name.Number).Distinct().Count() == parts.Key.Count
           orderby parts.Key.Stem
           select new ModelVariant(parts.Key.Stem, [.. parts.OrderBy(part => part.name.Number).Select(part => part.file)]),
    ];

    /// <summary>The model that is asked for.</summary>
    /// <param name="repository">For messages.</param>
    /// <param name="wanted">A quantization, or the name or path of a file; null for the usual choice.</param>
    /// <exception cref="NoosException">
    /// <see cref="ErrorKind.NotFound"/> when there is none, <see cref="ErrorKind.Invalid"/> when there are several; the message says which
    /// there are.
    /// </exception>
    public static ModelVariant Choose(IReadOnlyList<ModelVariant> variants, string repository, string? wanted)
    {
        if (variants.Count == 0)
        {
            throw new NoosException(
                ErrorKind.NotFound,
                $"The repository '{repository}' has no GGUF models; look for one with 'GGUF' in its name, usually by another owner.");
        }

        if (wanted is null)
        {
            return QuantizationLabel.Preferred.Select(label => WithLabel(variants, label))
                .FirstOrDefault(fitting => fitting.Length > 0) is [var usual] ? usual
                : variants.Count == 1 ? variants[0]
                : throw new NoosException(
                    $"The repository '{repository}' has several models; choose one as {repository}:NAME with NAME one of: "
                    + $"{Choices(variants)}.");
        }

        var named = variants.Where(variant => IsNamed(variant, wanted)).ToArray();
        return (named.Length > 0 ? named : WithLabel(variants, wanted)) switch
        {
            [var only] => only,
            [] => throw new NoosException(
                ErrorKind.NotFound, $"The repository '{repository}' has no '{wanted}'; choose one of: {Choices(variants)}."),
            var several =>
                throw new NoosException(
                    $"The repository '{repository}' has several models with '{wanted}'; "
                    + $"choose one as {repository}:NAME with NAME one of: {string.Join(", ", several.Select(variant => variant.Stem))}."),
        };
    }

    /// <summary>An exact label goes before one that is only alike.</summary>
    static ModelVariant[] WithLabel(IReadOnlyList<ModelVariant> variants, string label)
    {
        var exact = variants.Where(variant => label.Equals(variant.Label, StringComparison.OrdinalIgnoreCase)).ToArray();
        return exact.Length > 0 ? exact : [.. variants.Where(variant => QuantizationLabel.Fits(variant.Label, label))];
    }

    static bool IsNamed(ModelVariant variant, string wanted)
    {
        var stem = SplitName.Parse(wanted)?.Stem ?? wanted;
        return stem.Equals(variant.Stem, StringComparison.OrdinalIgnoreCase)
            || stem.Equals(Path.GetFileName(variant.Stem), StringComparison.OrdinalIgnoreCase);
    }

    static bool IsBeside(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith("mmproj", StringComparison.OrdinalIgnoreCase)
            || name.Contains("imatrix", StringComparison.OrdinalIgnoreCase);
    }

    static string Choices(IReadOnlyList<ModelVariant> variants)
    {
        var areUnique = variants.Select(variant => variant.Choice).Distinct(StringComparer.OrdinalIgnoreCase).Count() == variants.Count;
        var choices = variants
            .OrderBy(variant => variant.Size)
            .Select(variant => $"{(areUnique ? variant.Choice : variant.Stem)} ({ByteSize.Format(variant.Size)})");
        return string.Join(", ", choices);
    }
}
