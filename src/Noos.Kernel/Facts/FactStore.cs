using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Kernel.Journaling;
using static Noos.Kernel.Journaling.JournalTables;

namespace Noos.Kernel.Facts;

/// <summary>
/// The facts of a home, in tables of the journal's file. Unlike processes they may be written by several programs at once: each change is a
/// transaction of a connection of its own, and SQLite lets one in after the other. Nothing is opened before the first call.
/// </summary>
/// <param name="home">The folder of the journal.</param>
/// <param name="timeProvider">The clock of the changes.</param>
public sealed partial class FactStore(string home, TimeProvider? timeProvider = null) : IFactStore
{
    /// <summary>Facts of one owner; forgotten ones do not count.</summary>
    public const int MaxFacts = 10_000;

    /// <summary>Facts of one owner in quarantine: a page that floods the memory fills only this.</summary>
    public const int MaxWaiting = 100;

    /// <summary>Labels of a fact, and characters of one.</summary>
    public const int MaxLabels = 8, MaxLabelLength = 32;

    const string Columns = "id, owner, text, state, source, labels, origin, created, changed";
    const int MaxWords = 32;

    readonly JournalTables _tables = new(home, timeProvider ?? TimeProvider.System);
    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;

    public (Fact Fact, bool IsNew) Add(string owner, FactVersion fact, string source)
    {
        ArgumentNullException.ThrowIfNull(fact);
        fact = Checked(fact);
        return _tables.Write(connection =>
        {
            var known = Query(
                connection, $"SELECT {Columns} FROM facts WHERE owner = $owner AND state <> 'Forgotten' AND text = $text COLLATE NOCASE",
                ReadFact, ("$owner", owner), ("$text", fact.Text));
            // What is kept does not wait again.
            if (known.FirstOrDefault(one => one.State == FactState.Kept || fact.State == FactState.Waiting) is { } same)
            {
                return (same, false);
            }

            RequireRoom(connection, owner, fact.State);
            if (known is [var waiting, ..])
            {
                // Said where nothing foreign was read, it needs no further word.
                return (Apply(connection, waiting, fact, FactChangeKind.Accepted, source), true);
            }

            var now = _timeProvider.GetUtcNow().ToUnixTimeMilliseconds();
            var id = Query(
                connection,
                """
                INSERT INTO facts (owner, text, state, labels, origin, source, created, changed)
                VALUES ($owner, $text, $state, $labels, $origin, $source, $now, $now) RETURNING id
                """,
                row => row.GetInt64(0), ("$owner", owner), ("$text", fact.Text), ("$state", fact.State.ToString()),
                ("$labels", string.Join(' ', fact.Labels)), ("$origin", fact.Origin?.ToString()), ("$source", source), ("$now", now))[0];
            Execute(connection, "INSERT INTO fact_words (rowid, text) VALUES ($id, $words)", ("$id", id), ("$words", WordsOf(fact)));
            Note(connection, id, FactChangeKind.Added, source, null, fact);
            return (Find(connection, owner, id), true);
        });
    }

    public Fact Get(string owner, long id) => _tables.Read(connection => Find(connection, owner, id), () => throw NotFound(id));

    public IReadOnlyList<Fact> List(string owner, FactState? state = null, int limit = int.MaxValue) => _tables.Read(
        connection => Query(
            connection,
            $"""
            SELECT {Columns} FROM facts
            WHERE owner = $owner AND (state = $state OR ($state IS NULL AND state <> 'Forgotten'))
            ORDER BY changed DESC, id DESC LIMIT $limit
            """,
            ReadFact, ("$owner", owner), ("$state", state?.ToString()), ("$limit", limit)),
        () => []);

