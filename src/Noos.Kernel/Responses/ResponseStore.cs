using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using static Noos.Kernel.Journaling.JournalTables;

namespace Noos.Kernel.Responses;

/// <summary>
/// Responses that can be asked for and continued by their ids, in a table of the journal's file, on the disk before they are told of: they
/// survive a kill. Without a home they are in memory. A response that is deleted, too old or one too many is not found any more; its
/// messages stay for as long as a response that continues it does. Nothing is opened before the first call. Thread-safe.
/// </summary>
/// <param name="home">The folder of the journal; null keeps them only as long as this object.</param>
/// <param name="limits">How many are kept, and how long.</param>
/// <param name="timeProvider">The clock of their ages.</param>
public sealed class ResponseStore(string? home, ResponseLimits? limits = null, TimeProvider? timeProvider = null) : IDisposable
{
    // Of a row and its places in the indexes.
    const int RowBytes = 512;

    readonly ResponseLimits _limits = limits ?? new ResponseLimits();
    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly JournalTables? _tables = home is null ? null : new JournalTables(home, timeProvider ?? TimeProvider.System);
    readonly Lock _memoryLock = new();
    SqliteConnection? _memory;

    long Now => _timeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>What is older is not there any more.</summary>
    long Since => _limits.MaxAge > TimeSpan.Zero ? Now - (long)_limits.MaxAge.TotalMilliseconds : long.MinValue;

    /// <summary>Keeps a response, and lets go of what is too old or too much.</summary>
    /// <exception cref="NoosException">It cannot be written; nothing was.</exception>
    public void Add(StoredResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (_limits.MaxBytes <= 0 || _limits.MaxCount <= 0)
        {
            return;
        }

        Write(connection =>
        {
            // It may have gone while the answer was written; then all messages are this one's.
            var isThere = response.Previous is { } previous && Query(
                connection, "SELECT 1 FROM responses WHERE id = $id AND owner = $owner", _ => 0, ("$id", previous),
                ("$owner", response.Owner)).Count > 0;
            var shared = isThere ? response.SharedMessages : 0;
            Message[] own = [.. response.Messages.Skip(shared)];
            var messages = JsonSerializer.Serialize(own, StoredJson.Context.MessageArray);
            var bytes = RowBytes + Encoding.UTF8.GetByteCount(messages) + Encoding.UTF8.GetByteCount(response.Body)
                + Encoding.UTF8.GetByteCount(response.Input);
            Execute(
                connection,
                """
                INSERT INTO responses (id, owner, previous, shared, messages, body, input, bytes, created)
                VALUES ($id, $owner, $previous, $shared, $messages, $body, $input, $bytes, $now)
                """,
                ("$id", response.Id), ("$owner", response.Owner), ("$previous", isThere ? response.Previous : null), ("$shared", shared),
                ("$messages", messages), ("$body", response.Body), ("$input", response.Input), ("$bytes", bytes), ("$now", Now));
            MakeRoom(connection, response.Owner);
            return 0;
        });
    }

    /// <summary>The body and the input of a response; null where its owner has none of this id.</summary>
    public (string Body, string Input)? Find(string owner, string id) => Read(
        connection => Query(
            connection, "SELECT body, input FROM responses WHERE id = $id AND owner = $owner AND body IS NOT NULL AND created >= $since",
            row => ((string, string)?)(row.GetString(0), row.GetString(1)), ("$id", id), ("$owner", owner), ("$since", Since))
            .FirstOrDefault(),
        () => null);

