using Noos.Core;

namespace Noos.Tools.Code.Python;

/// <summary>Where Python is.</summary>
/// <param name="Path">The executable.</param>
/// <param name="Folders">What it needs beside the system's own folders.</param>
public sealed record PythonInterpreter(string Path, IReadOnlyList<string> Folders)
{
    // What packages install, and nothing of a home: the confined user may not enter those.
    static readonly string[] s_places = ["/usr/bin/python3", "/usr/local/bin/python3"];

    /// <summary>Finds it.</summary>
    /// <param name="chosen">The one that the options name; null for the system's.</param>
    /// <exception cref="NoosException">It is not there; the sentence says how to get it.</exception>
    public static PythonInterpreter Find(string? chosen)
    {
        if (chosen is null)
        {
            return Array.Find(s_places, File.Exists) is { } path
                ? new PythonInterpreter(path, [])
                : throw new NoosException(
                    ErrorKind.Unavailable, $"Python is not installed here; use JavaScript, or install it: {Install.Line("python3")}");
        }

        var full = System.IO.Path.GetFullPath(chosen);
        if (!File.Exists(full))
        {
            throw new NoosException(ErrorKind.NotFound, $"There is no Python at {full}; give the path of its executable.");
        }

        // PREFIX/bin/python3, and the same of what it links to: a virtual environment's is a link to the one that made it.
        var real = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        return new PythonInterpreter(full, [.. new[] { Prefix(full), Prefix(real) }.Where(folder => !IsSystem(folder)).Distinct()]);
    }

    static string Prefix(string path) =>
        System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(path)) is { Length: > 1 } prefix
            ? prefix
            : throw new NoosException($"{path} lies in no folder of its own; give a Python such as PREFIX/bin/python3.");

    static bool IsSystem(string folder) => folder == "/usr" || folder.StartsWith("/usr/", StringComparison.Ordinal);
}
