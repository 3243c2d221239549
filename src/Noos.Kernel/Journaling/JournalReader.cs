using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Journaling;

/// <summary>
/// Reads a journal, also one that another program writes at the moment: it sees what is on the disk. Thread-safe; each call has a
/// connection of its own.
/// </summary>
public sealed class JournalReader : IDisposable
{
    readonly string _path;
    readonly string _connection;

    JournalReader(string path)
    {
        _path = path;
        _connection = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly }.ToString();
    }

    /// <param name="path">The file.</param>
    /// <exception cref="NoosException">There is none (NotFound).</exception>
    public static JournalReader Open(string path) => File.Exists(path)
        ? new JournalReader(path)
        : throw new NoosException(ErrorKind.NotFound, $"There is no journal '{path}' yet; 'noos up' or 'noos chat' begins one.");

    /// <summary>The processes, those that changed last first.</summary>
    /// <param name="isAlive">Only those that are not done, failed or killed.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<ProcessRecord> Processes(bool isAlive = false, int limit = int.MaxValue) => Query(
        $"SELECT * FROM processes {(isAlive ? "WHERE state NOT IN ('Done', 'Failed', 'Killed')" : "")} ORDER BY changed DESC, id DESC "
        + $"LIMIT $limit",
        ReadProcess, ("$limit", limit));

    /// <summary>One process; null if there is none.</summary>
    public ProcessRecord? Find(long process) =>
        Query("SELECT * FROM processes WHERE id = $id", ReadProcess, ("$id", process)) is [var found] ? found : null;

    /// <summary>Events of a process in their order.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="after">Only those behind this event; 0 for all.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<JournalEntry> Events(long process, long after = 0, int limit = int.MaxValue) => Query(
        "SELECT id, process, time, kind, data FROM events WHERE process = $process AND id > $after ORDER BY id LIMIT $limit",
        ReadEntry, ("$process", process), ("$after", after), ("$limit", limit));

    /// <summary>The same without what was written piece by piece: all that a conversation is made of.</summary>
    public IReadOnlyList<JournalEntry> Turns(long process) => Query(
        "SELECT id, process, time, kind, data FROM events WHERE process = $process AND kind <> 'wrote' ORDER BY id",
        ReadEntry, ("$process", process));

    /// <summary>The id of the last event of a process; 0 for none.</summary>
    public long LastEvent(long process) => Query(
        "SELECT coalesce(max(id), 0) FROM events WHERE process = $process", row => row.GetInt64(0), ("$process", process))[0];

    /// <summary>Searches in what was said, answered and returned.</summary>
    /// <param name="words">
    /// All must occur, in any form ("runs" finds "running"); quotation marks and operators are plain characters.
    /// </param>
    /// <param name="process">Only in this process; null for all.</param>
    /// <param name="limit">At most so many, the best first (BM25).</param>
    public IReadOnlyList<JournalPassage> Search(string words, long? process = null, int limit = 20)
    {
        ArgumentNullException.ThrowIfNull(words);
        var terms = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        var query = string.Join(' ', terms);
        return query.Length == 0 ? [] : Query(
            """
            SELECT process, event, snippet(passages, 0, '', '', '...', 32) FROM passages
            WHERE passages MATCH $words AND ($process IS NULL OR process = $process) ORDER BY rank LIMIT $limit
            """,
            row => new JournalPassage(row.GetInt64(0), row.GetInt64(1), row.GetString(2)),
            ("$words", query), ("$process", process), ("$limit", limit));
    }

    /// <summary>Looks the whole file through.</summary>
    /// <returns>What is wrong, a sentence each; nothing if all is well.</returns>
    public IReadOnlyList<string> Check()
    {
        var faults = Query("PRAGMA integrity_check", row => row.GetString(0)).Where(line => line != "ok").ToList();
        faults.AddRange(Query("PRAGMA foreign_key_check", row => $"A row of '{row.GetString(0)}' names a process that is not there."));
        faults.AddRange(Query(
            "SELECT id FROM processes WHERE NOT EXISTS (SELECT 1 FROM events WHERE process = processes.id AND kind = 'spawned')",
            row => string.Create(CultureInfo.InvariantCulture, $"Process {row.GetInt64(0)} has no beginning.")));
        faults.AddRange(Query("SELECT id, kind, data FROM events", row =>
        {
            try
            {
                JournalEvent.Parse(row.GetString(1), row.GetString(2));
                return "";
            }
            catch (NoosException e)
            {
                return string.Create(CultureInfo.InvariantCulture, $"Event {row.GetInt64(0)}: {e.Message}");
            }
        }).Where(fault => fault.Length > 0));
        return faults;
    }

    public void Dispose() => SqliteConnection.ClearPool(new SqliteConnection(_connection));

    [SuppressMessage("Security", "CA2100", Justification = "The statements are constants; what varies are parameters.")]
    List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        try
        {
            using var connection = new SqliteConnection(_connection);
            connection.Open();
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
        catch (SqliteException e)
        {
            throw JournalErrors.From(e, _path);
        }
    }

    static JournalEntry ReadEntry(SqliteDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
        JournalEvent.Parse(row.GetString(3), row.GetString(4)));

    static ProcessRecord ReadProcess(SqliteDataReader row)
    {
        long Number(string name) => row.GetInt64(row.GetOrdinal(name));
        string? Text(string name) => row.IsDBNull(row.GetOrdinal(name)) ? null : row.GetString(row.GetOrdinal(name));
        return new ProcessRecord(Number("id"), row.IsDBNull(row.GetOrdinal("parent")) ? null : Number("parent"), Text("owner")!,
            Enum.Parse<ProcessKind>(Text("kind")!))
        {
            Title = Text("title"),
            Program = JsonSerializer.Deserialize(Text("program")!, JournalEventJsonContext.Default.ProcessProgram)!,
            State = Enum.Parse<ProcessState>(Text("state")!),
            Priority = (ProcessPriority)Number("priority"),
            Usage = new ProcessUsage(Number("tokens_in"), Number("tokens_out"), Number("calls"), Number("milliseconds")),
            Created = DateTimeOffset.FromUnixTimeMilliseconds(Number("created")),
            Changed = DateTimeOffset.FromUnixTimeMilliseconds(Number("changed")),
        };
    }
}

/// <summary>An event on the disk.</summary>
/// <param name="Id">Greater than that of every event before, of all processes.</param>
/// <param name="Process">Whose.</param>
/// <param name="Time">When it was written; the order is that of the ids.</param>
/// <param name="Event">What happened.</param>
public sealed record JournalEntry(long Id, long Process, DateTimeOffset Time, JournalEvent Event);

/// <summary>A place that a search has found.</summary>
public sealed record JournalPassage(long Process, long Event, string Snippet);
