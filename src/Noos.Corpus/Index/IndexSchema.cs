using System.Globalization;
using Microsoft.Data.Sqlite;
using Noos.Core;

namespace Noos.Corpus.Index;

/// <summary>The tables of an index, one SQLite file. The version stands in <c>user_version</c>; a newer file is left alone.</summary>
static class IndexSchema
{
    const int Version = 1;

    // "Noos", so that another program's database is never taken for an index.
    const int ApplicationId = 0x4E6F6F73;

    // The stems of English words: "presidents" finds "president". Measured against unicode61 alone in bench/results/retrieval.md.
    const string Tables =
        """
        CREATE TABLE documents (
            id INTEGER PRIMARY KEY,
            address TEXT NOT NULL UNIQUE,
            place TEXT NOT NULL,
            title TEXT NOT NULL,
            source TEXT NOT NULL,
            origin TEXT NOT NULL,
            date INTEGER,
            licence TEXT,
            digest BLOB NOT NULL,
            added INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX documents_by_place ON documents(place);
        CREATE TABLE passages (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            start INTEGER NOT NULL,
            UNIQUE (document, number)
        ) STRICT;
        CREATE VIRTUAL TABLE words USING fts5(title, text, tokenize = 'TOKENIZER');
        CREATE TABLE vectors (
            passage INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
            model TEXT NOT NULL,
            vector BLOB NOT NULL,
            PRIMARY KEY (passage, model)
        ) STRICT, WITHOUT ROWID;
        """;

    // Where documents lie as they were fetched. Files that were begun without it get it; programs that do not know it are not disturbed.
    const string CapturesTable =
        """
        CREATE TABLE IF NOT EXISTS captures (
            document INTEGER PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE,
            capture TEXT NOT NULL
        ) STRICT
        """;

    /// <summary>Makes the tables of an empty file; checks those of another.</summary>
    /// <exception cref="NoosException">The file is of a newer version or another program.</exception>
    public static void Prepare(SqliteConnection connection, string path, string tokenizer)
    {
        if (Number(connection, "PRAGMA application_id") != ApplicationId)
        {
            if (Number(connection, "SELECT count(*) FROM sqlite_master") > 0)
            {
                throw new NoosException(
                    ErrorKind.Refused, $"'{path}' is a database of another program; move it away, or set NOOS_HOME to another folder.");
            }

            using var transaction = connection.BeginTransaction();
            connection.Execute(Tables.Replace("TOKENIZER", tokenizer, StringComparison.Ordinal));
            connection.Execute(string.Create(
                CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}"));
            transaction.Commit();
        }

        Check(connection, path);
        connection.Execute(CapturesTable);
    }

    /// <summary>Whether a file knows where its documents were fetched.</summary>
    public static bool HasCaptures(SqliteConnection connection) =>
        Number(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'captures'") > 0;

    /// <summary>Checks that a file is an index that this version reads.</summary>
    public static void Check(SqliteConnection connection, string path)
    {
        if (Number(connection, "PRAGMA application_id") != ApplicationId)
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' is not an index; move it away and add its files again.");
        }

        if (Number(connection, "PRAGMA user_version") is var version && version > Version)
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"The index '{path}' was written by a newer Noos (version {version} of its tables, {Version} here); update this one.");
        }
    }

    static long Number(SqliteConnection connection, string sql) =>
        Convert.ToInt64(connection.Scalar(sql), CultureInfo.InvariantCulture);
}
