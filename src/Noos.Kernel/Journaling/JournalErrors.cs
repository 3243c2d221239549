using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Kernel.Journaling;

/// <summary>What SQLite says of the journal.</summary>
static class JournalErrors
{
    static readonly SqliteErrors s_errors = new(
        "journal", "move it away and start again, or put a copy in its place ('sqlite3 FILE .recover' may save what is left)");

    public static NoosException From(SqliteException error, string path) => s_errors.From(error.SqliteErrorCode, error, path);
}
