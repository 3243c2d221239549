using System.Globalization;
using Microsoft.Data.Sqlite;
using Noos.Core;

namespace Noos.Kernel.Journaling;

/// <summary>
/// The tables of the journal and how older files become them. The version stands in SQLite's <c>user_version</c>; before a file is changed
/// a
/// copy of it is made, and a file of a newer version is left alone.
/// </summary>
static class JournalSchema
{
    // Step n makes version n + 1 of version n. Steps are never changed once released; a new one is added.
    static readonly string[] s_steps =
    [
        """
        CREATE TABLE processes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            parent INTEGER REFERENCES processes(id),
            owner TEXT NOT NULL,
            kind TEXT NOT NULL,
            title TEXT,
            program TEXT NOT NULL,
            state TEXT NOT NULL,
            priority INTEGER NOT NULL,
            tokens_in INTEGER NOT NULL DEFAULT 0,
            tokens_out INTEGER NOT NULL DEFAULT 0,
            calls INTEGER NOT NULL DEFAULT 0,
            milliseconds INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL,
            changed INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX processes_by_state ON processes(state, changed DESC);
        CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            process INTEGER NOT NULL REFERENCES processes(id),
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            data TEXT NOT NULL
        ) STRICT;
        CREATE INDEX events_by_process ON events(process, kind, id);
        CREATE VIRTUAL TABLE passages USING fts5(text, process UNINDEXED, event UNINDEXED, tokenize = 'porter unicode61');
        """,
        // A permission outlives the process in which it was decided, but not the conversation that it is for.
        """
        CREATE TABLE permissions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            owner TEXT NOT NULL,
            process INTEGER REFERENCES processes(id) ON DELETE CASCADE,
            decided_in INTEGER REFERENCES processes(id) ON DELETE SET NULL,
            capability TEXT NOT NULL,
            kind TEXT NOT NULL,
            target TEXT,
            digest TEXT,
            is_granted INTEGER NOT NULL,
            sentence TEXT NOT NULL,
            created INTEGER NOT NULL,
            revoked INTEGER
        ) STRICT;
        CREATE INDEX permissions_by_process ON permissions(process);
        CREATE INDEX permissions_by_decision ON permissions(decided_in);
        """,
        // Timers are processes with events of their own, which an older Noos cannot read.
        """
        CREATE INDEX timers ON processes(id) WHERE kind = 'Timer';
        """,
        // The family of a process is asked for whenever it is loaded.
        """
        CREATE INDEX processes_by_parent ON processes(parent) WHERE parent IS NOT NULL;
        """,
        // Facts belong to an owner, not to the process that wrote them: they stay when it is forgotten.
        """
        CREATE TABLE facts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            owner TEXT NOT NULL,
            text TEXT NOT NULL,
            state TEXT NOT NULL,
            labels TEXT NOT NULL,
            origin TEXT,
            source TEXT NOT NULL,
            created INTEGER NOT NULL,
            changed INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX facts_by_owner ON facts(owner, state, changed DESC);
        CREATE TABLE fact_changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            fact INTEGER NOT NULL REFERENCES facts(id) ON DELETE CASCADE,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            source TEXT NOT NULL,
            before TEXT,
            after TEXT NOT NULL
        ) STRICT;
        CREATE INDEX fact_changes_by_fact ON fact_changes(fact);
        CREATE VIRTUAL TABLE fact_words USING fts5(text, tokenize = 'porter unicode61');
        """,
        // Branches and feedback are events that an older Noos cannot read; feedback is collected from all processes.
        """
        CREATE INDEX feedback ON events(id) WHERE kind = 'feedback';
        """,
        // People. Their names are the owners of processes, facts and permissions. Of sessions and keys only digests are kept; what an
        // owner has used is counted by days, because processes can be forgotten.
        """
        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE COLLATE NOCASE,
            role TEXT NOT NULL,
            password TEXT,
            limits TEXT NOT NULL,
            created INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX accounts_owner ON accounts(role) WHERE role = 'Owner';
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
            digest BLOB NOT NULL UNIQUE,
            agent TEXT,
            created INTEGER NOT NULL,
            used INTEGER NOT NULL,
            expires INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sessions_by_account ON sessions(account);
        CREATE TABLE keys (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            prefix TEXT NOT NULL,
            digest BLOB NOT NULL UNIQUE,
            created INTEGER NOT NULL,
            used INTEGER,
            revoked INTEGER
        ) STRICT;
        CREATE INDEX keys_by_account ON keys(account);
        CREATE TABLE usage (
            owner TEXT NOT NULL,
            day INTEGER NOT NULL,
            tokens_in INTEGER NOT NULL,
            tokens_out INTEGER NOT NULL,
            calls INTEGER NOT NULL,
            PRIMARY KEY (owner, day)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX processes_by_owner ON processes(owner, changed DESC);
        """,
        // An answer that is continued, and a question that is changed while it waits, are events that an older Noos cannot read.
        """
        SELECT 1;
        """,
        // Responses that clients continue by their ids. A row without a body is one that is not there any more, of which another one needs
        // the messages: each has only those that the one before it has not.
        """
        CREATE TABLE responses (
            id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            previous TEXT REFERENCES responses(id),
            shared INTEGER NOT NULL,
            messages TEXT NOT NULL,
            body TEXT,
            input TEXT,
            bytes INTEGER NOT NULL,
            created INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX responses_by_owner ON responses(owner, bytes);
        CREATE INDEX responses_of_owner ON responses(owner, created) WHERE body IS NOT NULL;
        CREATE INDEX responses_by_age ON responses(created) WHERE body IS NOT NULL;
        CREATE INDEX responses_by_previous ON responses(previous) WHERE previous IS NOT NULL;
        """,
        // Code of an answer that a person ran is an event that an older Noos cannot read.
        """
        SELECT 1;
        """,
    ];

    public static int Version => s_steps.Length;

    public static NoosException Newer(string path, int version) => new(
        ErrorKind.Refused,
        $"The journal '{path}' was written by a newer Noos (version {version} of its tables, {Version} here); update this one.");

    /// <summary>Brings an open file up to date.</summary>
    /// <param name="connection">To the file, writable.</param>
    /// <param name="path">The file, for its copy and for messages.</param>
    /// <exception cref="NoosException">The file is of a newer version, or no journal.</exception>
    public static void Migrate(SqliteConnection connection, string path)
    {
        var version = Convert.ToInt32(connection.Scalar("PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (version > Version)
        {
            throw Newer(path, version);
        }

        if (version == Version)
        {
            return;
        }

        if (version == 0 && Convert.ToInt64(connection.Scalar("SELECT count(*) FROM sqlite_master"), CultureInfo.InvariantCulture) > 0)
        {
            throw new NoosException(
                ErrorKind.Refused, $"'{path}' is a database of another program; move it away, or set NOOS_HOME to another folder.");
        }

        if (version > 0)
        {
            Copy(connection, $"{path}.v{version.ToString(CultureInfo.InvariantCulture)}.bak");
        }

        using var transaction = connection.BeginTransaction();
        for (; version < Version; version++)
        {
            connection.Execute(s_steps[version]);
        }

        connection.Execute($"PRAGMA user_version = {Version.ToString(CultureInfo.InvariantCulture)}");
        transaction.Commit();
    }

    static void Copy(SqliteConnection connection, string path)
    {
        File.Delete(path);
        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $path";
        command.Parameters.AddWithValue("$path", path);
        command.ExecuteNonQuery();
    }
}
