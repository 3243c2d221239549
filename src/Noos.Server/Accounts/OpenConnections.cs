using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Kernel.Accounts;

namespace Noos.Server.Accounts;

/// <summary>
/// Requests with a session or a key, while they last: pages hold theirs open, streams run for long. One that has begun to answer is cut off
/// as soon as its session or key has ended, or its account is removed. Thread-safe.
/// </summary>
sealed class OpenConnections : IDisposable
{
    // What another program ends in the same home is seen after so long.
    static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    readonly AccountStore? _accounts;
    readonly ConcurrentDictionary<Connection, Connection> _open = [];
    readonly ITimer? _timer;

    public OpenConnections(AccountStore? accounts, TimeProvider timeProvider)
    {
        _accounts = accounts;
        if (accounts is not null)
        {
            accounts.AccessEnded += OnEnded;
            _timer = timeProvider.CreateTimer(_ => Look(), null, s_interval, s_interval);
        }
    }

    /// <summary>Holds a request until the result is disposed; null where it has neither session nor key.</summary>
    /// <param name="http">The request.</param>
    /// <param name="kind">How its visitor is known.</param>
    /// <param name="secret">The token of the session, or the key.</param>
    public IDisposable? Hold(HttpContext http, VisitorKind kind, string? secret)
    {
        if (_accounts is null || secret is null || kind is not (VisitorKind.Session or VisitorKind.Key))
        {
            return null;
        }

        var connection = new Connection(this, http, kind, secret);
        _open[connection] = connection;
        return connection;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _accounts?.AccessEnded -= OnEnded;
    }

    void OnEnded(object? sender, EventArgs e) => Look();

    void Look()
    {
        try
        {
            // A page and its streams have the same secret.
            foreach (var group in _open.Keys.GroupBy(connection => (connection.Kind, connection.Secret)))
            {
                var (kind, secret) = group.Key;
                var isOpen = kind == VisitorKind.Session
                    ? _accounts!.FindSession(secret) is not null
                    : _accounts!.FindKey(secret) is not null;
                foreach (var connection in group.Where(_ => !isOpen))
                {
                    connection.Cut();
                }
            }
        }
        catch (NoosException)
        {
            // The accounts cannot be read now; the next look tells.
        }
    }

    sealed class Connection(OpenConnections all, HttpContext http, VisitorKind kind, string secret) : IDisposable
    {
        readonly Lock _lock = new();
        bool _isOver;

        public VisitorKind Kind => kind;

        public string Secret => secret;

        /// <summary>One that has not answered yet may be the very request that ended the session.</summary>
        public void Cut()
        {
            lock (_lock)
            {
                // Afterwards the context belongs to another request.
                if (!_isOver && http.Response.HasStarted)
                {
                    http.Abort();
                }
            }
        }

        public void Dispose()
        {
            all._open.TryRemove(this, out _);
            lock (_lock)
            {
                _isOver = true;
            }
        }
    }
}
