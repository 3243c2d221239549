using Noos.Core;
using Noos.Core.Text;

namespace Noos.Cpus.Hub;

/// <summary>Models that hear, in whisper.cpp's file format: <c>ggml-NAME.bin</c>, each one file.</summary>
public static class SpeechModelFile
{
    const string Prefix = "ggml-";
    const string Extension = ".bin";

    // 99 languages in 60 MB: what somebody wants who does not say.
    const string Usual = "base-q5_1";

    /// <summary>The path is named as such a file.</summary>
    public static bool IsName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileName(path);
        return name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
            && name.Length > Prefix.Length + Extension.Length;
    }

    /// <summary>
    /// The one among the files of a repository that is asked for; null where the repository has none, or another kind is meant.
    /// </summary>
    /// <param name="files">Of the repository.</param>
    /// <param name="repository">For messages.</param>
    /// <param name="wanted">Its name with or without what all names have; null for the usual choice.</param>
    /// <exception cref="NoosException">There is none of the name (NotFound): the message says which there are.</exception>
    internal static HubFile? Choose(IReadOnlyList<HubFile> files, string repository, string? wanted)
    {
        HubFile[] all = [.. files.Where(file => IsName(file.Path))];
        if (all.Length == 0 || (wanted is null && ModelVariant.Group(files).Count > 0))
        {
            return null;
        }

        var plain = wanted is null ? Usual : IsName(wanted) ? NameOf(wanted) : wanted;
        if (Array.Find(all, file => file.Path == wanted || NameOf(file.Path).Equals(plain, StringComparison.OrdinalIgnoreCase))
            is { } found)
        {
            return found;
        }

        // A quantization or file of another kind, of a repository that has both.
        if (wanted is not null && !IsName(wanted) && ModelVariant.Group(files).Count > 0)
        {
            return null;
        }

        var choices = all.OrderBy(file => file.Size).Select(file => $"{NameOf(file.Path)} ({ByteSize.Format(file.Size ?? 0)})");
        throw new NoosException(
            ErrorKind.NotFound,
            $"The repository '{repository}' has no ear '{plain}'; choose one as {repository}:NAME with NAME one of: "
            + $"{string.Join(", ", choices)}.");
    }

    /// <summary>What to write for an ear: "base.en-q5_1" of "ggml-base.en-q5_1.bin".</summary>
    internal static string NameOf(string path) => Path.GetFileName(path)[Prefix.Length..^Extension.Length];
}
