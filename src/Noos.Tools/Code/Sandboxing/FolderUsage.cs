namespace Noos.Tools.Code.Sandboxing;

/// <summary>What a folder holds, links not followed.</summary>
/// <param name="Entries">Files and folders.</param>
/// <param name="Length">Bytes of the files.</param>
readonly record struct FolderUsage(int Entries, long Length)
{
    static readonly EnumerationOptions s_everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = true,
    };

    /// <param name="folder">The folder.</param>
    /// <param name="maxEntries">No more are looked at: a program that makes millions must not hold up whoever counts them.</param>
    public static FolderUsage Read(string folder, int maxEntries)
    {
        var (entries, length) = (0, 0L);
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", s_everything).Take(maxEntries))
            {
                entries++;
                length += file is FileInfo { Exists: true } regular ? regular.Length : 0;
            }
        }
        catch (IOException)
        {
            // It changes while it is read; the next look sees it again.
        }

        return new FolderUsage(entries, length);
    }
}
