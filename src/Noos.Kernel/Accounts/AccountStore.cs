using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using static Noos.Kernel.Journaling.JournalTables;

namespace Noos.Kernel.Accounts;

/// <summary>
/// The people of a home: accounts, their sessions and keys, and what they may use. In tables of the journal's file, which several programs
/// may write at once: a key that a command revokes opens nothing from then on, also where a server is up. Nothing is opened before the
/// first call. Thread-safe.
/// </summary>
/// <param name="home">The folder of the journal.</param>
/// <param name="timeProvider">The clock of all that expires.</param>
public sealed class AccountStore(string home, TimeProvider? timeProvider = null) : IOwnerQuota, IOwnerPolicy
{
    /// <summary>Keys of one person that are not revoked.</summary>
    public const int MaxKeys = 100;

    /// <summary>Characters of the name of an account or key.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Whose processes were before there were accounts, where nobody said whose they are.</summary>
    public const string Unnamed = "api";

    const string Columns = "accounts.id, accounts.name, role, password IS NOT NULL, limits, accounts.created";
    const string KeyColumns = "keys.id, accounts.name, keys.name, prefix, keys.created, keys.used, keys.revoked";
    const string SessionColumns = "sessions.id, accounts.name, agent, sessions.created, sessions.used, sessions.expires";

    // A session that is not used for so long is over; a write for every request would be one for each picture of a page.
    static readonly TimeSpan s_sessionTime = TimeSpan.FromDays(30);
    static readonly TimeSpan s_sessionStep = TimeSpan.FromHours(1);
    static readonly TimeSpan s_keyStep = TimeSpan.FromMinutes(1);

    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly JournalTables _tables = new(home, timeProvider ?? TimeProvider.System);

    /// <summary>
    /// A session or key has ended through this object: whoever holds connections open looks which. What other programs end is only seen by
    /// looking again.
    /// </summary>
    public event EventHandler? AccessEnded;

    long Now => _timeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The owner of the machine; null where there are no accounts yet.</summary>
    public Account? Owner => _tables.Read(
        connection => Query(connection, $"SELECT {Columns} FROM accounts WHERE role = 'Owner'", ReadAccount).FirstOrDefault(), () => null);

    /// <summary>
    /// The owner of the machine. Where there is none yet an account is made, and what was nobody's by name until then is the owner's.
    /// </summary>
    /// <param name="name">What a new owner is called.</param>
    /// <returns>The account, and whether it was made now.</returns>
    public (Account Account, bool IsNew) EnsureOwner(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Owner is { } known ? (known, false) : _tables.Write(connection =>
        {
            // Perhaps another program was faster.
            if (Query(connection, $"SELECT {Columns} FROM accounts WHERE role = 'Owner'", ReadAccount) is [var other])
            {
                return (other, false);
            }

            var owner = Insert(connection, name, AccountRole.Owner, password: null, new AccountLimits());
            foreach (var table in (string[])["processes", "permissions", "facts", "responses"])
            {
                Execute(connection, $"UPDATE {table} SET owner = $name WHERE owner = $unnamed", ("$name", name), ("$unnamed", Unnamed));
            }

            return (owner, true);
        });
    }

    /// <summary>The accounts, the owner's first.</summary>
    public IReadOnlyList<Account> List() => _tables.Read(
        connection => Query(connection, $"SELECT {Columns} FROM accounts ORDER BY role = 'Owner' DESC, id", ReadAccount), () => []);

    /// <summary>The account of a name; null if there is none.</summary>
    public Account? Find(string name) => _tables.ReadOften(
        $"account {name}",
        connection => Query(connection, $"SELECT {Columns} FROM accounts WHERE name = $name", ReadAccount, ("$name", name))
            .FirstOrDefault(),
        () => null);

    /// <exception cref="NoosException">There is none (NotFound).</exception>
    public Account Get(string name) => Find(name) ?? throw Missing(name);

    /// <summary>Adds a member.</summary>
    /// <exception cref="NoosException">The name is taken or is none, or the password is too short (Invalid).</exception>
    public Account Add(string name, string? password = null, AccountLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        RequireName(name);
        var hash = password is null ? null : PasswordHash.Create(password);
        limits = Checked(limits ?? new AccountLimits());
        return _tables.Write(connection =>
            Query(connection, "SELECT 1 FROM accounts WHERE name = $name", _ => 0, ("$name", name)).Count > 0
                ? throw new NoosException($"There is a user '{name}' already; choose another name.") { Parameter = "name" }
                : Insert(connection, name, AccountRole.Member, hash, limits));
    }

