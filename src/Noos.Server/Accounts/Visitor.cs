using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Kernel.Accounts;
using Noos.Kernel.Processes;
using Noos.Server.OpenAi;

namespace Noos.Server.Accounts;

/// <summary>Who asks, of one request. What a handler shows or changes is always that of its visitor.</summary>
/// <param name="kind">How that is known.</param>
/// <param name="account">Null for nobody, and where the server has no accounts.</param>
public sealed class Visitor(VisitorKind kind, Account? account = null)
{
    const string Scheme = "noos-";
    const string OwnerRole = "owner";
    const string SessionClaim = "noos-session";

    /// <summary>Nobody that is known.</summary>
    public static Visitor Nobody { get; } = new(VisitorKind.Nobody);

    /// <summary>Whoever asks a server without accounts: all is theirs.</summary>
    public static Visitor Anonymous { get; } = new(VisitorKind.Local) { Assumed = new Principal(AccountStore.Unnamed, true) };

    public VisitorKind Kind => kind;

    public Account? Account => account;

    /// <summary>The session; null without one.</summary>
    public LoginSession? Session { get; init; }

    /// <summary>What the visitor may see.</summary>
    /// <exception cref="ApiException">Nobody knows who it is.</exception>
    public Principal Principal => Assumed ?? account?.Principal ?? throw Unknown();

    Principal? Assumed { get; init; }

    /// <summary>Whose something new is, or whose own things are meant.</summary>
    /// <param name="named">Whom the request names; null for nobody, which means the visitor.</param>
    /// <param name="parameter">In which field.</param>
    /// <exception cref="ApiException">It is another, and the visitor does not own the machine.</exception>
    public string OwnerFor(string? named, string parameter = "owner") =>
        named is null || named == Principal.Owner || Principal.IsAdministrator ? named ?? Principal.Owner : throw Other(parameter);

    /// <summary>Whose things are listed: the visitor's, or, for the owner of the machine, those of whom the request names or all.</summary>
    /// <inheritdoc cref="OwnerFor"/>
    public string? FilterFor(string? named, string parameter = "owner") =>
        Principal.IsAdministrator ? named : OwnerFor(named, parameter);

    /// <summary>What a page may see whose user the guard has found; null for nobody.</summary>
    public static Principal? FindPrincipal(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.Identity is { AuthenticationType: { } type, Name: { } name } && type.StartsWith(Scheme, StringComparison.Ordinal)
            ? new Principal(name, user.IsInRole(OwnerRole))
            : null;
    }

    /// <summary>In which session that user has logged in; null without one.</summary>
    public static long? FindSession(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return long.TryParse(user.FindFirst(SessionClaim)?.Value, CultureInfo.InvariantCulture, out var session) ? session : null;
    }

    /// <summary>Whether a user whom the guard has found is a person, and not a program with an API key.</summary>
    public static bool IsPerson(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return FindPrincipal(user) is not null && user.Identity?.AuthenticationType != TypeOf(VisitorKind.Key);
    }

    static string TypeOf(VisitorKind kind) => Scheme + kind.ToString().ToLowerInvariant();

    internal ClaimsPrincipal ToClaims() => kind == VisitorKind.Nobody ? new ClaimsPrincipal(new ClaimsIdentity()) : new ClaimsPrincipal(
        new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, Principal.Owner),
                new Claim(ClaimTypes.Role, Principal.IsAdministrator ? OwnerRole : "member"),
                .. Session is { } session ? [new Claim(SessionClaim, session.Id.ToString(CultureInfo.InvariantCulture))] : (Claim[])[],
            ],
            TypeOf(kind)));

    internal static ApiException Unknown() => new(
        StatusCodes.Status401Unauthorized,
        "This server asks who you are: log in at /login, or send an API key ('noos key add') as \"Authorization: Bearer KEY\".",
        code: "invalid_api_key");

    static ApiException Other(string parameter) =>
        ApiException.For(ErrorKind.Refused, $"The \"{parameter}\" is somebody else; leave it out: what you ask for is yours.", parameter);
}

/// <summary>Who asks, for handlers and pages.</summary>
public static class VisitorExtensions
{
    /// <summary>Who sends a request; nobody where no guard has looked.</summary>
    public static Visitor GetVisitor(this HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Features.Get<Visitor>() ?? Visitor.Nobody;
    }
}
