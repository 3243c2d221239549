using Microsoft.Data.Sqlite;
using Noos.Core.Storage;
using Noos.Corpus.Crawling.Scheduling;
using Noos.Corpus.Index;

namespace Noos.Corpus.Crawling.Partitions;

/// <summary>
/// The gate of all processes of a crawl, one SQLite file: an IP address has hosts in many partitions, and a robots.txt may lead into
/// another one. What a process had when it died is free after the pause. A power cut may forget pauses, which are over then. Thread-safe.
/// </summary>
sealed class SharedGate : IRequestGate, IDisposable
{
    const string FileName = "gate.db";
    const long MinStep = 20;

    // Names that were left long ago are dropped now and then.
    const int LeavesPerCleaning = 10_000;
    const long IdleTime = 600_000;

    static readonly SqliteErrors s_errors = new("gate of the crawl", "delete it and go on");

    readonly string _path;
    readonly SqliteConnection _connection;
    readonly CrawlMembers _members;
    readonly CrawlClock _clock;
    readonly Lock _lock = new();
    int _leaves;

    public SharedGate(string root, CrawlMembers members, CrawlClock clock)
    {
        (_members, _clock) = (members, clock);
        _path = Path.Combine(root, FileName);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false }.ToString());
        Use<object?>(connection =>
        {
            connection.Open();
            connection.Execute("PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
            connection.Execute(
                "CREATE TABLE IF NOT EXISTS gate(name TEXT PRIMARY KEY, owner TEXT, next INTEGER NOT NULL) STRICT, WITHOUT ROWID");
            return null;
        });
    }

    public bool TryEnter(string name, TimeSpan delay, out long freeAt)
    {
        var step = Math.Max(MinStep, (long)delay.TotalMilliseconds);
        var (isFree, next) = Use(connection =>
        {
            // Written at once: two that read first would both find it free.
            using var transaction = connection.BeginTransaction(deferred: false);
            var (owner, next) = Read(connection, name);
            var now = _clock.Now;
            var isDead = owner is not null && owner != _members.Name && !_members.IsAlive(owner);
            if (isDead)
            {
                // What it was about to send nobody knows.
                next = _clock.After(delay);
                Write(connection, name, null, next);
            }

            var isFree = owner is null && next <= now;
            if (isFree)
            {
                Write(connection, name, _members.Name, 0);
            }

            transaction.Commit();
            return (isFree, Math.Max(now, next));
        });
        freeAt = isFree ? next : next + step;
        return isFree;
    }

    public void Leave(string name, TimeSpan delay) => Use<object?>(connection =>
    {
        Write(connection, name, null, delay > TimeSpan.Zero ? _clock.After(delay) : 0);
        if (++_leaves % LeavesPerCleaning == 0)
        {
            connection.Execute("DELETE FROM gate WHERE owner IS NULL AND next < $old", ("$old", _clock.Now - IdleTime));
        }

        return null;
    });

    public void Dispose() => _connection.Dispose();

    static (string? Owner, long Next) Read(SqliteConnection connection, string name)
    {
        using var command = connection.Prepare("SELECT owner, next FROM gate WHERE name = $name", ("$name", name));
        using var row = command.ExecuteReader();
        return row.Read() ? (row.IsDBNull(0) ? null : row.GetString(0), row.GetInt64(1)) : (null, 0);
    }

    static void Write(SqliteConnection connection, string name, string? owner, long next) => connection.Execute(
        "INSERT OR REPLACE INTO gate(name, owner, next) VALUES ($name, $owner, $next)",
        ("$name", name), ("$owner", owner), ("$next", next));

    T Use<T>(Func<SqliteConnection, T> use)
    {
        lock (_lock)
        {
            try
            {
                return use(_connection);
            }
            catch (SqliteException e)
            {
                throw s_errors.From(e.SqliteErrorCode, e, _path);
            }
        }
    }
}