    /// <summary>Gives an account another password, and ends its sessions.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="password">The new one.</param>
    /// <param name="kept">A session that goes on: the one in which the password is changed.</param>
    /// <exception cref="NoosException">There is no such account (NotFound), or the password is too short (Invalid).</exception>
    public Account SetPassword(string name, string password, long? kept = null)
    {
        var hash = PasswordHash.Create(password);
        return Ended(Change(name, (connection, account) =>
        {
            Execute(connection, "UPDATE accounts SET password = $hash WHERE id = $id", ("$hash", hash), ("$id", account.Id));
            Execute(
                connection, "DELETE FROM sessions WHERE account = $id AND id IS NOT $kept", ("$id", account.Id), ("$kept", kept));
        }));
    }

    /// <summary>Says what a member may use.</summary>
    /// <exception cref="NoosException">There is no such account (NotFound), or it is the owner's (Invalid).</exception>
    public Account SetLimits(string name, AccountLimits limits)
    {
        limits = Checked(limits);
        return Change(name, (connection, account) => Execute(
            connection, "UPDATE accounts SET limits = $limits WHERE id = $id", ("$limits", ToJson(limits)), ("$id", Member(account).Id)));
    }

    /// <summary>Removes a member with all sessions, keys and stored responses; the processes, files and facts stay.</summary>
    /// <returns>The account as it was.</returns>
    /// <exception cref="NoosException">There is no such account (NotFound), or it is the owner's (Invalid).</exception>
    public Account Remove(string name) => Ended(_tables.Write(connection =>
    {
        var account = Member(Find(connection, name));
        // Nobody can ask for them any more, and who has the name next must not.
        Execute(connection, "UPDATE responses SET previous = NULL WHERE owner = $name", ("$name", account.Name));
        Execute(connection, "DELETE FROM responses WHERE owner = $name", ("$name", account.Name));
        Execute(connection, "DELETE FROM accounts WHERE id = $id", ("$id", account.Id));
        return account;
    }));

    /// <summary>The account that a password opens; null where it opens none. Slow, as it must be.</summary>
    public Account? Verify(string name, string password)
    {
        var (account, hash) = _tables.Read(
            connection => Query(
                connection, $"SELECT {Columns}, password FROM accounts WHERE name = $name",
                row => (ReadAccount(row), TextOf(row, 6)), ("$name", name)).FirstOrDefault(),
            () => default);
        return PasswordHash.Verify(hash, password) ? account : null;
    }

    /// <summary>Begins a session.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="agent">What the browser says it is.</param>
    /// <returns>The session, and the token that opens it, which is known to nobody else.</returns>
    public (LoginSession Session, string Token) BeginSession(string name, string? agent)
    {
        var token = SecretToken.Create();
        agent = agent is { Length: > 200 } ? agent[..200] : agent;
        return (_tables.Write(connection =>
        {
            var (account, now) = (Find(connection, name), Now);
            Execute(connection, "DELETE FROM sessions WHERE expires <= $now", ("$now", now));
            return Query(
                connection,
                $"""
                INSERT INTO sessions (account, digest, agent, created, used, expires)
                VALUES ($account, $digest, $agent, $now, $now, $expires)
                RETURNING id, '', agent, created, used, expires
                """,
                ReadSession, ("$account", account.Id), ("$digest", SecretToken.Digest(token)), ("$agent", agent), ("$now", now),
                ("$expires", now + (long)s_sessionTime.TotalMilliseconds))[0] with
            {
                Owner = account.Name,
            };
        }), token);
    }

