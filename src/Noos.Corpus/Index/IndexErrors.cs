using Microsoft.Data.Sqlite;
using Noos.Core;

namespace Noos.Corpus.Index;

/// <summary>What SQLite says, as a sentence with what to do (https://sqlite.org/rescode.html).</summary>
static class IndexErrors
{
    const int Busy = 5;
    const int Locked = 6;
    const int ReadOnly = 8;
    const int InputOutput = 10;
    const int Corrupt = 11;
    const int Full = 13;
    const int CannotOpen = 14;
    const int NoDatabase = 26;

    public static NoosException From(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        Full => new NoosException(
            ErrorKind.OutOfMemory, $"The disk with the index '{path}' is full and nothing was changed; make room and try again.", error),
        ReadOnly or CannotOpen => new NoosException(
            ErrorKind.Refused, $"The index '{path}' cannot be opened or written; give this user the right to, or set NOOS_HOME to another "
                + "folder.",
            error),
        Corrupt or NoDatabase => new NoosException(
            ErrorKind.Damaged, $"The index '{path}' is damaged or no index; move it away and add its files again.", error),
        Busy or Locked => new NoosException(
            ErrorKind.Busy, $"Another program is writing to the index '{path}'; try again when it is done.", error),
        InputOutput => new NoosException(
            ErrorKind.Unavailable, $"The disk with the index '{path}' does not answer as it should: {error.Message}.", error),
        _ => new NoosException(ErrorKind.Internal, $"The index '{path}' cannot be used: {error.Message}.", error),
    };
}
