namespace Noos.Corpus.Crawling.Partitions;

/// <summary>Locks of files, which the system lets go however a process ends.</summary>
static class FileLock
{
    /// <summary>Takes a lock; null where somebody has it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mustExist">It is not made where it is not there.</param>
    public static FileStream? TryTake(string path, bool mustExist = false)
    {
        try
        {
            return new FileStream(path, mustExist ? FileMode.Open : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }
}