    /// <summary>Whose session a token opens; null where it opens none.</summary>
    public (Account Account, LoginSession Session)? FindSession(string token)
    {
        var now = Now;
        var found = _tables.Read(
            connection => Query(
                connection,
                $"""
                SELECT {Columns}, {SessionColumns} FROM sessions JOIN accounts ON accounts.id = account
                WHERE digest = $digest AND expires > $now
                """,
                row => ((Account, LoginSession)?)(ReadAccount(row), ReadSession(row, 6)), ("$digest", SecretToken.Digest(token)),
                ("$now", now)).FirstOrDefault(),
            () => null);
        if (found is var (_, session) && now - session.LastUsed.ToUnixTimeMilliseconds() >= s_sessionStep.TotalMilliseconds)
        {
            _tables.Write(connection => Execute(
                connection, "UPDATE sessions SET used = $now, expires = $expires WHERE id = $id", ("$now", now),
                ("$expires", now + (long)s_sessionTime.TotalMilliseconds), ("$id", session.Id)));
        }

        return found;
    }

    /// <summary>The sessions of an account, those used last first.</summary>
    public IReadOnlyList<LoginSession> Sessions(string name) => _tables.Read(
        connection => Query(
            connection,
            $"""
            SELECT {SessionColumns} FROM sessions JOIN accounts ON accounts.id = account
            WHERE accounts.name = $name AND expires > $now ORDER BY sessions.used DESC, sessions.id DESC
            """,
            row => ReadSession(row, 0), ("$name", name), ("$now", Now)),
        () => []);

    /// <summary>Ends a session of an account.</summary>
    /// <returns>The session as it was.</returns>
    /// <exception cref="NoosException">The account has no such session (NotFound).</exception>
    public LoginSession EndSession(string name, long session) => Ended(_tables.Write(connection =>
    {
        var account = Find(connection, name);
        var found = Query(
            connection,
            $"""
            SELECT {SessionColumns} FROM sessions JOIN accounts ON accounts.id = account
            WHERE sessions.id = $id AND account = $account
            """,
            row => ReadSession(row, 0), ("$id", session), ("$account", account.Id));
        Execute(connection, "DELETE FROM sessions WHERE id = $id AND account = $account", ("$id", session), ("$account", account.Id));
        return found is [var ended] ? ended
            : throw new NoosException(ErrorKind.NotFound, $"There is no session {session}; GET /api/sessions lists those there are.");
    }));

    /// <summary>Makes a key.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="name">What it is called.</param>
    /// <returns>The key as it is listed, and the key itself, which is known to nobody else and cannot be shown again.</returns>
    /// <exception cref="NoosException">
    /// There is no such account (NotFound), it has as many keys as one may (Refused), or the name is none (Invalid).
    /// </exception>
    public (ApiKey Key, string Token) AddKey(string owner, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Any(char.IsControl))
        {
            throw new NoosException($"The name of a key has 1 to {MaxNameLength} characters; say what it is for.") { Parameter = "name" };
        }