    public IReadOnlyList<Fact> Search(string owner, string words, int limit)
    {
        ArgumentNullException.ThrowIfNull(words);
        // Any of the words: who asks "where does my sister live" has few of those that were written down.
        var query = string.Join(" OR ", Word().Matches(words).Take(MaxWords).Select(word => $"\"{word.Value}\"").Distinct());
        return query.Length == 0 ? [] : _tables.Read(
            connection => Query(
                connection,
                $"""
                SELECT {Columns} FROM facts JOIN (SELECT rowid AS word, rank FROM fact_words WHERE fact_words MATCH $words) ON word = id
                WHERE owner = $owner AND state = 'Kept' ORDER BY rank, id DESC LIMIT $limit
                """,
                ReadFact, ("$owner", owner), ("$words", query), ("$limit", limit)),
            () => []);
    }

    public Fact Change(string owner, long id, FactVersion fact, string source)
    {
        ArgumentNullException.ThrowIfNull(fact);
        fact = Checked(fact);
        return _tables.Write(connection => Apply(connection, Find(connection, owner, id), fact, FactChangeKind.Changed, source));
    }

    public Fact Accept(string owner, long id, string source) => _tables.Write(connection =>
    {
        var fact = Find(connection, owner, id);
        if (fact.State != FactState.Waiting)
        {
            throw new NoosException(
                ErrorKind.Invalid, $"Fact {id} does not wait: it is {(fact.State == FactState.Kept ? "kept already" : "forgotten")}.");
        }

        RequireRoom(connection, owner, FactState.Kept);
        // From now on it is the word of the person who has read it.
        return Apply(
            connection, fact, VersionOf(fact) with { State = FactState.Kept, Origin = null }, FactChangeKind.Accepted, source);
    });

    public Fact Forget(string owner, long id, string source) => _tables.Write(connection =>
    {
        var fact = Find(connection, owner, id);
        return fact.State == FactState.Forgotten
            ? throw new NoosException(ErrorKind.Invalid, $"Fact {id} is forgotten already; 'noos memory undo {id}' brings it back.")
            : Apply(connection, fact, VersionOf(fact) with { State = FactState.Forgotten }, FactChangeKind.Forgotten, source);
    });

    public Fact Undo(string owner, long id, string source) => _tables.Write(connection =>
    {
        var fact = Find(connection, owner, id);
        var last = Changes(connection, id)[^1];
        // Before it was added there was nothing.
        var before = last.Before ?? VersionOf(fact) with { State = FactState.Forgotten };
        return Apply(connection, fact, before, FactChangeKind.Undone, source);
    });

    public IReadOnlyList<FactChange> Changes(string owner, long id) => _tables.Read(
        connection =>
        {
            _ = Find(connection, owner, id);
            return Changes(connection, id);
        },
        () => throw NotFound(id));

    public string ReadStamp() => _tables.Read(
        connection => Query(
            connection,
            // Numbers are never given twice, and what is removed for good is missing in the count.
            "SELECT coalesce(max(id), 0) || ' ' || count(*) FROM fact_changes",
            row => row.GetString(0))[0],
        () => "");

    public void Purge(string owner, long id) => _tables.Write(connection =>
    {
        _ = Find(connection, owner, id);
        Execute(connection, "DELETE FROM fact_words WHERE rowid = $id", ("$id", id));
        return Execute(connection, "DELETE FROM facts WHERE id = $id", ("$id", id));
    });

    static FactVersion VersionOf(Fact fact) => new(fact.Text, fact.State, fact.Labels, fact.Origin);

    static NoosException NotFound(long id) => new(
        ErrorKind.NotFound, string.Create(CultureInfo.InvariantCulture, $"There is no fact {id}; 'noos memory' lists those there are."));

    static FactVersion Checked(FactVersion fact)
    {
        var text = string.Join(' ', fact.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (text.Length is 0 or > IFactStore.MaxLength)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                text.Length == 0 ? "There is nothing to remember; give a sentence."
                    : $"A fact has at most {IFactStore.MaxLength} characters; this one has {text.Length}.");
        }

