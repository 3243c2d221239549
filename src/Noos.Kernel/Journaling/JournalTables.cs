using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Noos.Kernel.Journaling;

/// <summary>
/// Tables of the journal's file that hold no events. Unlike processes they may be written by several programs at once: each change is a
/// transaction of a connection of its own, and SQLite lets one in after the other. Nothing is opened before the first call. Thread-safe.
/// </summary>
/// <param name="home">The folder of the journal.</param>
/// <param name="timeProvider">The clock.</param>
sealed class JournalTables(string home, TimeProvider timeProvider)
{
    readonly string _path = Path.Combine(Path.GetFullPath(home), Journal.FileName);
    readonly Lock _lock = new();
    bool _isReady;

    /// <summary>Nothing is made to read: without a journal there is nothing.</summary>
    public T Read<T>(Func<SqliteConnection, T> read, Func<T> none) => File.Exists(_path) ? Run(read, isWriting: false) : none();

    public T Write<T>(Func<SqliteConnection, T> write) => Run(write, isWriting: true);

    [SuppressMessage("Security", "CA2100", Justification = "The statements are constants; what varies are parameters.")]
    public static List<T> Query<T>(
        SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public static int Execute(SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters) =>
        Query(connection, sql, _ => 0, parameters).Count;

    T Run<T>(Func<SqliteConnection, T> run, bool isWriting)
    {
        try
        {
            MakeReady();
            using var connection = Connect();
            // Immediate: a change that was read for is written before another begins.
            using var transaction = connection.BeginTransaction(deferred: !isWriting);
            var result = run(connection);
            transaction.Commit();
            return result;
        }
        catch (SqliteException e)
        {
            throw JournalErrors.From(e, _path);
        }
    }

    SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false }.ToString());
        connection.Open();
        connection.Execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000");
        return connection;
    }

    /// <summary>The tables are the journal's to make. Where another program holds it, that program has made them.</summary>
    void MakeReady()
    {
        lock (_lock)
        {
            if (_isReady)
            {
                return;
            }

            if (VersionOfFile() != JournalSchema.Version)
            {
                // Synchronously: the thread that writes the journal is its own.
                Journal.Open(home, timeProvider).DisposeAsync().AsTask().GetAwaiter().GetResult();
            }

            _isReady = true;
        }
    }

    int VersionOfFile()
    {
        if (!File.Exists(_path))
        {
            return 0;
        }

        using var connection = Connect();
        return Convert.ToInt32(connection.Scalar("PRAGMA user_version"), CultureInfo.InvariantCulture);
    }
}
