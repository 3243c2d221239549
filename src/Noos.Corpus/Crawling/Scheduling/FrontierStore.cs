using System.Globalization;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Index;

namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>
/// The frontier on disk: every address that was ever seen, the queues of the hosts, their robots.txt files, and how far the archive is
/// written. One SQLite file; what visits brought is there wholly or not at all, together with their place in the archive, so that a kill at
/// any instant loses nothing that was written and repeats at most what was under way. Memory does not grow with the addresses. Reading and
/// writing may go on at the same time, from one thread each.
/// </summary>
sealed class FrontierStore : IDisposable
{
    public const string FileName = "frontier.db";

    // Grows when older programs could not read the file any more.
    const int Version = 1;

    static readonly SqliteErrors s_errors = new("frontier", "start the crawl anew in another folder");

    // Links of one site repeat from page to page; a fingerprint that was seen lately needs no look at the file.
    readonly long[] _recent = new long[1 << 18];
    readonly Lock _reading = new();
    readonly string _path;
    readonly SqliteConnection _writer;
    readonly SqliteConnection _reader;
    readonly SqliteCommand _insertPage;
    readonly SqliteCommand _updatePage;
    readonly SqliteCommand _nextPage;
    readonly SqliteCommand _findContent;
    readonly HashSet<HostState> _grown = [];
    long _sequence;

    FrontierStore(string path, SqliteConnection writer, SqliteConnection reader)
    {
        (_path, _writer, _reader) = (path, writer, reader);
        _insertPage = Create(writer, """
            INSERT OR IGNORE INTO pages(id, host, path, state, rank, depth, redirects, sitemap)
            VALUES ($id, $host, $path, 0, $rank, $depth, $redirects, $sitemap)
            """, "$id", "$host", "$path", "$rank", "$depth", "$redirects", "$sitemap");
        _updatePage = Create(writer, """
            UPDATE pages SET state = $state, tries = $tries, status = $status, reason = $reason, due = $due,
                rank = CASE WHEN $state = 0 THEN $rank ELSE rank END,
                fetched = coalesce($fetched, fetched), interval = coalesce($interval, interval),
                etag = CASE WHEN $fetched IS NULL THEN etag ELSE $etag END,
                modified = CASE WHEN $fetched IS NULL THEN modified ELSE $modified END,
                digest = CASE WHEN $fetched IS NULL THEN digest ELSE $digest END
            WHERE id = $id
            """, "$id", "$state", "$tries", "$status", "$reason", "$due", "$rank", "$fetched", "$interval", "$etag", "$modified",
            "$digest");
        _nextPage = Create(reader, """
            SELECT id, path, depth, redirects, tries, sitemap, etag, modified, digest, fetched, interval FROM pages
            WHERE host = $host AND state = 0 ORDER BY rank LIMIT $count
            """, "$host", "$count");
        _findContent = Create(reader, "SELECT uri, time FROM contents WHERE digest = $digest", "$digest");
    }

