using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Noos.Core;
using Noos.Core.Facts;
using Noos.Core.Tools;
using Noos.Kernel.Accounts;
using Noos.Kernel.Processes;
using Noos.Server.OpenAi;
using Noos.Server.Processes;

namespace Noos.Server.Accounts;

/// <summary>
/// <c>/api/login</c>, <c>/api/me</c>, <c>/api/users</c>, <c>/api/keys</c>, <c>/api/sessions</c> and the page to log in. What they take and
/// answer is described in docs/api.md.
/// </summary>
/// <param name="accounts">The people; null where the server has none.</param>
/// <param name="table">The processes; null where the server has no home.</param>
/// <param name="facts">What is remembered; null where the server has no home.</param>
/// <param name="rate">Counts tries to log in.</param>
/// <param name="options">Whether a login is needed.</param>
sealed class AccountEndpoints(
    AccountStore? accounts, ProcessTable? table, IFactStore? facts, RequestRate rate, ServerOptions options)
{
    const int MaxFormLength = 16 << 10;
    const int MaxCapabilities = 100;

    readonly LoginWorker? _logins = accounts is null ? null : new LoginWorker(accounts, rate);

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        (LoginPage.Address, [(HttpMethods.Get, LoginPageAsync), (HttpMethods.Post, LoginFormAsync)]),
        ("/api/login", [(HttpMethods.Post, LoginAsync)]),
        ("/api/logout", [(HttpMethods.Post, LogoutAsync)]),
        ("/api/me", [(HttpMethods.Get, MeAsync)]),
        ("/api/me/password", [(HttpMethods.Post, PasswordAsync)]),
        ("/api/sessions", [(HttpMethods.Get, SessionsAsync)]),
        ("/api/sessions/{id:long}", [(HttpMethods.Delete, EndSessionAsync)]),
        ("/api/keys", [(HttpMethods.Get, KeysAsync), (HttpMethods.Post, AddKeyAsync)]),
        ("/api/keys/{id:long}", [(HttpMethods.Delete, RevokeKeyAsync)]),
        ("/api/users", [(HttpMethods.Get, UsersAsync), (HttpMethods.Post, AddUserAsync)]),
        ("/api/users/{name}",
            [(HttpMethods.Get, UserAsync), (HttpMethods.Patch, ChangeUserAsync), (HttpMethods.Delete, RemoveUserAsync)]),
    ];

    AccountStore Accounts => accounts ?? throw new NoosException(
        ErrorKind.Refused, "This server has no accounts; start it with a home ('noos up').");

    Task LoginPageAsync(HttpContext http)
    {
        var next = LoginPage.Local(http.Request.Query["next"]);
        if (http.GetVisitor().Kind == VisitorKind.Nobody)
        {
            return LoginPage.SendAsync(http, next);
        }

        http.Response.Redirect(http.Request.PathBase + next);
        return Task.CompletedTask;
    }

    async Task LoginFormAsync(HttpContext http)
    {
        if (http.Request.ContentLength is not (>= 0 and <= MaxFormLength))
        {
            throw new ApiException(StatusCodes.Status413PayloadTooLarge, "A name and a password are shorter than that.");
        }

        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString((await RequestBody.ReadAsync(http)).Span));
        var (name, password) = (form.GetValueOrDefault("name").ToString(), form.GetValueOrDefault("password").ToString());
        var next = LoginPage.Local(form.GetValueOrDefault("next"));
        Account? account;
        try
        {
            account = _logins is null ? null : await _logins.VerifyAsync(http, name, password);
        }
        catch (ApiException refusal)
        {
            http.Response.Headers.RetryAfter = ((int)Math.Ceiling(refusal.RetryAfter?.TotalSeconds ?? 1)).ToString(
                CultureInfo.InvariantCulture);
            await LoginPage.SendAsync(http, next, refusal.Message, refusal.Status);
            return;
        }

        if (account is null)
        {
            await LoginPage.SendAsync(http, next, WrongPassword, StatusCodes.Status401Unauthorized);
            return;
        }

        BeginSession(http, account);
        http.Response.Redirect(http.Request.PathBase + next);

        // A GET follows whatever the method was.
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
    }

    async Task LoginAsync(HttpContext http)
    {
        _ = Accounts;
        var (name, password) = await RequestBody.ReadAsync(http, root => (Required(root, "name"), Required(root, "password")));
        var account = await _logins!.VerifyAsync(http, name, password)
            ?? throw new ApiException(StatusCodes.Status401Unauthorized, WrongPassword, code: "wrong_password");
        BeginSession(http, account);
        await http.Response.WriteAsJsonAsync(
            new MeAnswer(UserEntry.From(account, Accounts), VisitorKind.Session, options.RequiresLogin), AccountJson.Default.MeAnswer);
    }

    async Task LogoutAsync(HttpContext http)
    {
        await RequestBody.ReadAsync(http, root => root);
        if (http.GetVisitor() is { Session: { } session, Account: { } account })
        {
            Accounts.EndSession(account.Name, session.Id);
        }

        http.Response.Cookies.Delete(Authenticator.CookieName, CookieOf(http, expires: null));
        await http.Response.WriteAsJsonAsync(
            new MeAnswer(null, VisitorKind.Nobody, options.RequiresLogin), AccountJson.Default.MeAnswer);
    }

    Task MeAsync(HttpContext http)
    {
        new QueryFields(http.Request).RefuseUnknown();
        var visitor = http.GetVisitor();
        return http.Response.WriteAsJsonAsync(
            new MeAnswer(
                visitor.Account is { } account ? UserEntry.From(account, Accounts) : null, visitor.Kind, options.RequiresLogin),
            AccountJson.Default.MeAnswer);
    }

    async Task PasswordAsync(HttpContext http)
    {
        var (current, password) = await RequestBody.ReadAsync(
            http, root => (root.String("current"), Required(root, "password")));
        var visitor = http.GetVisitor();
        var account = visitor.Account ?? throw Missing();

        // Whoever finds an open browser must not take the account over.
        if (account.HasPassword && await _logins!.VerifyAsync(http, account.Name, current ?? "") is null)
        {
            throw ApiException.For(ErrorKind.Refused, "The field \"current\" is not your password as it is now.", "current");
        }

        account = Accounts.SetPassword(account.Name, password, visitor.Session?.Id);
        await AnswerAsync(http, account);
    }

    Task SessionsAsync(HttpContext http)
    {
        new QueryFields(http.Request).RefuseUnknown();
        return http.Response.WriteAsJsonAsync(
            new SessionList(accounts?.Sessions(http.GetVisitor().Principal.Owner) ?? []), AccountJson.Default.SessionList);
    }

    Task EndSessionAsync(HttpContext http) => http.Response.WriteAsJsonAsync(
        Accounts.EndSession(http.GetVisitor().Principal.Owner, IdOf(http)), AccountJson.Default.LoginSession);

    Task KeysAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var (all, owner) = (query.Flag("all"), http.GetVisitor().FilterFor(query.Text("owner")));
        query.RefuseUnknown();
        return http.Response.WriteAsJsonAsync(new KeyList(accounts?.Keys(owner, all) ?? []), AccountJson.Default.KeyList);
    }

    async Task AddKeyAsync(HttpContext http)
    {
        var visitor = http.GetVisitor();
        var (owner, name) = await RequestBody.ReadAsync(
            http, root => (visitor.OwnerFor(root.String("owner")), Required(root, "name")));
        var (key, secret) = Accounts.AddKey(owner, name);
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsJsonAsync(new NewKey(key, secret), AccountJson.Default.NewKey);
    }

    Task RevokeKeyAsync(HttpContext http)
    {
        var principal = http.GetVisitor().Principal;
        return http.Response.WriteAsJsonAsync(
            Accounts.RevokeKey(IdOf(http), principal.IsAdministrator ? null : principal.Owner), AccountJson.Default.ApiKey);
    }

    Task UsersAsync(HttpContext http)
    {
        new QueryFields(http.Request).RefuseUnknown();
        return http.Response.WriteAsJsonAsync(
            new UserList([.. (accounts?.List() ?? []).Select(account => UserEntry.From(account, accounts!))]),
            AccountJson.Default.UserList);
    }

    async Task AddUserAsync(HttpContext http)
    {
        var (name, password, limits) = await RequestBody.ReadAsync(
            http, root => (Required(root, "name"), root.String("password"), ReadLimits(root) ?? new AccountLimits()));
        var account = Accounts.Add(name, password, limits);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await AnswerAsync(http, account);
    }

    Task UserAsync(HttpContext http)
    {
        new QueryFields(http.Request).RefuseUnknown();
        return AnswerAsync(http, Accounts.Get(NameOf(http)));
    }

    async Task ChangeUserAsync(HttpContext http)
    {
        var account = Accounts.Get(NameOf(http));
        var (password, limits) = await RequestBody.ReadAsync(
            http, root => (root.String("password"), ReadLimits(root)));
        account = password is null ? account : Accounts.SetPassword(account.Name, password);
        account = limits is null ? account : Accounts.SetLimits(account.Name, limits);
        await AnswerAsync(http, account);
    }

    async Task RemoveUserAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var forgets = query.Flag("forget");
        query.RefuseUnknown();
        var user = UserEntry.From(Accounts.Get(NameOf(http)), Accounts);
        if (table is null || facts is null)
        {
            throw new NoosException(
                ErrorKind.Refused, "This server keeps no processes, so it cannot end those of a user; start it without --no-journal.");
        }

        await new AccountRemoval(Accounts, table, facts).RunAsync(user.Name, forgets, http.RequestAborted);
        await http.Response.WriteAsJsonAsync(user, AccountJson.Default.UserEntry);
    }

    const string WrongPassword = "There is no such name with this password.";

    void BeginSession(HttpContext http, Account account)
    {
        // Whatever session the browser had ends: a token that somebody planted before must not become one that is logged in.
        if (http.GetVisitor() is { Session: { } old, Account: { } known })
        {
            Accounts.EndSession(known.Name, old.Id);
        }

        var (session, token) = Accounts.BeginSession(account.Name, http.Request.Headers.UserAgent);

        // The server decides when it is over, and that later with each use.
        http.Response.Cookies.Append(Authenticator.CookieName, token, CookieOf(http, session.Expires.AddYears(1)));
    }

    /// <summary>Only for this server and its pages, and over TLS alone where the page came over it.</summary>
    static CookieOptions CookieOf(HttpContext http, DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps
            || http.Request.Headers["X-Forwarded-Proto"].ToString().Equals("https", StringComparison.OrdinalIgnoreCase),
        Path = "/",
        Expires = expires,
        IsEssential = true,
    };

    /// <summary>All limits: what is left out is as usual.</summary>
    static AccountLimits? ReadLimits(RequestFields root)
    {
        if (root.Object("limits") is not { } fields)
        {
            return null;
        }

        var limits = new AccountLimits
        {
            RequestsPerMinute = (int?)fields.Integer("requests_per_minute", 1, 1_000_000),
            TokensPerDay = fields.Integer("tokens_per_day", 0, long.MaxValue),
            FileBytes = fields.Integer("file_bytes", 0, long.MaxValue),
            Capabilities = fields.Texts("capabilities", MaxCapabilities) ?? AccountLimits.UsualCapabilities,
        };
        if (limits.Capabilities.FirstOrDefault(name => !Capability.IsKnown(name)) is { } unknown)
        {
            throw ApiException.Invalid(fields.PathOf("capabilities"), Capability.Unknown(unknown));
        }

        fields.RefuseUnknown();
        return limits;
    }

    static string Required(RequestFields root, string name) =>
        root.String(name) ?? throw ApiException.Invalid(name, $"The field \"{name}\" is missing.");

    static NoosException Missing() => new(ErrorKind.Refused, "This server has no accounts; start it with a home ('noos up').");

    Task AnswerAsync(HttpContext http, Account account) =>
        http.Response.WriteAsJsonAsync(UserEntry.From(account, Accounts), AccountJson.Default.UserEntry);

    static string NameOf(HttpContext http) => (string)http.GetRouteValue("name")!;

    static long IdOf(HttpContext http) =>
        long.Parse((string)http.GetRouteValue("id")!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