        string[] labels = [.. fact.Labels.Select(label => label.Trim().ToLowerInvariant()).Where(label => label.Length > 0).Distinct()];
        return labels.Length > MaxLabels || Array.Exists(labels, label => label.Length > MaxLabelLength || label.Any(char.IsWhiteSpace))
            ? throw new NoosException(
                ErrorKind.Invalid, $"A fact has at most {MaxLabels} labels, each one word of at most {MaxLabelLength} characters.")
            : fact with { Text = text, Labels = labels };
    }

    static void RequireRoom(SqliteConnection connection, string owner, FactState state)
    {
        var count = Query(
            connection, "SELECT count(*) FROM facts WHERE owner = $owner AND state = $state", row => row.GetInt64(0), ("$owner", owner),
            ("$state", state.ToString()))[0];
        if (state == FactState.Waiting && count >= MaxWaiting)
        {
            throw new NoosException(
                ErrorKind.Refused, $"{count} facts wait for a person already; accept or remove some first ('noos memory').");
        }

        if (state == FactState.Kept && count >= MaxFacts)
        {
            throw new NoosException(ErrorKind.Refused, $"{count} facts are kept already; forget some first ('noos memory').");
        }
    }

    static Fact Find(SqliteConnection connection, string owner, long id) =>
        Query(connection, $"SELECT {Columns} FROM facts WHERE id = $id AND owner = $owner", ReadFact, ("$id", id), ("$owner", owner))
            is [var found] ? found : throw NotFound(id);

    static List<FactChange> Changes(SqliteConnection connection, long id) => Query(
        connection, "SELECT id, fact, kind, source, time, before, after FROM fact_changes WHERE fact = $id ORDER BY id",
        row => new FactChange(
            row.GetInt64(0), row.GetInt64(1), Enum.Parse<FactChangeKind>(row.GetString(2)), row.GetString(3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            row.IsDBNull(5) ? null : JsonSerializer.Deserialize(row.GetString(5), FactJson.Default.FactVersion),
            JsonSerializer.Deserialize(row.GetString(6), FactJson.Default.FactVersion)!),
        ("$id", id));

    static string WordsOf(FactVersion fact) => string.Join(' ', [fact.Text, .. fact.Labels]);

    Fact Apply(SqliteConnection connection, Fact fact, FactVersion after, FactChangeKind kind, string source)
    {
        Execute(
            connection,
            "UPDATE facts SET text = $text, state = $state, labels = $labels, origin = $origin, changed = $now WHERE id = $id",
            ("$text", after.Text), ("$state", after.State.ToString()), ("$labels", string.Join(' ', after.Labels)),
            ("$origin", after.Origin?.ToString()), ("$now", _timeProvider.GetUtcNow().ToUnixTimeMilliseconds()), ("$id", fact.Id));
        Execute(connection, "UPDATE fact_words SET text = $words WHERE rowid = $id", ("$words", WordsOf(after)), ("$id", fact.Id));
        Note(connection, fact.Id, kind, source, VersionOf(fact), after);
        return Find(connection, fact.Owner, fact.Id);
    }

    void Note(SqliteConnection connection, long id, FactChangeKind kind, string source, FactVersion? before, FactVersion after) => Execute(
        connection,
        "INSERT INTO fact_changes (fact, time, kind, source, before, after) VALUES ($id, $now, $kind, $source, $before, $after)",
        ("$id", id), ("$now", _timeProvider.GetUtcNow().ToUnixTimeMilliseconds()), ("$kind", kind.ToString()), ("$source", source),
        ("$before", before is null ? null : JsonSerializer.Serialize(before, FactJson.Default.FactVersion)),
        ("$after", JsonSerializer.Serialize(after, FactJson.Default.FactVersion)));

    static Fact ReadFact(SqliteDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), Enum.Parse<FactState>(row.GetString(3)), row.GetString(4))
    {
        Labels = row.GetString(5).Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Origin = row.IsDBNull(6) ? null : Enum.Parse<Origin>(row.GetString(6)),
        Created = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
        Changed = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)),
    };

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