    /// <summary>The conversation until the end of a response; null where its owner has none of this id.</summary>
    public IReadOnlyList<Message>? FindMessages(string owner, string id) => Read(
        connection =>
        {
            // From the beginning of the conversation to the response: each has some of the messages before it, and its own.
            var turns = Query(
                connection,
                """
                WITH RECURSIVE turns(previous, shared, messages, depth) AS (
                    SELECT previous, shared, messages, 0 FROM responses
                    WHERE id = $id AND owner = $owner AND body IS NOT NULL AND created >= $since
                    UNION ALL
                    SELECT one.previous, one.shared, one.messages, depth + 1 FROM responses AS one JOIN turns ON one.id = turns.previous)
                SELECT shared, messages FROM turns ORDER BY depth DESC
                """,
                row => (Shared: row.GetInt32(0), Messages: row.GetString(1)), ("$id", id), ("$owner", owner), ("$since", Since));
            if (turns.Count == 0)
            {
                return null;
            }

            var all = new List<Message>();
            foreach (var turn in turns)
            {
                all.RemoveRange(turn.Shared, all.Count - turn.Shared);
                all.AddRange(JsonSerializer.Deserialize(turn.Messages, StoredJson.Context.MessageArray)!);
            }

            return (IReadOnlyList<Message>)all;
        },
        () => null);

    /// <summary>Deletes a response; false where its owner has none of this id.</summary>
    /// <exception cref="NoosException">It cannot be written; nothing was.</exception>
    public bool Remove(string owner, string id)
    {
        if (Find(owner, id) is null)
        {
            return false;
        }

        Write(connection =>
        {
            Drop(connection, id);
            return 0;
        });
        return true;
    }

    public void Dispose() => _memory?.Dispose();

    void MakeRoom(SqliteConnection connection, string owner)
    {
        // Those of all owners: who never comes back has nothing here for ever.
        foreach (var old in Query(
            connection, "SELECT id FROM responses WHERE created < $since AND body IS NOT NULL", row => row.GetString(0), ("$since", Since)))
        {
            Drop(connection, old);
        }

        while (IsOver(connection, owner) && Query(
            connection, "SELECT id FROM responses WHERE owner = $owner AND body IS NOT NULL ORDER BY created, rowid LIMIT 1",
            row => row.GetString(0), ("$owner", owner)) is [var oldest])
        {
            Drop(connection, oldest);
        }
    }

    bool IsOver(SqliteConnection connection, string owner)
    {
        var (count, bytes) = Query(
            connection,
            """
            SELECT (SELECT count(*) FROM responses WHERE owner = $owner AND body IS NOT NULL),
                (SELECT total(bytes) FROM responses WHERE owner = $owner)
            """,
            row => (row.GetInt64(0), (long)row.GetDouble(1)), ("$owner", owner))[0];
        return count > _limits.MaxCount || bytes > _limits.MaxBytes;
    }

    /// <summary>The response is not there any more; nor are messages that nothing continues.</summary>
    static void Drop(SqliteConnection connection, string id)
    {
        Execute(
            connection,
            "UPDATE responses SET body = NULL, input = NULL, bytes = $row + length(CAST(messages AS BLOB)) WHERE id = $id",
            ("$row", RowBytes), ("$id", id));
        for (var next = id; next is not null;)
        {
            // Up the conversation, to the first that is still there, or that another one continues.
            var previous = Query(
                connection,
                """
                DELETE FROM responses WHERE id = $id AND body IS NULL AND NOT EXISTS (SELECT 1 FROM responses WHERE previous = $id)
                RETURNING previous
                """,
                row => row.IsDBNull(0) ? null : row.GetString(0), ("$id", next));
            next = previous.FirstOrDefault();
        }
    }

    T Read<T>(Func<SqliteConnection, T> read, Func<T> none) => _tables is null ? InMemory(read) : _tables.Read(read, none);

    T Write<T>(Func<SqliteConnection, T> write) => _tables is null ? InMemory(write) : _tables.Write(write);

    /// <summary>The same tables and statements, in a database of this object that is on no disk.</summary>
    T InMemory<T>(Func<SqliteConnection, T> run)
    {
        lock (_memoryLock)
        {
            if (_memory is null)
            {
                _memory = new SqliteConnection("Data Source=:memory:;Pooling=False");
                _memory.Open();
                JournalSchema.Migrate(_memory, ":memory:");
            }

            using var transaction = _memory.BeginTransaction();
            var result = run(_memory);
            transaction.Commit();
            return result;
        }
    }
}
