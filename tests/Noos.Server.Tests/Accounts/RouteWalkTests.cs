using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Tools;
using Noos.Kernel.Processes;
using Noos.Pages;
using Noos.Server.Accounts;
using Noos.Testing;

namespace Noos.Server.Tests.Accounts;

/// <summary>
/// Every route of the running server with its pages, as another user, as nobody and from another origin. The routes are those that it has:
/// one that is added without a rule of who may use it fails here.
/// </summary>
public sealed partial class RouteWalkTests
{
    // Stands in everything that is anna's, so that whatever shows it has told of her.
    const string Secret = "xyzzy";

    static readonly string[] s_bodies =
    [
        "{}", """{"owner": "anna"}""", """{"owner": "anna", "text": "mine", "name": "mine", "message": "Hello", "content": "Hello"}""",
        """{"content": "Hello"}""", """{"title": "mine"}""", """{"granted": true}""", """{"page": 1, "mark": "pinned"}""",
        """{"text": "mine"}""", """{"reason": "mine"}""", """{"cron": "@daily", "message": "mine", "owner": "anna"}""",
        """{"messages": [{"role": "user", "content": "Hello"}], "user": "anna"}""", """{"password": "another password"}""",
        """{"name": "anna", "password": "wrong password"}""", """{"model": "x", "prompt": "Hello", "input": "Hello", "max_tokens": 1}""",
        """{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search_memory", "arguments": {"query": "tea"}}}""",
    ];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_says_who_may_use_it()
    {
        await using var home = await StartAsync();

        Assert.Empty(RoutesWithoutRule(home));
        Assert.True(Routes(home).Count() > 60);
        Assert.Contains(Routes(home), route => route.RoutePattern.RawText == "/chat/{Pid:long}");
    }