        var token = SecretToken.Create(SecretToken.KeyPrefix);
        return (_tables.Write(connection =>
        {
            var account = Find(connection, owner);
            var count = Query(
                connection, "SELECT count(*) FROM keys WHERE account = $id AND revoked IS NULL", row => row.GetInt64(0),
                ("$id", account.Id))[0];
            return count >= MaxKeys
                ? throw new NoosException(
                    ErrorKind.Refused, $"{account.Name} has {count} keys, as many as one may have; revoke one first ('noos key list').")
                : Query(
                    connection,
                    """
                    INSERT INTO keys (account, name, prefix, digest, created) VALUES ($account, $name, $prefix, $digest, $now)
                    RETURNING id, '', name, prefix, created, used, revoked
                    """,
                    ReadKey, ("$account", account.Id), ("$name", name.Trim()), ("$prefix", token[..SecretToken.ShownLength]),
                    ("$digest", SecretToken.Digest(token)), ("$now", Now))[0] with
                {
                    Owner = account.Name,
                };
        }), token);
    }

    /// <summary>Whose a key is; null where it opens nothing.</summary>
    public (Account Account, ApiKey Key)? FindKey(string token)
    {
        var found = _tables.Read(
            connection => Query(
                connection,
                $"""
                SELECT {Columns}, {KeyColumns} FROM keys JOIN accounts ON accounts.id = account
                WHERE digest = $digest AND revoked IS NULL
                """,
                row => ((Account, ApiKey)?)(ReadAccount(row), ReadKey(row, 6)), ("$digest", SecretToken.Digest(token)))
                .FirstOrDefault(),
            () => null);
        var now = Now;
        if (found is var (_, key) && now - (key.LastUsed?.ToUnixTimeMilliseconds() ?? 0) >= s_keyStep.TotalMilliseconds)
        {
            _tables.Write(connection => Execute(
                connection, "UPDATE keys SET used = $now WHERE id = $id", ("$now", now), ("$id", key.Id)));
        }

        return found;
    }

    /// <summary>Keys in the order in which they were made.</summary>
    /// <param name="owner">Whose; null for all.</param>
    /// <param name="includesRevoked">Those that open nothing, too.</param>
    public IReadOnlyList<ApiKey> Keys(string? owner = null, bool includesRevoked = false) => _tables.Read(
        connection => Query(
            connection,
            $"""
            SELECT {KeyColumns} FROM keys JOIN accounts ON accounts.id = account
            WHERE ($owner IS NULL OR accounts.name = $owner) AND ($all OR revoked IS NULL) ORDER BY keys.id
            """,
            row => ReadKey(row, 0), ("$owner", owner), ("$all", includesRevoked)),
        () => []);

    /// <summary>Revokes a key: it opens nothing from now on. One that is revoked already stays as it is.</summary>
    /// <param name="key">Its id.</param>
    /// <param name="owner">Whose it must be; null for anybody's.</param>
    /// <exception cref="NoosException">There is none (NotFound).</exception>
    public ApiKey RevokeKey(long key, string? owner = null) => Ended(_tables.Write(connection =>
    {
        Execute(
            connection,
            """
            UPDATE keys SET revoked = $now WHERE id = $id AND revoked IS NULL
                AND ($owner IS NULL OR account = (SELECT id FROM accounts WHERE name = $owner))
            """,
            ("$now", Now), ("$id", key), ("$owner", owner));
        return Query(
            connection,
            $"""
            SELECT {KeyColumns} FROM keys JOIN accounts ON accounts.id = account
            WHERE keys.id = $id AND ($owner IS NULL OR accounts.name = $owner)
            """,
            row => ReadKey(row, 0), ("$id", key), ("$owner", owner)) is [var revoked]
                ? revoked
                : throw new NoosException(ErrorKind.NotFound, $"There is no key {key}; 'noos key list' lists those there are.");
    }));

    T Ended<T>(T result)
    {
        AccessEnded?.Invoke(this, EventArgs.Empty);
        return result;
    }

    /// <summary>What an owner has used.</summary>
    public AccountUsage Usage(string owner) => _tables.Read(
        connection => Query(
            connection,
            """
            SELECT coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0), (SELECT count(*) FROM processes WHERE owner = $owner)
            FROM usage WHERE owner = $owner AND day = $day
            """,
            row => new AccountUsage(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), ("$owner", owner),
            ("$day", Now / JournalStatements.MillisecondsPerDay))[0],
        () => new AccountUsage(0, 0, 0));

    public void RequireTokens(string owner)
    {
        if (Find(owner) is not { Role: AccountRole.Member, Limits.TokensPerDay: { } allowed })
        {
            return;
        }

        var used = Usage(owner);
        if (used.TokensIn + used.TokensOut >= allowed)
        {
            var now = _timeProvider.GetUtcNow();
            var wait = now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime;
            throw new NoosException(
                ErrorKind.Busy,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{owner} has used the {allowed:N0} tokens of this day; ask again in {(int)wait.TotalHours} h {wait.Minutes} min, or "
                    + $"ask the owner of this machine for more."))
            {
                Code = NoosException.InsufficientQuota,
                RetryAfter = wait,
            };
        }
    }

    public void Spend(string owner, ProcessUsage usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        // The owner has no limits, and every request would wait for the disk.
        if (usage.TokensIn + usage.TokensOut + usage.Calls == 0 || Find(owner) is not { Role: AccountRole.Member })
        {
            return;
        }

        _tables.Write(connection => Execute(
            connection,
            """
            INSERT INTO usage (owner, day, tokens_in, tokens_out, calls) VALUES ($owner, $day, $in, $out, $calls)
            ON CONFLICT (owner, day) DO UPDATE SET tokens_in = tokens_in + excluded.tokens_in,
                tokens_out = tokens_out + excluded.tokens_out, calls = calls + excluded.calls
            """,
            ("$owner", owner), ("$day", Now / JournalStatements.MillisecondsPerDay), ("$in", usage.TokensIn), ("$out", usage.TokensOut),
            ("$calls", usage.Calls)));
    }

    public long? MaxFileBytes(string owner) =>
        Find(owner) is { Role: AccountRole.Member, Limits.FileBytes: { } bytes } ? bytes : null;

    public bool IsGuest(string owner) => Find(owner) is { Role: AccountRole.Member };

    public bool MayUse(string owner, Capability capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return Find(owner) is not { Role: AccountRole.Member } member || member.Limits.Capabilities.Contains(capability.Name);
    }

    Account Change(string name, Action<SqliteConnection, Account> change) => _tables.Write(connection =>
    {
        var account = Find(connection, name);
        change(connection, account);
        return Find(connection, name);
    });

    Account Insert(SqliteConnection connection, string name, AccountRole role, string? password, AccountLimits limits) => Query(
        connection,
        $"INSERT INTO accounts (name, role, password, limits, created) VALUES ($name, $role, $password, $limits, $now) RETURNING {Columns}",
        ReadAccount, ("$name", name), ("$role", role.ToString()), ("$password", password), ("$limits", ToJson(limits)), ("$now", Now))[0];

    static Account Find(SqliteConnection connection, string name) =>
        Query(connection, $"SELECT {Columns} FROM accounts WHERE name = $name", ReadAccount, ("$name", name)) is [var found]
            ? found
            : throw Missing(name);

    static Account Member(Account account) => account.Role == AccountRole.Member ? account
        : throw new NoosException($"{account.Name} owns this Noos: the account stays, and has no limits.");

    static NoosException Missing(string name) =>
        new(ErrorKind.NotFound, $"There is no user '{name}'; 'noos user list' lists those there are.");

    static void RequireName(string name)
    {
        // It stands in addresses and in tables on a terminal.
        if (name.Length is 0 or > MaxNameLength || !name.All(letter => char.IsLetterOrDigit(letter) || letter is '.' or '-' or '_')
            || !char.IsLetterOrDigit(name[0]))
        {
            throw new NoosException(
                $"The name of a user has 1 to {MaxNameLength} letters, digits, dots, '-' and '_', and begins with a letter or digit; "
                + "choose such a one.")
            {
                Parameter = "name",
            };
        }
    }

    static AccountLimits Checked(AccountLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return limits is { RequestsPerMinute: < 1 } or { TokensPerDay: < 0 } or { FileBytes: < 0 }
            ? throw new NoosException("A limit is a number of 0 or more, of requests per minute 1 or more.")
            : limits with { Capabilities = [.. limits.Capabilities.Distinct().Order(StringComparer.Ordinal)] };
    }

    static string ToJson(AccountLimits limits) => JsonSerializer.Serialize(limits, AccountJson.Default.AccountLimits);

    static Account ReadAccount(SqliteDataReader row) => new(row.GetInt64(0), row.GetString(1), Enum.Parse<AccountRole>(row.GetString(2)))
    {
        HasPassword = row.GetBoolean(3),
        Limits = JsonSerializer.Deserialize(row.GetString(4), AccountJson.Default.AccountLimits)!,
        Created = TimeOf(row, 5)!.Value,
    };

    static LoginSession ReadSession(SqliteDataReader row) => ReadSession(row, 0);

    static LoginSession ReadSession(SqliteDataReader row, int first) =>
        new(row.GetInt64(first), row.GetString(first + 1), TextOf(row, first + 2))
        {
            Created = TimeOf(row, first + 3)!.Value,
            LastUsed = TimeOf(row, first + 4)!.Value,
            Expires = TimeOf(row, first + 5)!.Value,
        };

    static ApiKey ReadKey(SqliteDataReader row) => ReadKey(row, 0);

    static ApiKey ReadKey(SqliteDataReader row, int first) =>
        new(row.GetInt64(first), row.GetString(first + 1), row.GetString(first + 2), row.GetString(first + 3))
        {
            Created = TimeOf(row, first + 4)!.Value,
            LastUsed = TimeOf(row, first + 5),
            Revoked = TimeOf(row, first + 6),
        };

    static string? TextOf(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    static DateTimeOffset? TimeOf(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
