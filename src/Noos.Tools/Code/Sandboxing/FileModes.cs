namespace Noos.Tools.Code.Sandboxing;

/// <summary>Who may do what with a file, set exactly: the mask of the process takes nothing away.</summary>
static class FileModes
{
    /// <summary>The user alone.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Others may pass through, but list nothing.</summary>
    public const UnixFileMode Passable = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Others may read and execute.</summary>
    public const UnixFileMode Program = Passable | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Makes a folder; one that is there already is left as it is.</summary>
    public static string CreateFolder(string path, UnixFileMode mode)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            Set(path, mode);
        }

        return path;
    }

    public static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
