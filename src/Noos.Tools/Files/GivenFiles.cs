namespace Noos.Tools.Files;

/// <summary>The files in the folder of a conversation, those that a person gave and those that code has written.</summary>
static class GivenFiles
{
    const int MaxFiles = 1000;
    const int MaxDepth = 3;

    /// <summary>Their names, relative to the folder; links are left out.</summary>
    public static List<string> List(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. Directory.EnumerateFiles(folder, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = MaxDepth,
            AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
            IgnoreInaccessible = true,
        }).Take(MaxFiles).Select(path => NameOf(path, folder)).Order(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>What a file is called: its path in the folder; else its own name.</summary>
    public static string NameOf(string path, string? folder) =>
        folder is not null && path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path[(folder.Length + 1)..]
            : Path.GetFileName(path);
}