    /// <summary>Opens a frontier, or begins one.</summary>
    /// <exception cref="NoosException">It cannot be written, is damaged, or another program has it.</exception>
    public static FrontierStore Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        SqliteConnection? writer = null;
        SqliteConnection? reader = null;
        try
        {
            Directory.CreateDirectory(folder);
            writer = Connect(path);
            // Whoever else writes here would fetch the same pages.
            writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536");
            CreateTables(writer);
            reader = Connect(path);
            reader.Execute("PRAGMA query_only = ON; PRAGMA cache_size = -16384");
            var store = new FrontierStore(path, writer, reader);
            store._sequence = (long)writer.Scalar("SELECT value FROM numbers WHERE name = 'sequence'")!;
            return store;
        }
        catch (Exception e)
        {
            reader?.Dispose();
            writer?.Dispose();
            throw e switch
            {
                SqliteException error => s_errors.From(error.SqliteErrorCode, error, path),
                IOException or UnauthorizedAccessException => AtomicFile.Failure(path, e),
                _ => e,
            };
        }
    }

    /// <summary>The files of the archive, each with the length up to which it is sure.</summary>
    public List<ArchivePosition> ReadArchive()
    {
        lock (_reading)
        {
            var files = new List<ArchivePosition>();
            using var command = _reader.Prepare("SELECT file, length, finished FROM archive ORDER BY file");
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                files.Add(new ArchivePosition(row.GetString(0), row.GetInt64(1), row.GetInt32(2) != 0));
            }

            return files;
        }
    }

    /// <summary>How far the links of each other partition are read.</summary>
    public long[] ReadCursors(int partitions)
    {
        lock (_reading)
        {
            return [.. Enumerable.Range(0, partitions).Select(partition => _reader.Scalar(
                "SELECT value FROM numbers WHERE name = $name", ("$name", CursorName(partition))) as long? ?? 0)];
        }
    }

    /// <summary>How many addresses are in each state.</summary>
    public Dictionary<PageState, long> Count()
    {
        lock (_reading)
        {
            var counts = new Dictionary<PageState, long>();
            using var command = _reader.Prepare("SELECT state, count(*) FROM pages GROUP BY state");
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                counts[(PageState)row.GetInt32(0)] = row.GetInt64(1);
            }

            return counts;
        }
    }

    /// <summary>Why addresses were not fetched, most frequent first.</summary>
    public List<(string Reason, long Count)> CountReasons()
    {
        lock (_reading)
        {
            var reasons = new List<(string, long)>();
            using var command = _reader.Prepare(
                "SELECT reason, count(*) FROM pages WHERE reason IS NOT NULL AND state IN (2, 3) GROUP BY reason ORDER BY 2 DESC, 1");
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                reasons.Add((row.GetString(0), row.GetInt64(1)));
            }

            return reasons;
        }
    }

    /// <summary>Hosts that have pages to fetch.</summary>
    public List<HostState> LoadHosts() => LoadHosts(
        "SELECT * FROM hosts WHERE EXISTS (SELECT 1 FROM pages WHERE host = hosts.id AND state = 0)");

    /// <summary>The host of an origin; null where it was never heard of.</summary>
    public HostState? FindHost(string origin) =>
        LoadHosts("SELECT * FROM hosts WHERE origin = $origin", ("$origin", origin)) is [var host] ? host : null;

    /// <summary>The robots.txt of a host; null where it was never fetched.</summary>
    public RobotsSnapshot? ReadRobots(long host)
    {
        lock (_reading)
        {
            using var command = _reader.Prepare(
                "SELECT robots_kind, robots, robots_expire FROM hosts WHERE id = $id AND robots_expire > 0", ("$id", host));
            using var row = command.ExecuteReader();
            return row.Read()
                ? new RobotsSnapshot((RobotsKind)row.GetInt32(0), row.IsDBNull(1) ? [] : (byte[])row.GetValue(1), row.GetInt64(2))
                : null;
        }
    }

    /// <summary>The next pages of a host, in their order.</summary>
    public List<PageEntry> Peek(long host, int count)
    {
        lock (_reading)
        {
            _nextPage.Parameters["$host"].Value = host;
            _nextPage.Parameters["$count"].Value = count;
            var pages = new List<PageEntry>();
            using var row = _nextPage.ExecuteReader();
            while (row.Read())
            {
                var known = row.IsDBNull(9)
                    ? null
                    : new PageVersion(Text(row, 6), Text(row, 7), Text(row, 8), row.GetInt64(9), row.IsDBNull(10) ? 0 : row.GetInt64(10));
                pages.Add(new PageEntry(
                    row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(5) != 0, known));
            }

            return pages;
        }
    }

    /// <summary>The capture that has a body; null where none does.</summary>
    public ContentRecord? FindContent(string digest)
    {
        lock (_reading)
        {
            _findContent.Parameters["$digest"].Value = digest;
            using var row = _findContent.ExecuteReader();
            return row.Read() ? new ContentRecord(digest, row.GetString(0), row.GetInt64(1)) : null;
        }
    }

    /// <summary>Writes what visits have brought.</summary>
    /// <param name="outcomes">All that is written together.</param>
    /// <param name="archive">The file of the archive in which their records are, and its length with them.</param>
    /// <param name="host">Gives the state of the host of a link; it sees to its row with <see cref="EnsureRow"/>.</param>
    /// <param name="maxPagesPerHost">Addresses of one host that are remembered.</param>
    /// <param name="grown">Told of every host that has new pages, after they are written.</param>
    /// <param name="cursors">How far the links of each other partition are read with them; null where nothing of that changes.</param>
    /// <returns>How many addresses are new.</returns>
    public int Commit(
        IReadOnlyList<VisitOutcome> outcomes, ArchivePosition? archive, Func<DiscoveredPage, HostState> host, int maxPagesPerHost,
        Action<HostState> grown, IReadOnlyList<long>? cursors = null)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            var added = 0;
            foreach (var outcome in outcomes)
            {
                foreach (var link in outcome.Links)
                {
                    added += Add(link, host, maxPagesPerHost) ? 1 : 0;
                }

                foreach (var page in outcome.Pages)
                {
                    Update(page);
                }

                if (outcome.Content is { } content)
                {
                    _writer.Execute(
                        "INSERT OR IGNORE INTO contents(digest, uri, time) VALUES ($digest, $uri, $time)",
                        ("$digest", content.Digest), ("$uri", content.Uri), ("$time", content.Time));
                }

                if (outcome.Robots is { } robots)
                {
                    _writer.Execute(
                        "UPDATE hosts SET robots_kind = $kind, robots = $content, robots_expire = $expire WHERE id = $id",
                        ("$kind", (int)robots.Kind), ("$content", robots.Content.Length == 0 ? null : robots.Content),
                        ("$expire", robots.ExpireAt), ("$id", outcome.Host.Id));
                }

                if (outcome.HasTdmFile)
                {
                    _writer.Execute(
                        "UPDATE hosts SET tdm = $tdm WHERE id = $id", ("$tdm", outcome.Host.TdmFile), ("$id", outcome.Host.Id));
                }

                foreach (var visited in (ReadOnlySpan<HostState>)[outcome.Host, .. outcome.Others])
                {
                    EnsureRow(visited);
                    _writer.Execute(
                        "UPDATE hosts SET next = $next, failures = $failures, robots_tries = $tries WHERE id = $id",
                        ("$next", visited.NextAt), ("$failures", visited.Failures), ("$tries", visited.RobotsTries), ("$id", visited.Id));
                }
            }

            if (archive is not null)
            {
                _writer.Execute(
                    "INSERT OR REPLACE INTO archive(file, length, finished) VALUES ($file, $length, $finished)",
                    ("$file", archive.File), ("$length", archive.Length), ("$finished", archive.IsFinished ? 1 : 0));
            }

            foreach (var state in _grown)
            {
                _writer.Execute("UPDATE hosts SET pages = $pages WHERE id = $id", ("$pages", state.Pages), ("$id", state.Id));
            }

            for (var partition = 0; partition < cursors?.Count; partition++)
            {
                _writer.Execute(
                    "INSERT OR REPLACE INTO numbers(name, value) VALUES ($name, $value)",
                    ("$name", CursorName(partition)), ("$value", cursors[partition]));
            }

            _writer.Execute("UPDATE numbers SET value = $value WHERE name = 'sequence'", ("$value", _sequence));
            _writer.Execute("COMMIT");
            foreach (var state in _grown)
            {
                grown(state);
            }

            _grown.Clear();
            return added;
        }
        catch (SqliteException e)
        {
            // Whoever gets this ends the crawl; the transaction goes with the connection.
            throw s_errors.From(e.SqliteErrorCode, e, _path);
        }
    }

    /// <summary>Makes a row for a host that has none. For the thread that writes.</summary>
    public void EnsureRow(HostState host)
    {
        if (host.Id == 0)
        {
            _writer.Execute(
                "INSERT OR IGNORE INTO hosts(origin, name) VALUES ($origin, $name)", ("$origin", host.Origin), ("$name", host.Name));
            host.Id = (long)_writer.Scalar("SELECT id FROM hosts WHERE origin = $origin", ("$origin", host.Origin))!;
        }
    }

    /// <summary>Puts pages whose time has come back into the queues.</summary>
    /// <returns>How many.</returns>
    public int QueueDue(long now) =>
        _writer.Execute("UPDATE pages SET state = 0, tries = 0, due = 0 WHERE state = 1 AND due > 0 AND due <= $now", ("$now", now));

    /// <summary>When the next page is due again; null where none is.</summary>
    public long? FindNextDue()
    {
        lock (_reading)
        {
            return _reader.Scalar("SELECT min(due) FROM pages WHERE state = 1 AND due > 0") as long?;
        }
    }

    /// <summary>Moves the log into the file, for a folder that is left alone.</summary>
    public void Checkpoint() => _writer.Execute("PRAGMA wal_checkpoint(TRUNCATE)");

    public void Dispose()
    {
        foreach (var command in (ReadOnlySpan<SqliteCommand>)[_insertPage, _updatePage, _nextPage, _findContent])
        {
            command.Dispose();
        }

        _reader.Dispose();
        _writer.Dispose();
    }

    static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        }.ToString());
        connection.Open();
        connection.Execute("PRAGMA busy_timeout = 5000");
        return connection;
    }

    static void CreateTables(SqliteConnection connection)
    {
        var version = (long)connection.Scalar("PRAGMA user_version")!;
        if (version > Version)
        {
            throw new NoosException(ErrorKind.Refused, "The frontier was written by a newer version of Noos; use that one to go on.");
        }

        if (version == Version)
        {
            return;
        }

        using var transaction = connection.BeginTransaction();
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"""
            CREATE TABLE hosts(
                id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, name TEXT NOT NULL, next INTEGER NOT NULL DEFAULT 0,
                failures INTEGER NOT NULL DEFAULT 0, pages INTEGER NOT NULL DEFAULT 0, robots_kind INTEGER NOT NULL DEFAULT 0, robots BLOB,
                robots_expire INTEGER NOT NULL DEFAULT 0, robots_tries INTEGER NOT NULL DEFAULT 0, tdm BLOB) STRICT;
            CREATE TABLE pages(
                id INTEGER PRIMARY KEY, host INTEGER NOT NULL, path TEXT NOT NULL, state INTEGER NOT NULL, rank INTEGER NOT NULL,
                depth INTEGER NOT NULL, redirects INTEGER NOT NULL, sitemap INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
                status INTEGER NOT NULL DEFAULT 0, reason TEXT, due INTEGER NOT NULL DEFAULT 0, fetched INTEGER, interval INTEGER,
                etag TEXT, modified TEXT, digest TEXT) STRICT;
            CREATE INDEX queue ON pages(host, rank) WHERE state = 0;
            CREATE INDEX revisits ON pages(due) WHERE state = 1 AND due > 0;
            CREATE TABLE contents(digest TEXT PRIMARY KEY, uri TEXT NOT NULL, time INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE archive(file TEXT PRIMARY KEY, length INTEGER NOT NULL, finished INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE numbers(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            INSERT INTO numbers(name, value) VALUES ('sequence', 0);
            PRAGMA user_version = {Version};
            """));
        transaction.Commit();
    }

    static SqliteCommand Create(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.Prepare(sql);
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter(name, DBNull.Value));
        }

        return command;
    }

    static string CursorName(int partition) => string.Create(CultureInfo.InvariantCulture, $"links {partition}");

    static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    List<HostState> LoadHosts(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        lock (_reading)
        {
            var hosts = new List<HostState>();
            using var command = _reader.Prepare(sql, parameters);
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                hosts.Add(new HostState(row.GetInt64(0), row.GetString(1), row.GetString(2))
                {
                    NextAt = row.GetInt64(3),
                    Failures = row.GetInt32(4),
                    Pages = row.GetInt32(5),
                    RobotsExpireAt = row.GetInt64(8),
                    RobotsTries = row.GetInt32(9),
                    TdmFile = row.IsDBNull(10) ? null : (byte[])row.GetValue(10),
                });
            }

            return hosts;
        }
    }

    bool Add(in DiscoveredPage link, Func<DiscoveredPage, HostState> host, int maxPagesPerHost)
    {
        ref var recent = ref _recent[(int)link.Id & (_recent.Length - 1)];
        if (recent == link.Id)
        {
            return false;
        }

        recent = link.Id;
        var state = host(link);
        if (state.Pages >= maxPagesPerHost)
        {
            return false;
        }

        var values = _insertPage.Parameters;
        values["$id"].Value = link.Id;
        values["$host"].Value = state.Id;
        values["$path"].Value = link.PathAndQuery;
        values["$rank"].Value = NextRank(link.Depth);
        values["$depth"].Value = link.Depth;
        values["$redirects"].Value = link.Redirects;
        values["$sitemap"].Value = link.IsSitemap ? 1 : 0;
        if (_insertPage.ExecuteNonQuery() == 0)
        {
            return false;
        }

        state.Pages++;
        _grown.Add(state);
        return true;
    }

    /// <summary>The shallow first, and among them those that were found first.</summary>
    long NextRank(int depth) => ((long)Math.Min(depth, short.MaxValue) << 44) + ++_sequence;

    void Update(PageChange page)
    {
        var values = _updatePage.Parameters;
        values["$id"].Value = page.Id;
        values["$state"].Value = (int)page.State;
        values["$tries"].Value = page.Tries;
        values["$status"].Value = page.Status;
        values["$reason"].Value = (object?)page.Reason ?? DBNull.Value;
        values["$due"].Value = page.DueAt;
        values["$rank"].Value = NextRank(0) + (1L << 60);
        values["$fetched"].Value = (object?)page.Version?.FetchedAt ?? DBNull.Value;
        values["$interval"].Value = (object?)page.Version?.Interval ?? DBNull.Value;
        values["$etag"].Value = (object?)page.Version?.ETag ?? DBNull.Value;
        values["$modified"].Value = (object?)page.Version?.LastModified ?? DBNull.Value;
        values["$digest"].Value = (object?)page.Version?.Digest ?? DBNull.Value;
        _updatePage.ExecuteNonQuery();
    }
}
