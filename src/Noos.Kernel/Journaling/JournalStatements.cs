using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Kernel.Gate;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Journaling;

/// <summary>The prepared statements of the writing thread. The row of a process follows its events in the same transaction.</summary>
sealed class JournalStatements : IDisposable
{
    // Of a timer that runs every minute all of a week is kept, so that a clock that is set back finds what has had its run; of a rare one
    // some of its past.
    static readonly TimeSpan s_timerTime = TimeSpan.FromDays(7);

    const int KeptTimerEvents = 100;

    // Days of the usage are those of UTC, counted from 1970.
    internal const long MillisecondsPerDay = 86_400_000;

    // Of so many events one looks whether older ones can go.
    const int PruneInterval = 64;

    readonly SqliteCommand _addProcess;
    readonly SqliteCommand _addEvent;
    readonly SqliteCommand _addPassage;
    readonly SqliteCommand _change;
    readonly SqliteCommand _chooseModel;
    readonly SqliteCommand _spend;
    readonly SqliteCommand _addPermission;
    readonly SqliteCommand _revoke;
    readonly SqliteCommand _pruneTimer;
    readonly SqliteCommand _forgetFeedback;
    readonly SqliteCommand _deletePassages;
    readonly SqliteCommand _deleteEvents;
    readonly SqliteCommand _deleteProcess;

