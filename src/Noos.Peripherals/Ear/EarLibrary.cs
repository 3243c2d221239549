using Noos.Core;
using Noos.Inference.Speech;

namespace Noos.Peripherals.Ear;

/// <summary>
/// The ears on this machine: files of whisper.cpp, <c>ggml-NAME.bin</c>, in the folders of models. It remembers nothing: every question
/// looks at the disk. Thread-safe.
/// </summary>
public sealed class EarLibrary
{
    const string Prefix = "ggml-";
    const string Extension = ".bin";
    const string Family = "whisper-";
    const string Advice =
        "get one with 'noos pull ggerganov/whisper.cpp:base.en-q5_1' (English, 60 MB) or ':base-q5_1' (99 languages), or set NOOS_EAR to a "
        + "file of whisper.cpp";

    static readonly EnumerationOptions s_below = new() { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true };

    readonly IReadOnlyList<string> _folders;

    /// <param name="folders">In the order in which names are looked up; those that do not exist are passed over.</param>
    public EarLibrary(IReadOnlyList<string> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        _folders = folders;
    }

    /// <summary>The files of all ears, in the order of the folders.</summary>
    public IReadOnlyList<string> List() =>
    [
        .. _folders.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, Prefix + "*" + Extension, s_below).Order(StringComparer.Ordinal))
            .Distinct(StringComparer.Ordinal)
            .Where(WhisperModel.IsWhisper),
    ];

    /// <summary>What to write for an ear: "base.en-q5_1" of "ggml-base.en-q5_1.bin".</summary>
    public static string NameOf(string path) =>
        Path.GetFileNameWithoutExtension(path) is var stem && stem.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            ? stem[Prefix.Length..]
            : stem;

    /// <summary>The file of an ear.</summary>
    /// <param name="name">
    /// A path; or a name, in any case, which may be cut short ("base" of "base.en-q5_1") and begin with "whisper-"; null for the largest.
    /// </param>
    /// <exception cref="NoosException">There is none (NotFound): says what to do.</exception>
    public string Resolve(string? name)
    {
        if (!string.IsNullOrWhiteSpace(name) && (File.Exists(name) || name.Contains(Path.DirectorySeparatorChar)))
        {
            return WhisperModel.IsWhisper(name) ? name
                : File.Exists(name) ? throw new NoosException($"'{name}' is no ear: no Whisper model in whisper.cpp's format; {Advice}.")
                : throw new NoosException(ErrorKind.NotFound, $"There is no ear '{name}'; {Advice}.");
        }

        var all = List();
        if (all.Count == 0)
        {
            throw new NoosException(ErrorKind.NotFound, $"No ear is installed, so nothing can be heard; {Advice}.")
            {
                Code = NoosException.ModelNotFound,
            };
        }

        if (string.IsNullOrWhiteSpace(name))
        {
            return all.MaxBy(path => new FileInfo(path).Length)!;
        }

        return Find(name.Trim(), all) ?? throw new NoosException(
            ErrorKind.NotFound, $"There is no ear '{name}' here, but {string.Join(", ", all.Select(NameOf).Distinct())}; {Advice}.")
        {
            Code = NoosException.ModelNotFound,
        };
    }

    /// <summary>The file of a name; null where there is none.</summary>
    public static string? Find(string name, IReadOnlyList<string> all)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(all);
        var plain = Path.GetFileNameWithoutExtension(name) is var stem && name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
            ? stem
            : name;
        plain = Without(Without(plain, Prefix), Family);
        return all.FirstOrDefault(path => NameOf(path).Equals(plain, StringComparison.OrdinalIgnoreCase))
            ?? all.FirstOrDefault(path => plain.Length > 0 && NameOf(path).StartsWith(plain, StringComparison.OrdinalIgnoreCase)
                && !char.IsAsciiLetterOrDigit(NameOf(path)[plain.Length]));
    }

    static string Without(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? name[prefix.Length..] : name;
}
