namespace Noos.Core.Storage;

/// <summary>
/// What SQLite says, as a sentence with what to do (https://sqlite.org/rescode.html). The code comes as a number, because the driver
/// belongs to those who have files.
/// </summary>
/// <param name="name">What the file is, as in "the journal".</param>
/// <param name="remedy">What to do when it is damaged: a clause in the imperative.</param>
public sealed class SqliteErrors(string name, string remedy)
{
    const int Busy = 5;
    const int Locked = 6;
    const int ReadOnly = 8;
    const int InputOutput = 10;
    const int Corrupt = 11;
    const int Full = 13;
    const int CannotOpen = 14;
    const int NoDatabase = 26;

    // Less than the smallest file that SQLite needs beside its own.
    const long NoSpace = 64 << 10;

    /// <param name="code">The primary result code.</param>
    /// <param name="error">What the driver has thrown.</param>
    /// <param name="path">The file.</param>
    public NoosException From(int code, Exception error, string path)
    {
        ArgumentNullException.ThrowIfNull(error);
        var file = $"{name} '{path}'";
        var (kind, sentence) = code switch
        {
            // Beside a log that it cannot map into memory SQLite only says that something is wrong with the disk.
            Full or InputOutput when code == Full || IsFull(path) => (ErrorKind.OutOfMemory,
                $"The disk with the {file} is full; make room, then try again: nothing that was acknowledged is lost."),
            ReadOnly or CannotOpen => (ErrorKind.Refused,
                $"The {file} cannot be opened or written; give this user the right to, or set NOOS_HOME to another folder."),
            Corrupt or NoDatabase => (ErrorKind.Damaged, $"The {file} is damaged; {remedy}."),
            Busy or Locked => (ErrorKind.Busy, $"Another program holds the {file}; try again when it is done, or close it."),
            InputOutput => (ErrorKind.Unavailable, $"The disk with the {file} does not answer as it should: {Reason(error)}."),
            _ => (ErrorKind.Internal, $"The {file} cannot be used: {Reason(error)}."),
        };
        return new NoosException(kind, sentence, error);
    }

    static string Reason(Exception error) => error.Message.TrimEnd('.');

    static bool IsFull(string path)
    {
        try
        {
            return Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && new DriveInfo(folder).AvailableFreeSpace < NoSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