    [SuppressMessage("Security", "CA2100", Justification = "The statements are constants.")]
    public JournalStatements(SqliteConnection connection)
    {
        _addProcess = Prepare("""
            INSERT INTO processes (parent, owner, kind, title, program, state, priority, created, changed)
            VALUES ($parent, $owner, $kind, $title, $program, $state, $priority, $created, $created) RETURNING id
            """, "$parent", "$owner", "$kind", "$title", "$program", "$state", "$priority", "$created");
        _addEvent = Prepare("INSERT INTO events (process, time, kind, data) VALUES ($process, $time, $kind, $data) RETURNING id",
            "$process", "$time", "$kind", "$data");
        _addPassage = Prepare(
            // The row has the number of the event, so that it is found again.
            "INSERT INTO passages (rowid, text, process, event) VALUES ($event, $text, $process, $event)",
            "$text", "$process", "$event");
        _change = Prepare("""
            UPDATE processes SET changed = $time, state = coalesce($state, state), title = coalesce($title, title),
                priority = coalesce($priority, priority), tokens_in = tokens_in + $in, tokens_out = tokens_out + $out,
                calls = calls + $calls, milliseconds = milliseconds + $ms
            WHERE id = $process
            """, "$time", "$state", "$title", "$priority", "$in", "$out", "$calls", "$ms", "$process");
        _chooseModel = Prepare("""
            UPDATE processes SET program = iif($model IS NULL, json_remove(program, '$.model'), json_set(program, '$.model', $model))
            WHERE id = $process
            """, "$model", "$process");
        _spend = Prepare("""
            INSERT INTO usage (owner, day, tokens_in, tokens_out, calls)
            SELECT owner, $day, $in, $out, $calls FROM processes WHERE id = $process
            ON CONFLICT (owner, day) DO UPDATE SET tokens_in = tokens_in + excluded.tokens_in,
                tokens_out = tokens_out + excluded.tokens_out, calls = calls + excluded.calls
            """, "$day", "$in", "$out", "$calls", "$process");
        _addPermission = Prepare("""
            INSERT INTO permissions (owner, process, decided_in, capability, kind, target, digest, is_granted, sentence, created)
            VALUES ($owner, $process, $in, $capability, $kind, $target, $digest, $granted, $sentence, $created)
            """, "$owner", "$process", "$in", "$capability", "$kind", "$target", "$digest", "$granted", "$sentence", "$created");
        _revoke = Prepare("UPDATE permissions SET revoked = $time WHERE id = $id AND revoked IS NULL", "$time", "$id");
        _pruneTimer = Prepare("""
            DELETE FROM events WHERE process = $process AND kind IN ('fired', 'skipped') AND time < $before AND id < (
                SELECT id FROM events WHERE process = $process AND kind IN ('fired', 'skipped') ORDER BY id DESC LIMIT 1 OFFSET $kept)
            """, "$process", "$before", "$kept");
        _forgetFeedback = Prepare("""
            DELETE FROM events WHERE process = $process AND kind = 'feedback' AND data ->> '$.answer' = $answer AND id < (
                SELECT max(id) FROM events WHERE process = $process AND kind = 'feedback' AND data ->> '$.answer' = $answer)
            """, "$process", "$answer");
        _deletePassages = Prepare(
            "DELETE FROM passages WHERE rowid IN (SELECT id FROM events WHERE process = $process)", "$process");
        _deleteEvents = Prepare("DELETE FROM events WHERE process = $process", "$process");
        _deleteProcess = Prepare("DELETE FROM processes WHERE id = $process", "$process");

        SqliteCommand Prepare(string sql, params string[] parameters)
        {
            var command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
            }

            return command;
        }
    }

    /// <summary>The transaction of the statements that follow.</summary>
    public void Begin(SqliteTransaction transaction)
    {
        Array.ForEach(All, command => command.Transaction = transaction);
    }

    /// <returns>Its id.</returns>
    public long Add(ProcessRecord process) => Run(_addProcess, process.Parent, process.Owner, process.Kind.ToString(), process.Title,
        JsonSerializer.Serialize(process.Program, StoredJson.Context.ProcessProgram), process.State.ToString(),
        (int)process.Priority, process.Created.ToUnixTimeMilliseconds());

    /// <returns>Its id.</returns>
    /// <exception cref="NoosException">There is no such process (NotFound).</exception>
    public long Add(long process, JournalEvent happened, DateTimeOffset now)
    {
        var time = now.ToUnixTimeMilliseconds();
        var usage = happened.Cost ?? new ProcessUsage();
        Set(_change, time, (happened as StateChanged)?.State.ToString(), (happened as Renamed)?.Title,
            (happened as Niced) is { } niced ? (int)niced.Priority : null, usage.TokensIn, usage.TokensOut, usage.Calls, usage.Milliseconds,
            process);
        if (_change.ExecuteNonQuery() == 0)
        {
            throw new NoosException(ErrorKind.NotFound, string.Create(CultureInfo.InvariantCulture,
                $"There is no process {process} in the journal; 'noos ps --all' lists those there are."));
        }

        if (happened.Cost is not null)
        {
            Set(_spend, time / MillisecondsPerDay, usage.TokensIn, usage.TokensOut, usage.Calls, process);
            _spend.ExecuteNonQuery();
        }

        var id = Run(_addEvent, process, time, happened.Kind, happened.ToJson());
        foreach (var rule in (happened as ApprovalDecided)?.Remembered ?? [])
        {
            AddPermission(rule, process, now);
        }

        if (happened is ModelChosen chosen)
        {
            Set(_chooseModel, chosen.Model, process);
            _chooseModel.ExecuteNonQuery();
        }

        if (happened is PermissionRevoked revoked)
        {
            Revoke(revoked.Permission, now);
        }

        if (happened is TimerFired or TimerSkipped && id % PruneInterval == 0)
        {
            Set(_pruneTimer, process, (now - s_timerTime).ToUnixTimeMilliseconds(), KeptTimerEvents - 1);
            _pruneTimer.ExecuteNonQuery();
        }

        if (happened.SearchText is { } text)
        {
            Set(_addPassage, text, process, id);
            _addPassage.ExecuteNonQuery();
        }

        return id;
    }

    /// <summary>Adds what a person has decided.</summary>
    /// <param name="rule">The decision.</param>
    /// <param name="process">Whose question was answered; null where nobody asked.</param>
    /// <param name="now">When.</param>
    public void AddPermission(PermissionRule rule, long? process, DateTimeOffset now)
    {
        Set(_addPermission, rule.Owner, rule.Process, process, rule.Capability.Name, rule.Kind.ToString(), rule.Target,
            rule.ContentDigest, rule.IsGranted, rule.Sentence, now.ToUnixTimeMilliseconds());
        _addPermission.ExecuteNonQuery();
    }

    /// <summary>Ends a permission; one that is over already stays as it is.</summary>
    public void Revoke(long permission, DateTimeOffset now)
    {
        Set(_revoke, now.ToUnixTimeMilliseconds(), permission);
        _revoke.ExecuteNonQuery();
    }

    /// <summary>Forgets what was thought of an answer but what was said last.</summary>
    public void ForgetFeedback(long process, long answer)
    {
        Set(_forgetFeedback, process, answer);
        _forgetFeedback.ExecuteNonQuery();
    }

    /// <summary>Forgets a process with its events.</summary>
    public void Delete(long process)
    {
        SqliteCommand[] inOrder = [_deletePassages, _deleteEvents, _deleteProcess];
        foreach (var command in inOrder)
        {
            Set(command, process);
            command.ExecuteNonQuery();
        }
    }

    public void Dispose()
    {
        Array.ForEach(All, command => command.Dispose());
    }

    SqliteCommand[] All =>
    [
        _addProcess, _addEvent, _addPassage, _change, _chooseModel, _spend, _addPermission, _revoke, _pruneTimer, _forgetFeedback,
        _deletePassages, _deleteEvents, _deleteProcess,
    ];

    static long Run(SqliteCommand command, params object?[] values)
    {
        Set(command, values);
        return (long)command.ExecuteScalar()!;
    }

    static void Set(SqliteCommand command, params object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }
}
