using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Corpus.Index;

/// <summary>What SQLite says of an index.</summary>
static class IndexErrors
{
    static readonly SqliteErrors s_errors = new("index", "or no index: move it away and add its files again");

    public static NoosException From(SqliteException error, string path) => s_errors.From(error.SqliteErrorCode, error, path);
}
