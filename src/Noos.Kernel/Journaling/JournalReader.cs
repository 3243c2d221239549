using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;

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
    /// <param name="ofAnyVersion">Its tables may be those of an older or newer version: for looking whether the file is whole.</param>
    /// <exception cref="NoosException">There is none (NotFound), or it is of another version (Refused).</exception>
    public static JournalReader Open(string path, bool ofAnyVersion = false)
    {
        if (!File.Exists(path))
        {
            throw new NoosException(ErrorKind.NotFound, $"There is no journal '{path}' yet; 'noos up' or 'noos chat' begins one.");
        }

        var reader = new JournalReader(path);
        if (!ofAnyVersion)
        {
            reader.RequireVersion();
        }

        return reader;
    }

    void RequireVersion()
    {
        var version = Query("PRAGMA user_version", row => row.GetInt32(0))[0];
        if (version > JournalSchema.Version)
        {
            throw JournalSchema.Newer(_path, version);
        }

        if (version < JournalSchema.Version)
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"The journal '{_path}' was written by an older Noos (version {version} of its tables, {JournalSchema.Version} here); "
                + "start 'noos up' or 'noos chat' once, which keeps a copy and brings it up to date.");
        }
    }

    /// <summary>The processes, those that changed last first.</summary>
    /// <param name="isAlive">Only those that are not done, failed or killed.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<ProcessRecord> Processes(bool isAlive = false, int limit = int.MaxValue) =>
        Processes(new ProcessFilter { IncludesEnded = !isAlive, Limit = limit });

    /// <summary>The processes that a filter lets through, those that changed last first.</summary>
    public IReadOnlyList<ProcessRecord> Processes(ProcessFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Query(
            """
            SELECT * FROM processes
            WHERE ($all OR state NOT IN ('Done', 'Failed', 'Killed')) AND ($kind IS NULL OR kind = $kind)
                AND ($owner IS NULL OR owner = $owner) AND ($parent IS NULL OR parent = $parent)
                AND ($name IS NULL OR program ->> '$.name' = $name) AND ($id IS NULL OR (changed, id) < ($changed, $id))
            ORDER BY changed DESC, id DESC LIMIT $limit
            """,
            ReadProcess, ("$all", filter.IncludesEnded), ("$kind", filter.Kind?.ToString()), ("$owner", filter.Owner),
            ("$parent", filter.Parent), ("$name", filter.Program), ("$id", filter.After?.Id),
            ("$changed", filter.After?.Changed.ToUnixTimeMilliseconds()), ("$limit", filter.Limit));
    }

    /// <summary>Processes with an answer that is due or under way.</summary>
    public IReadOnlyList<ProcessRecord> DueProcesses() => Query(
        "SELECT * FROM processes WHERE state IN ('Ready', 'Running', 'WaitingForCall') ORDER BY id", ReadProcess);

    /// <summary>What all below a process have spent, and how many of them are alive.</summary>
    public ProcessFamily Family(long process) => Query(
        """
        WITH RECURSIVE family(id) AS (
            SELECT id FROM processes WHERE parent = $process
            UNION ALL SELECT child.id FROM processes child JOIN family ON child.parent = family.id)
        SELECT coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0), coalesce(sum(calls), 0), coalesce(sum(milliseconds), 0),
            coalesce(sum(state NOT IN ('Done', 'Failed', 'Killed')), 0)
        FROM processes JOIN family USING (id)
        """,
        row => new ProcessFamily(
            new ProcessUsage(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), row.GetInt32(4)),
        ("$process", process))[0];

    /// <summary>One process; null if there is none.</summary>
    public ProcessRecord? Find(long process) =>
        Query("SELECT * FROM processes WHERE id = $id", ReadProcess, ("$id", process)) is [var found] ? found : null;

    /// <summary>Events of a process in their order.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="after">Only those behind this event; 0 for all.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<JournalEntry> Events(long process, long after = 0, int limit = int.MaxValue) => Query(
        // The ids alone are in the index: of a long process only the rows of the page are read. The plus keeps SQLite from walking the
        // whole table in the order of its ids instead (https://sqlite.org/optoverview.html#disqualifying_where_clause_terms).
        """
        SELECT id, process, time, kind, data FROM events WHERE id IN (
            SELECT id FROM events WHERE process = $process AND +id > $after ORDER BY id LIMIT $limit)
        ORDER BY id
        """,
        ReadEntry, ("$process", process), ("$after", after), ("$limit", limit));

    /// <summary>The last events of a process, in their order.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="count">At most so many.</param>
    public IReadOnlyList<JournalEntry> LastEvents(long process, int count) => Query(
        """
        SELECT id, process, time, kind, data FROM events WHERE id IN (
            SELECT id FROM events WHERE process = $process ORDER BY +id DESC LIMIT $count)
        ORDER BY id
        """,
        ReadEntry, ("$process", process), ("$count", count));

    /// <summary>The same without what was written piece by piece: all that a conversation is made of.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="until">The last event.</param>
    public IReadOnlyList<JournalEntry> Turns(long process, long until = long.MaxValue) => Query(
        """
        SELECT id, process, time, kind, data FROM events WHERE id IN (
            SELECT id FROM events WHERE process = $process AND kind <> 'wrote' AND +id <= $until)
        ORDER BY id
        """,
        ReadEntry, ("$process", process), ("$until", until));

    /// <summary>
    /// What a run has written that was under way when the system stopped, and which other model took it over; nothing where none was.
    /// </summary>
    /// <param name="process">Its id.</param>
    public IReadOnlyList<JournalEvent> OpenRun(long process) => Query(
        """
        SELECT kind, data FROM events WHERE process = $process AND kind IN ('wrote', 'failover') AND id > (
            SELECT coalesce(max(id), 0) FROM events WHERE process = $process AND kind IN ('run', 'ran', 'stopped', 'failed', 'branch'))
        ORDER BY id
        """,
        row => JournalEvent.Parse(row.GetString(0), Utf8Of(row, 1)), ("$process", process));

    /// <summary>
    /// What the events of a process come to, on the branch that it is on, read as fast as can be: of a kind that only its last counts for,
    /// only that.
    /// </summary>
    /// <param name="process">Its id.</param>
    /// <param name="until">The last event.</param>
    public ProcessHistory History(long process, long until = long.MaxValue)
    {
        // Who speaks to a process that another has started is the model there.
        var history = new ProcessHistory(isRoot: Find(process)?.Parent is null);
        var stretches = BranchPath.Find(Branches(process, until), until);
        foreach (var stretch in stretches)
        {
            if (stretch.Begin is { } branched)
            {
                history.Apply(branched);
            }

            Apply(history, process, stretch);
        }

        if (stretches.Count > 1)
        {
            LearnOthers(history, process, until, stretches);
        }

        return history;
    }

    /// <summary>What persons have run beside the answers of a branch, whenever they did, in their order.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="until">The last event of the branch.</param>
    public IReadOnlyList<PersonCalled> PersonCalls(long process, long until = long.MaxValue)
    {
        var calls = Query(
            "SELECT kind, data FROM events WHERE process = $process AND kind = 'tried' ORDER BY id",
            row => (PersonCalled)JournalEvent.Parse(row.GetString(0), Utf8Of(row, 1)), ("$process", process));
        if (calls.Count == 0)
        {
            return calls;
        }

        var stretches = BranchPath.Find(Branches(process, until), until);
        return
        [
            .. calls.Where(call => call.Answer == 0
                || stretches.Any(stretch => call.Answer > stretch.After && call.Answer <= stretch.Until)),
        ];
    }

    void Apply(ProcessHistory history, long process, BranchStretch stretch) => Query(
        """
        SELECT id, kind, data FROM events WHERE id IN (
            SELECT id FROM events
                WHERE process = $process
                AND kind NOT IN ('wrote', 'run', 'state', 'fired', 'skipped', 'clock', 'branch', 'feedback', 'tried')
                AND +id > $after AND +id <= $until
            UNION ALL SELECT max(id) FROM events WHERE process = $process AND kind = 'run' AND id > $after AND id <= $until
            UNION ALL SELECT max(id) FROM events WHERE process = $process AND kind = 'state' AND id > $after AND id <= $until)
        ORDER BY id
        """,
        row =>
        {
            history.Apply(JournalEvent.Parse(row.GetString(1), Utf8Of(row, 2), hasTokens: false), row.GetInt64(0));
            return 0;
        },
        ("$process", process), ("$after", stretch.After), ("$until", stretch.Until));

    /// <summary>What was read on other branches still counts for the gate: files, and whoever was asked, remember it.</summary>
    void LearnOthers(ProcessHistory history, long process, long until, IReadOnlyList<BranchStretch> stretches) => Query(
        """
        SELECT id, kind, data FROM events WHERE id IN (
            SELECT id FROM events WHERE process = $process AND kind IN ('restored', 'said', 'ran', 'call', 'called') AND +id <= $until)
        ORDER BY id
        """,
        row =>
        {
            var id = row.GetInt64(0);
            if (!stretches.Any(stretch => id > stretch.After && id <= stretch.Until))
            {
                history.Learn(JournalEvent.Parse(row.GetString(1), Utf8Of(row, 2), hasTokens: false));
            }

            return 0;
        },
        ("$process", process), ("$until", until));

    List<(long Id, Branched Event)> Branches(long process, long until) => Query(
        "SELECT id, kind, data FROM events WHERE process = $process AND kind = 'branch' AND id <= $until ORDER BY id",
        row => (row.GetInt64(0), (Branched)JournalEvent.Parse(row.GetString(1), Utf8Of(row, 2))),
        ("$process", process), ("$until", until));

    /// <summary>What persons have decided for longer than one call, in the order in which they did, revoked decisions included.</summary>
    /// <param name="owner">Whose; null for all.</param>
    public IReadOnlyList<PermissionRule> Permissions(string? owner = null) => Query(
        """
        SELECT id, owner, process, capability, kind, target, digest, is_granted, sentence, decided_in, created, revoked FROM permissions
        WHERE $owner IS NULL OR owner = $owner ORDER BY id
        """,
        row => new PermissionRule(
            row.GetInt64(0), row.GetString(1), IntegerOf(row, 2), new Capability(row.GetString(3)),
            Enum.Parse<EffectKind>(row.GetString(4)), TextOf(row, 5), TextOf(row, 6), row.GetBoolean(7), row.GetString(8))
        {
            DecidedIn = IntegerOf(row, 9),
            Created = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(10)),
            Revoked = IntegerOf(row, 11) is { } revoked ? DateTimeOffset.FromUnixTimeMilliseconds(revoked) : null,
        },
        ("$owner", owner));

    /// <summary>The questions that wait for a person, the oldest first: of each process that waits, the last if it has no answer.</summary>
    /// <param name="owner">Whose processes; null for all.</param>
    /// <param name="process">Only that of this process; null for all.</param>
    public IReadOnlyList<JournalEntry> Approvals(string? owner = null, long? process = null) => Query(
        """
        SELECT id, process, time, kind, data FROM events WHERE kind = 'asked' AND id IN (
            SELECT (SELECT max(id) FROM events
                WHERE process = processes.id AND kind IN ('asked', 'decided', 'called', 'stopped', 'failed', 'branch'))
            FROM processes
            WHERE state = 'WaitingForPerson' AND ($owner IS NULL OR owner = $owner) AND ($process IS NULL OR id = $process))
        ORDER BY id
        """,
        ReadEntry, ("$owner", owner), ("$process", process));

    /// <summary>What an owner thinks of answers, the last first; of each answer what was said last.</summary>
    public IReadOnlyList<JournalEntry> Feedback(string owner) => Query(
        """
        SELECT id, process, time, kind, data FROM events WHERE kind = 'feedback' AND id IN (
            SELECT max(events.id) FROM events JOIN processes ON processes.id = process
            WHERE events.kind = 'feedback' AND owner = $owner GROUP BY process, data ->> '$.answer')
        ORDER BY id DESC
        """,
        ReadEntry, ("$owner", owner));

    /// <summary>
    /// What came of answers, of all processes in the order in which it happened: runs, calls, judgements; without tokens.
    /// </summary>
    /// <param name="after">Only events behind this one; 0 for all.</param>
    public IReadOnlyList<JournalEntry> Outcomes(long after = 0) => Query(
        """
        SELECT id, process, time, kind, data FROM events
        WHERE id > $after AND kind IN ('run', 'failover', 'ran', 'called', 'stopped', 'failed', 'feedback') ORDER BY id
        """,
        row => new JournalEntry(
            row.GetInt64(0), row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
            JournalEvent.Parse(row.GetString(3), Utf8Of(row, 4), hasTokens: false)),
        ("$after", after));

    /// <summary>The timers, in the order in which they were set.</summary>
    /// <param name="includesEnded">Those that do not run again, too.</param>
    /// <param name="owner">Whose; null for all.</param>
    internal IReadOnlyList<StoredTimer> Timers(bool includesEnded, string? owner) => QueryTimers(includesEnded, owner, id: null);

    /// <summary>One timer; null if there is none.</summary>
    internal StoredTimer? FindTimer(long timer) => QueryTimers(includesEnded: true, owner: null, timer) is [var found] ? found : null;

    /// <summary>The times behind another for which a timer has run, or was skipped.</summary>
    internal IReadOnlySet<DateTimeOffset> TimesOfTimer(long timer, DateTimeOffset after) => Query(
        // Times are written in UTC and in one form, so their texts have their order; to the second, as parts of it are not always there.
        """
        SELECT id, process, time, kind, data FROM events
        WHERE process = $process AND kind IN ('fired', 'skipped') AND substr(data ->> '$.due', 1, 19) >= $after
        """,
        ReadEntry, ("$process", timer), ("$after", after.UtcDateTime.ToString("s", CultureInfo.InvariantCulture)))
        .SelectMany(entry => entry.Event switch
        {
            TimerFired fired => (DateTimeOffset?[])[fired.Due, fired.Since],
            TimerSkipped skipped => [skipped.Due, skipped.Since],
            _ => [],
        })
        .OfType<DateTimeOffset>().ToHashSet();

    List<StoredTimer> QueryTimers(bool includesEnded, string? owner, long? id) => Query(
        """
        SELECT processes.*, timer.id AS set_id, timer.time AS set_time, timer.data AS set_data,
            last.id AS last_id, last.time AS last_time, last.kind AS last_kind, last.data AS last_data,
            fired.id AS fired_id, fired.time AS fired_time, fired.data AS fired_data,
            clock.id AS clock_id, clock.time AS clock_time, clock.data AS clock_data
        FROM processes
        JOIN events timer ON timer.id = (SELECT max(id) FROM events WHERE process = processes.id AND kind = 'timer')
        LEFT JOIN events last ON last.id = (SELECT max(id) FROM events WHERE process = processes.id AND kind IN ('fired', 'skipped'))
        LEFT JOIN events fired ON fired.id = (SELECT max(id) FROM events WHERE process = processes.id AND kind = 'fired')
        LEFT JOIN events clock ON clock.id = (SELECT max(id) FROM events WHERE process = processes.id AND kind = 'clock')
        WHERE processes.kind = 'Timer' AND ($all OR processes.state = 'Sleeping') AND ($owner IS NULL OR processes.owner = $owner)
            AND ($id IS NULL OR processes.id = $id)
        ORDER BY processes.id
        """,
        row =>
        {
            var process = ReadProcess(row);
            return new StoredTimer(
                process, (TimerSet)ReadNamed(row, process.Id, "set", "timer")!.Event, ReadNamed(row, process.Id, "last", kind: null),
                ReadNamed(row, process.Id, "fired", "fired"), ReadNamed(row, process.Id, "clock", "clock"));
        },
        ("$all", includesEnded), ("$owner", owner), ("$id", id));

    static JournalEntry? ReadNamed(SqliteDataReader row, long process, string name, string? kind)
    {
        int Column(string what) => row.GetOrdinal($"{name}_{what}");
        return row.IsDBNull(Column("id")) ? null : new JournalEntry(
            row.GetInt64(Column("id")), process, DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(Column("time"))),
            JournalEvent.Parse(kind ?? row.GetString(Column("kind")), Utf8Of(row, Column("data"))));
    }

    /// <summary>The id of the last event of a process; 0 for none.</summary>
    public long LastEvent(long process) => Query(
        "SELECT coalesce(max(id), 0) FROM events WHERE process = $process", row => row.GetInt64(0), ("$process", process))[0];

    /// <summary>How much the journal holds: as fast for a large one as for a small one.</summary>
    public JournalExtent Extent() => new(
        ((string[])[_path, _path + "-wal"]).Sum(path => new FileInfo(path) is { Exists: true } file ? file.Length : 0),
        Query("SELECT coalesce(max(id), 0) FROM events", row => row.GetInt64(0))[0]);

    /// <summary>The id of the event with which the branch begins that a process is on; 0 for its first.</summary>
    public long LastBranch(long process) => Query(
        "SELECT coalesce(max(id), 0) FROM events WHERE process = $process AND kind = 'branch'", row => row.GetInt64(0),
        ("$process", process))[0];

    /// <summary>Searches in what was said, answered and returned.</summary>
    /// <param name="words">
    /// All must occur, in any form ("runs" finds "running"); quotation marks and operators are plain characters.
    /// </param>
    /// <param name="process">Only in this process; null for all.</param>
    /// <param name="limit">At most so many, the best first (BM25).</param>
    /// <param name="owner">Only in processes of this owner; null for all.</param>
    public IReadOnlyList<JournalPassage> Search(string words, long? process = null, int limit = 20, string? owner = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        // SQLite reads a query no further than to a zero.
        var terms = words.Replace('\0', ' ').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        var query = string.Join(' ', terms);
        return query.Length == 0 ? [] : Query(
            """
            SELECT process, event, snippet(passages, 0, '', '', '...', 32) FROM passages
            WHERE passages MATCH $words AND ($process IS NULL OR process = $process)
                AND ($owner IS NULL OR (SELECT owner FROM processes WHERE processes.id = process) = $owner)
            ORDER BY rank LIMIT $limit
            """,
            row => new JournalPassage(row.GetInt64(0), row.GetInt64(1), row.GetString(2)),
            ("$words", query), ("$process", process), ("$limit", limit), ("$owner", owner));
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
                JournalEvent.Parse(row.GetString(1), Utf8Of(row, 2));
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

    List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        try
        {
            using var connection = new SqliteConnection(_connection);
            connection.Open();
            return JournalTables.Query(connection, sql, read, parameters);
        }
        catch (SqliteException e)
        {
            throw JournalErrors.From(e, _path);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or JsonException or InvalidCastException)
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"The journal '{_path}' holds what this Noos cannot read; update it, or put a copy of the journal in its place.", e);
        }
    }

    static long? IntegerOf(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    static string? TextOf(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    // Not GetFieldValue<byte[]>: where the row's number is among the columns that opens a blob handle for every row.
    static byte[] Utf8Of(SqliteDataReader row, int column) => Encoding.UTF8.GetBytes(row.GetString(column));

    static JournalEntry ReadEntry(SqliteDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
        JournalEvent.Parse(row.GetString(3), Utf8Of(row, 4)));

    static ProcessRecord ReadProcess(SqliteDataReader row)
    {
        long Number(string name) => row.GetInt64(row.GetOrdinal(name));
        string? Text(string name) => row.IsDBNull(row.GetOrdinal(name)) ? null : row.GetString(row.GetOrdinal(name));
        return new ProcessRecord(Number("id"), row.IsDBNull(row.GetOrdinal("parent")) ? null : Number("parent"), Text("owner")!,
            Enum.Parse<ProcessKind>(Text("kind")!))
        {
            Title = Text("title"),
            Program = JsonSerializer.Deserialize(Text("program")!, StoredJson.Context.ProcessProgram)!,
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
