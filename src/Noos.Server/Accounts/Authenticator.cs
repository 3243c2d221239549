using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Noos.Kernel.Accounts;
using Noos.Server.Hosting;
using Noos.Server.OpenAi;

namespace Noos.Server.Accounts;

/// <summary>
/// Finds out who asks: by an API key (a bearer token, or Anthropic's <c>x-api-key</c>), by the cookie of a session, or by asking from this
/// machine where no login is needed. Thread-safe.
/// </summary>
/// <param name="accounts">The people; null where the server has none, so that everything is everybody's.</param>
/// <param name="options">Whether a login is needed.</param>
sealed class Authenticator(AccountStore? accounts, ServerOptions options)
{
    public const string CookieName = "noos_session";

    const string Bearer = "Bearer ";

    // What proxies add. Who comes through one is not on this machine.
    static readonly string[] s_forwarding = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"];

    readonly byte[]? _commandKey = options.CommandKey is { } key ? SecretToken.Digest(key) : null;
    readonly bool _onlyLocalNames = IPAddress.IsLoopback(options.Address);
    Account? _owner;

    public bool HasAccounts => accounts is not null;

    /// <exception cref="ApiException">A key of this system is wrong or revoked.</exception>
    public Visitor Identify(HttpContext http)
    {
        if (accounts is null)
        {
            return Visitor.Anonymous;
        }

        if (TokenOf(http.Request) is { } token)
        {
            if (_commandKey is not null && CryptographicOperations.FixedTimeEquals(SecretToken.Digest(token), _commandKey))
            {
                return Owner(VisitorKind.Command);
            }

            if (token.StartsWith(SecretToken.KeyPrefix, StringComparison.Ordinal))
            {
                return accounts.FindKey(token) is var (holder, _) ? new Visitor(VisitorKind.Key, holder) : throw Wrong();
            }

            // Programs that insist on a key are given any; where none is needed it means nothing.
            return IsTrusted(http) ? Owner(VisitorKind.Local) : throw Wrong();
        }

        if (http.Request.Cookies[CookieName] is { Length: > 0 } cookie && accounts.FindSession(cookie) is var (account, session))
        {
            return new Visitor(VisitorKind.Session, account) { Session = session };
        }

        return IsTrusted(http) ? Owner(VisitorKind.Local) : Visitor.Nobody;
    }

    /// <summary>Whoever sends it is taken for the owner without a login.</summary>
    public bool IsTrusted(HttpContext http) => !options.RequiresLogin
        && (!_onlyLocalNames
            || (OriginGuard.IsLocal(http.Request.Host) && !Array.Exists(s_forwarding, http.Request.Headers.ContainsKey)
                && (http.Connection.RemoteIpAddress is null || IPAddress.IsLoopback(http.Connection.RemoteIpAddress))));

    Visitor Owner(VisitorKind kind) => (_owner ??= accounts!.Owner) is { } owner
        ? new Visitor(kind, owner)
        : Visitor.Anonymous;

    /// <summary>With what a visitor of a kind has proved who they are; null for nothing.</summary>
    public static string? SecretOf(HttpRequest request, VisitorKind kind) => kind switch
    {
        VisitorKind.Session => request.Cookies[CookieName],
        VisitorKind.Key => TokenOf(request),
        _ => null,
    };

    static string? TokenOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && authorization.Length > Bearer.Length
            ? authorization[Bearer.Length..].Trim()
            : request.Headers["x-api-key"].ToString() is { Length: > 0 } key ? key : null;
    }

    static ApiException Wrong() => new(
        StatusCodes.Status401Unauthorized, "The API key is wrong or was revoked; make another with 'noos key add'.",
        code: "invalid_api_key");
}