    [Fact]
    public async Task Route_without_a_rule_is_found_and_is_the_owners_alone()
    {
        await using var home = await StartAsync(
            map: app => app.MapGet("/api/new", new RequestDelegate(http => http.Response.WriteAsync("new"))));
        var key = home.Accounts.AddKey("bert", "walker").Token;
        var ownersKey = home.Accounts.AddKey(RunningHome.Owner, "walker").Token;

        Assert.Equal(["/api/new"], RoutesWithoutRule(home));
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(home, "GET", "api/new", key: key)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(home, "GET", "api/new")).Status);
        Assert.Equal((HttpStatusCode.OK, "new"), await SendAsync(home, "GET", "api/new", key: ownersKey));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_user_sees_and_changes_nothing_that_is_not_theirs(bool hasSession)
    {
        await using var home = await StartAsync();
        var ids = await FillAsync(home);
        var before = Describe(home);
        var key = hasSession ? null : home.Accounts.AddKey("bert", "walker").Token;
        var cookie = hasSession ? NewSession(home) : null;
        var faults = new List<string>();
        var count = 0;

        foreach (var (method, address, access) in Requests(home, ids))
        {
            // Bert's own session ends with it, and his account is his to change.
            foreach (var body in address is "api/logout" or "login" or "api/login" ? [] : BodiesFor(method))
            {
                var (status, answer) = await SendAsync(home, method, address, body, key, cookie);
                count++;
                var isExpected = access == RouteAccess.OwnProcess || access == RouteAccess.OwnPermission
                    ? status is HttpStatusCode.NotFound
                    : access == RouteAccess.Owner || access == RouteAccess.OwnerInPerson
                        ? status is HttpStatusCode.Forbidden
                        : !access.IsInPerson || hasSession ? (int)status is < 500 : status is HttpStatusCode.Forbidden;
                if (!isExpected || answer.Contains(Secret, StringComparison.OrdinalIgnoreCase))
                {
                    faults.Add($"{method} {address} {body}: {(int)status} {answer}");
                }
            }
        }

        Assert.True(count > 300);
        Assert.Empty(faults);
        Assert.Equal(before, Describe(home));
    }

    [Fact]
    public async Task Nobody_gets_in_and_browsers_are_sent_to_the_login()
    {
        await using var home = await StartAsync();
        var ids = await FillAsync(home);
        var before = Describe(home);
        var faults = new List<string>();

        foreach (var (method, address, access) in Requests(home, ids))
        {
            foreach (var body in BodiesFor(method).Take(2))
            {
                var (status, answer) = await SendAsync(home, method, address, body);
                if ((access != RouteAccess.Anyone && status != HttpStatusCode.Unauthorized)
                    || answer.Contains(Secret, StringComparison.OrdinalIgnoreCase) || (int)status >= 500)
                {
                    faults.Add($"{method} {address} {body}: {(int)status} {answer}");
                }
            }
        }

        var (page, _) = await SendAsync(home, "GET", "v1/models", accept: "text/html");

        Assert.Empty(faults);
        Assert.Equal(before, Describe(home));
        Assert.Equal(HttpStatusCode.Redirect, page);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_of_another_origin_is_refused_everywhere(bool requiresLogin)
    {
        await using var home = await StartAsync(requiresLogin);
        var ids = await FillAsync(home);
        var before = Describe(home);
        var cookie = home.Accounts.BeginSession("anna", "browser").Token;
        var faults = new List<string>();

        foreach (var (method, address, _) in Requests(home, ids))
        {
            var (status, answer) = await SendAsync(home, method, address, method == "GET" ? null : "{}", cookie: cookie,
                origin: "https://evil.example");
            if (status != HttpStatusCode.Forbidden || answer.Contains(Secret, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add($"{method} {address}: {(int)status} {answer}");
            }
        }

        Assert.Empty(faults);
        Assert.Equal(before.Replace("sessions 1", "sessions 2", StringComparison.Ordinal), Describe(home));
    }

    static async Task<RunningHome> StartAsync(bool requiresLogin = true, Action<WebApplication>? map = null)
    {
        var home = await RunningHome.StartAsync(
            new ObedientCpu(), tools: [new AskingTool()],
            options: options => options with { RequiresLogin = requiresLogin, RequestsPerMinute = 0 }, hasMemory: true, hasAccounts: true,
            services: builder => builder.Services.AddNoosPages(),
            map: app =>
            {
                app.MapNoosPages();
                map?.Invoke(app);
            });
        home.Accounts.Add("anna");
        home.Accounts.Add("bert");
        return home;
    }

    static string?[] BodiesFor(string method) => method is "GET" or "DELETE" ? new string?[] { null } : s_bodies;

    static IEnumerable<RouteEndpoint> Routes(RunningHome home) =>
        home.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    static IEnumerable<string> RoutesWithoutRule(RunningHome home) => Routes(home)
        .Where(route => route.Metadata.GetMetadata<RouteAccess>() is null).Select(route => route.RoutePattern.RawText!).Distinct();

    /// <summary>One of bert's whose number is none of anna's things, so that he does not end it himself on his way.</summary>
    static string NewSession(RunningHome home)
    {
        while (true)
        {
            var (session, token) = home.Accounts.BeginSession("bert", "walker");
            if (session.Id > 100)
            {
                return token;
            }
        }
    }

    /// <summary>Every method of every route, with each of the ids in the place of an id.</summary>
    static IEnumerable<(string Method, string Address, RouteAccess Access)> Requests(RunningHome home, IReadOnlyList<string> ids)
    {
        foreach (var route in Routes(home))
        {
            var methods = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } named ? named : ["GET", "POST"];
            var pattern = route.RoutePattern.RawText!.TrimStart('/');
            string[] addresses = Id().IsMatch(pattern) ? [.. ids.Select(id => Id().Replace(pattern, id))] : [pattern];
            foreach (var (method, address) in methods.Where(method => method != "OPTIONS").SelectMany(_ => addresses, (a, b) => (a, b)))
            {
                yield return (
                    method, Name().Replace(address, "anna") + (address == "api/search" ? "?q=tea" : ""),
                    route.Metadata.GetMetadata<RouteAccess>()!);
            }
        }
    }

    /// <summary>Gives anna one of everything.</summary>
    /// <returns>The ids of all that.</returns>
    static async Task<IReadOnlyList<string>> FillAsync(RunningHome home)
    {
        var ids = new List<long>();
        var start = new ProcessStart("anna", ProcessKind.Conversation, new ProcessProgram()) { Title = Secret };
        for (var i = 0; i < 2; i++)
        {
            var process = (await home.Table.SpawnAsync(start, Token)).Id;
            await home.Table.SayAsync(process, Message.User($"{Secret} tea [[ask {{}}]]"), Token);
            await home.Table.WaitAsync(process, Token);
            await home.Table.GiveFileAsync(process, $"{Secret}.txt", new MemoryStream(Encoding.UTF8.GetBytes(Secret)),
                cancellationToken: Token);
            ids.Add(process);
        }

        // The first has a permission for ever now, the second still waits.
        await home.Table.DecideAsync(ids[0], new(true, Kernel.Gate.ApprovalScope.Always), cancellationToken: Token);
        await home.Table.WaitAsync(ids[0], Token);
        ids.Add(home.Table.Permissions("anna").Single().Id);
        ids.Add(home.Facts.Add("anna", new FactVersion($"{Secret} tea", FactState.Kept, [], null), "test").Fact.Id);
        ids.Add((await home.Services.GetRequiredService<Kernel.Timers.TimerTable>().AddAsync(
            new Kernel.Timers.TimerStart("anna", new ProcessProgram(), Secret) { Cron = "@yearly" }, Token)).Id);
        ids.Add(home.Accounts.AddKey("anna", Secret).Key.Id);
        ids.Add(home.Accounts.BeginSession("anna", Secret).Session.Id);
        return [.. ids.Distinct().Select(id => $"{id}"), "1000000001"];
    }

    /// <summary>All that is anna's and the owner's, as text.</summary>
    static string Describe(RunningHome home)
    {
        var text = new StringBuilder();
        foreach (var owner in (string[])["anna", RunningHome.Owner])
        {
            foreach (var process in home.Table.List(new ProcessFilter { Owner = owner, IncludesEnded = true }).OrderBy(one => one.Id))
            {
                var last = home.Table.LastEvents(process.Id, 1)[0].Id;
                text.AppendLine($"{process.Id} {process.Title} {process.State} {process.Priority} {last}")
                    .AppendLine(string.Join(' ', home.Table.Files(process.Id).Select(file => $"{file.Name} {file.Length}")));
            }

            text.AppendLine(string.Join(' ', home.Table.Permissions(owner).Select(rule => $"{rule.Id} {rule.Revoked}")))
                .AppendLine(string.Join(' ', home.Facts.List(owner).Select(fact => $"{fact.Id} {fact.Text} {fact.Changed}")))
                .AppendLine(string.Join(' ', home.Accounts.Keys(owner, includesRevoked: true).Select(key => $"{key.Id} {key.Revoked}")))
                .AppendLine($"sessions {home.Accounts.Sessions(owner).Count}");
        }

        foreach (var account in home.Accounts.List().Where(account => account.Name != "bert"))
        {
            text.AppendLine($"{account.Name} {account.HasPassword} {JsonSerializer.Serialize(account.Limits)}");
        }

        return text.ToString();
    }

    static async Task<(HttpStatusCode Status, string Body)> SendAsync(
        RunningHome home, string method, string address, string? body = null, string? key = null, string? cookie = null,
        string? origin = null, string accept = "application/json, text/event-stream")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        var isStream = address.EndsWith("/events", StringComparison.Ordinal);
        request.Headers.TryAddWithoutValidation("Accept", isStream ? "application/json" : accept);
        if (body is not null)
        {
            request.Content = new StringContent(body, mediaType: new("application/json"));
        }

        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (cookie is not null)
        {
            request.Headers.Add("Cookie", $"noos_session={cookie}");
            request.Headers.Add("Origin", origin ?? home.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        }
        else if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = home.Http.BaseAddress,
        };
        using var response = await http.SendAsync(request, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    [GeneratedRegex(@"\{p?id(:long)?\}", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Id();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();

    /// <summary>Must be asked for.</summary>
    sealed class AskingTool : ITool
    {
        public ToolDeclaration Declaration { get; } = new("ask", "Asks.", JsonElement.Parse("""{"type": "object"}"""));

        public IReadOnlyList<Capability> Needs => [Capability.Network];

        public bool IsRepeatable => true;

        public IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context) => [Effect.Send($"https://{Secret}.example", "x")];

        public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult(ToolResult.Text(Secret));
    }
}
