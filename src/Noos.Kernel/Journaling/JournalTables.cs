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
    // Of each kind of question that a request asks; a flood of names must not fill the memory.
    const int MaxRemembered = 1000;

    // Two changes within one tick of the file system's clock look like one.
    static readonly TimeSpan s_settled = TimeSpan.FromMilliseconds(200);

    readonly Lock _lock = new();
    readonly Dictionary<string, object?> _remembered = new(StringComparer.Ordinal);
    (long, long, long) _rememberedOf;
    bool _isReady;

    /// <summary>Nothing is made to read: without a journal there is nothing.</summary>
    public T Read<T>(Func<SqliteConnection, T> read, Func<T> none) => File.Exists(_path) ? Run(read, isWriting: false) : none();

    /// <summary>
    /// The same for what every request asks: while the file does not change, by whichever program, the answer is remembered.
    /// </summary>
    /// <param name="question">What tells this question from all others.</param>
    /// <param name="read">Reads the answer, which nobody changes.</param>
    /// <param name="none">The answer without a journal.</param>
    public T ReadOften<T>(string question, Func<SqliteConnection, T> read, Func<T> none)
    {
        var state = StateOfFile();
        lock (_lock)
        {
            if (state is not null && state == _rememberedOf && _remembered.TryGetValue(question, out var known))
            {
                return (T)known!;
            }
        }

        var answer = Read(read, none);
        lock (_lock)
        {
            if (state is { } before)
            {
                if (before != _rememberedOf || _remembered.Count >= MaxRemembered)
                {
                    _remembered.Clear();
                    _rememberedOf = before;
                }

                _remembered[question] = answer;
            }
        }

        return answer;
    }

    public T Write<T>(Func<SqliteConnection, T> write)
    {
        try
        {
            return Run(write, isWriting: true);
        }
        finally
        {
            lock (_lock)
            {
                _remembered.Clear();
            }
        }
    }

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

    /// <summary>
    /// What every change of the file changes, be it in the file or in the log beside it; null where there is none, or it has changed just
    /// now.
    /// </summary>
    (long Written, long LogWritten, long LogLength)? StateOfFile()
    {
        var (file, log) = (new FileInfo(_path), new FileInfo(_path + "-wal"));
        if (!file.Exists)
        {
            return null;
        }

        var (written, logWritten) = (file.LastWriteTimeUtc, log.Exists ? log.LastWriteTimeUtc : DateTime.MinValue);
        return (written > logWritten ? written : logWritten) + s_settled < timeProvider.GetUtcNow().UtcDateTime
            ? (written.Ticks, logWritten.Ticks, log.Exists ? log.Length : 0)
            : null;
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
