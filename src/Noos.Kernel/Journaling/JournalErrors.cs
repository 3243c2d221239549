using Microsoft.Data.Sqlite;
using Noos.Core;

namespace Noos.Kernel.Journaling;

/// <summary>What SQLite says, as a sentence with what to do (https://sqlite.org/rescode.html).</summary>
static class JournalErrors
{
    const int Busy = 5;
    const int ReadOnly = 8;
    const int InputOutput = 10;
    const int Corrupt = 11;
    const int Full = 13;
    const int CannotOpen = 14;
    const int NoDatabase = 26;

    public static NoosException From(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        Full => new NoosException(
            ErrorKind.OutOfMemory, $"The disk with the journal '{path}' is full; make room, then ask again: nothing acknowledged is lost.",
            error),
        ReadOnly or CannotOpen => new NoosException(
            ErrorKind.Refused, $"The journal '{path}' cannot be written; give this user the right to write there, or set NOOS_HOME to "
                + "another folder.",
            error),
        Corrupt or NoDatabase => new NoosException(
            ErrorKind.Damaged, $"The journal '{path}' is damaged; move it away and start again, or put a copy in its place "
                + "('sqlite3 FILE .recover' may save what is left).",
            error),
        Busy => new NoosException(
            ErrorKind.Busy, $"Another program holds the journal '{path}'; close it, then ask again.", error),
        InputOutput => new NoosException(
            ErrorKind.Unavailable, $"The disk with the journal '{path}' does not answer as it should: {error.Message}.", error),
        _ => new NoosException(ErrorKind.Internal, $"The journal '{path}' cannot be used: {error.Message}.", error),
    };
}
