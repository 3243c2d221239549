using Noos.Core;
using Noos.Core.Text;

namespace Noos.Cpus.Hub;

/// <summary>Piper's voices: <c>NAME.onnx</c> with its settings beside it, <c>NAME.onnx.json</c>.</summary>
public static class VoiceModelFile
{
    /// <summary>Of the model.</summary>
    public const string Extension = ".onnx";

    /// <summary>Of the settings, behind the whole name of the model.</summary>
    public const string SettingsExtension = ".json";

    // As many as fit into a sentence that somebody reads.
    const int MostNamed = 12;

    /// <summary>The path is named as such a model is.</summary>
    public static bool IsName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Path.GetFileName(path) is { } name && name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
            && name.Length > Extension.Length;
    }

    /// <summary>What to write for a voice: "en_US-joe-medium" of "en/en_US/joe/medium/en_US-joe-medium.onnx".</summary>
    public static string NameOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileName(path);
        return IsName(name) ? name[..^Extension.Length] : name;
    }

    /// <summary>
    /// The model and the settings of the voice among the files of a repository that is asked for; null where the repository has no voices,
    /// or another kind is meant.
    /// </summary>
    /// <param name="files">Of the repository.</param>
    /// <param name="repository">For messages.</param>
    /// <param name="wanted">The name or path of a voice; null for the only one.</param>
    /// <exception cref="NoosException">
    /// There is none of the name (<see cref="ErrorKind.NotFound"/>), or there are several and none was named
    /// (<see cref="ErrorKind.Invalid"/>): the message says which there are.
    /// </exception>
    internal static IReadOnlyList<HubFile>? Choose(IReadOnlyList<HubFile> files, string repository, string? wanted)
    {
        var settings = files.Where(file => file.Path.EndsWith(Extension + SettingsExtension, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(file => file.Path, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(file => file.Path[..^SettingsExtension.Length], StringComparer.OrdinalIgnoreCase);
        HubFile[] voices =
        [
            .. files.Where(file => IsName(file.Path) && settings.ContainsKey(file.Path))
                .OrderBy(file => NameOf(file.Path), StringComparer.Ordinal),
        ];
        if (voices.Length == 0 || (wanted is null && ModelVariant.Group(files).Count > 0))
        {
            return null;
        }

        if (wanted is null)
        {
            return voices.Length == 1 ? Pair(voices[0]) : throw new NoosException(
                $"The repository '{repository}' has {voices.Length} voices; choose one as {repository}:NAME with NAME one of: "
                + $"{Names(voices)}.");
        }

        var name = NameOf(wanted);
        if (Array.Find(voices, file => file.Path == wanted || NameOf(file.Path).Equals(name, StringComparison.OrdinalIgnoreCase))
            is { } named)
        {
            return Pair(named);
        }

        // A quantization or file of another kind, of a repository that has both.
        if (ModelVariant.Group(files).Count > 0)
        {
            return null;
        }

        var near = NearestNames.Find(wanted, [.. voices.Select(file => NameOf(file.Path)).Distinct(StringComparer.Ordinal)]);
        throw new NoosException(
            ErrorKind.NotFound,
            $"The repository '{repository}' has no voice '{wanted}'; "
            + (near.Count > 0 ? $"did you mean {string.Join(" or ", near)}?" : $"choose one of: {Names(voices)}."));

        IReadOnlyList<HubFile> Pair(HubFile voice) => [voice, settings[voice.Path]];
    }

    static string Names(HubFile[] voices) =>
        string.Join(", ", voices.Take(MostNamed).Select(file => NameOf(file.Path)))
        + (voices.Length > MostNamed ? $" and {voices.Length - MostNamed} more" : "");
}
