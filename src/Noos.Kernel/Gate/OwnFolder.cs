namespace Noos.Kernel.Gate;

/// <summary>Whether a path lies in a folder, whatever it is written like and whatever links lead through.</summary>
static class OwnFolder
{
    // As in Linux (path_resolution(7)).
    const int MaxLinks = 40;

    /// <summary>The path as it is compared and shown: whole, with "." and ".." resolved.</summary>
    public static string FullPath(string path, string? folder)
    {
        try
        {
            return folder is null ? Path.GetFullPath(path) : Path.GetFullPath(path, Path.GetFullPath(folder));
        }
        catch (ArgumentException)
        {
            // Not a path at all: it is judged as it stands, and lies in no folder.
            return path;
        }
    }

    /// <summary>Whether a file at the path, existing or not, would lie in the folder.</summary>
    public static bool Contains(string folder, string path)
    {
        if (path.Length == 0 || path.Contains('\0'))
        {
            return false;
        }

        return RealPath(Path.GetFullPath(folder)) is { } root && RealPath(FullPath(path, folder)) is { } real
            && real.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    /// <summary>The path without symbolic links; null where they go in circles or cannot be read.</summary>
    static string? RealPath(string path)
    {
        var links = 0;
        var real = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Names(path).Reverse());
        while (rest.TryPop(out var name))
        {
            if (name == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, name);
            string? target;
            try
            {
                target = new FileInfo(next).LinkTarget;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }

            if (target is null)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                return null;
            }

            real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real;
            foreach (var part in Names(target).Reverse())
            {
                rest.Push(part);
            }
        }

        return real;
    }

    static IEnumerable<string> Names(string path) => path[(Path.GetPathRoot(path)?.Length ?? 0)..]
        .Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".");
}
