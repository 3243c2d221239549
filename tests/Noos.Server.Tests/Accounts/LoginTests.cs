using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Tools;
using Noos.Kernel.Accounts;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Server.Tests.Accounts;

/// <summary>How it is known who asks, and what a person may use.</summary>
public sealed class LoginTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Owner_on_this_machine_needs_no_password_and_any_key_of_others_will_do()
    {
        await using var home = await StartAsync(requiresLogin: false);
        using var foreign = Request("GET", "api/me", "none");
        using var wrong = Request("GET", "api/me", "noos-wrong");

        var me = await home.GetAsync("api/me");
        using var withForeignKey = await home.Http.SendAsync(foreign, Token);
        using var withWrongKey = await home.Http.SendAsync(wrong, Token);

        Assert.Equal(("olga", "local"), (me.GetProperty("user").GetProperty("name").GetString(), me.GetProperty("login").GetString()));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (withForeignKey.StatusCode, withWrongKey.StatusCode));
        Assert.Equal("Bearer", withWrongKey.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("Forwarded", "for=203.0.113.9")]
    [InlineData("Host", "chat.example.org")]
    public async Task Who_comes_through_a_proxy_is_not_on_this_machine(string header, string value)
    {
        await using var home = await StartAsync(requiresLogin: false);
        using var request = Request("GET", "api/processes");
        request.Headers.TryAddWithoutValidation(header, value);

        using var response = await home.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Login_gives_a_cookie_that_scripts_and_other_sites_do_not_get()
    {
        await using var home = await StartAsync();
        home.Accounts.Add("anna", "correct horse");

        using var wrong = await PostAsync(home, "api/login", """{"name": "anna", "password": "wrong horse"}""");
        using var login = await PostAsync(home, "api/login", """{"name": "anna", "password": "correct horse"}""");
        var cookie = login.Headers.GetValues("Set-Cookie").Single();
        var token = cookie.Split(';')[0];
        using var me = await PostAsync(home, "api/processes", """{"title": "mine"}""", token, Own(home));
        using var foreign = await PostAsync(home, "api/processes", "{}", token);
        using var logout = await PostAsync(home, "api/logout", "{}", token, Own(home));
        using var after = await PostAsync(home, "api/processes", "{}", token, Own(home));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (wrong.StatusCode, login.StatusCode));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("anna", (await me.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("owner").GetString());
        Assert.Equal(
            (HttpStatusCode.Created, HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.Unauthorized),
            (me.StatusCode, foreign.StatusCode, logout.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task Form_logs_in_without_a_script_and_leads_only_to_this_server()
    {
        await using var home = await StartAsync();
        home.Accounts.Add("anna", "correct horse");
        async Task<HttpResponseMessage> LoginAsync(string next, string password)
        {
            using var handler = new HttpClientHandler { AllowAutoRedirect = false };
            using var http = new HttpClient(handler) { BaseAddress = home.Http.BaseAddress };
            using var form = new FormUrlEncodedContent(
                new Dictionary<string, string> { ["name"] = "anna", ["password"] = password, ["next"] = next });
            return await http.PostAsync("login", form, Token);
        }

        using var page = await home.Http.GetAsync("login?next=/a%22%3E%3Cscript%3E", Token);
        using var done = await LoginAsync("/?q=1", "correct horse");
        using var elsewhere = await LoginAsync("//evil.example/", "correct horse");
        using var wrong = await LoginAsync("/", "wrong horse");

        var text = await page.Content.ReadAsStringAsync(Token);
        Assert.Contains("name=\"password\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.SeeOther, "/?q=1"), (done.StatusCode, done.Headers.Location!.OriginalString));
        Assert.Equal("/", elsewhere.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("There is no such name with this password.", await wrong.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Guessing_a_password_is_slowed_down()
    {
        // On a clock that stands still: on a busy machine a dozen tries take their minute.
        await using var home = await StartAsync(time: new FakeTimeProvider());
        HttpResponseMessage? last = null;
        for (var i = 0; i < 12 && last is not { StatusCode: HttpStatusCode.TooManyRequests }; i++)
        {
            last?.Dispose();
            last = await PostAsync(home, "api/login", """{"name": "nobody", "password": "12345678"}""");
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last!.StatusCode);
        Assert.InRange(int.Parse(last.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 60);
        last.Dispose();
    }

    [Fact]
    public async Task Command_key_of_the_home_is_the_owner()
    {
        await using var home = await StartAsync(options: options => options with { CommandKey = "of this start" });
        using var request = Request("GET", "api/me", "of this start");

        using var response = await home.Http.SendAsync(request, Token);

        Assert.Equal("command", (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("login").GetString());
    }

    [Fact]
    public async Task Who_is_not_known_learns_of_the_server_only_that_it_is_well()
    {
        await using var home = await StartAsync();

        Assert.Equal("""{"status":"ok"}""", await home.Http.GetStringAsync("health", Token));
    }

    [Fact]
    public async Task Key_is_shown_once_and_makes_no_other()
    {
        await using var home = await StartAsync();
        home.Accounts.Add("anna", "correct horse");
        var cookie = $"noos_session={home.Accounts.BeginSession("anna", null).Token}";

        using var added = await PostAsync(home, "api/keys", """{"name": "editor"}""", cookie, Own(home));
        var secret = (await added.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("secret").GetString()!;
        using var listing = Request("GET", "api/keys");
        listing.Headers.Add("Cookie", cookie);
        using var list = await home.Http.SendAsync(listing, Token);
        using var another = Request("POST", "api/keys", secret, """{"name": "more"}""");
        using var refused = await home.Http.SendAsync(another, Token);
        using var models = Request("GET", "v1/models");
        models.Headers.Add("x-api-key", secret);
        using var served = await home.Http.SendAsync(models, Token);

        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.DoesNotContain(secret, await list.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Contains(secret[..SecretToken.ShownLength], await list.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (refused.StatusCode, served.StatusCode));
    }

    [Fact]
    public async Task Too_many_requests_of_one_leave_room_for_others()
    {
        await using var home = await StartAsync(options: options => options with { RequestsPerMinute = 3 });
        home.Accounts.Add("anna", limits: new AccountLimits { RequestsPerMinute = 2 });
        home.Accounts.Add("bert");
        var (anna, bert) = (home.Accounts.AddKey("anna", "key").Token, home.Accounts.AddKey("bert", "key").Token);
        async Task<HttpResponseMessage> AskAsync(string key)
        {
            using var request = Request("GET", "v1/models", key);
            return await home.Http.SendAsync(request, Token);
        }

        using var first = await AskAsync(anna);
        using var second = await AskAsync(anna);
        using var third = await AskAsync(anna);
        using var others = await AskAsync(bert);

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK),
            (first.StatusCode, second.StatusCode, third.StatusCode, others.StatusCode));
        Assert.Equal("30", third.Headers.GetValues("Retry-After").Single());
        var error = (await third.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal("rate_limit_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Tokens_of_requests_and_processes_are_counted_until_there_are_no_more()
    {
        await using var home = await StartAsync(new ScriptedCpu([new TextDelta("Hello.")]));
        home.Accounts.Add("anna", limits: new AccountLimits { TokensPerDay = 20 });
        var key = home.Accounts.AddKey("anna", "key").Token;
        const string Question = """{"messages": [{"role": "user", "content": "Hi"}]}""";
        async Task<HttpStatusCode> AskAsync(string method, string address, string body)
        {
            using var request = Request(method, address, key, body);
            using var response = await home.Http.SendAsync(request, Token);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await AskAsync("POST", "v1/chat/completions", Question));
        Assert.Equal(HttpStatusCode.Created, await AskAsync("POST", "api/processes", """{"message": "Hi"}"""));
        await home.Table.WaitAsync(home.Table.List().Single().Id, Token);

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync("POST", "v1/chat/completions", Question));
        Assert.Equal(
            HttpStatusCode.TooManyRequests,
            await AskAsync("POST", $"api/processes/{home.Table.List().Single().Id}/messages", """{"content": "Hi"}"""));
        var used = home.Accounts.Usage("anna");
        Assert.Equal((20, 2), (used.TokensIn, used.TokensOut));
    }

    [Fact]
    public async Task Files_of_a_person_have_a_limit_together()
    {
        await using var home = await StartAsync();
        home.Accounts.Add("anna", limits: new AccountLimits { FileBytes = 10 });
        var process = (await home.Table.SpawnAsync("anna", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token)).Id;
        var key = home.Accounts.AddKey("anna", "key").Token;
        async Task<HttpStatusCode> GiveAsync(int length)
        {
            using var request = Request("POST", $"api/processes/{process}/files?name=a.txt", key, new string('a', length));
            using var response = await home.Http.SendAsync(request, Token);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Created, await GiveAsync(7));
        Assert.Equal(HttpStatusCode.Forbidden, await GiveAsync(4));
        Assert.Equal(HttpStatusCode.Created, await GiveAsync(3));
        Assert.Equal(HttpStatusCode.Forbidden, await GiveAsync(1));
    }

    [Fact]
    public async Task Guest_cannot_allow_tools_what_belongs_to_the_owner()
    {
        var tool = new ReadingTool();
        await using var home = await StartAsync(new ObedientCpu(), tools: [tool]);
        home.Accounts.Add("anna");
        async Task<ProcessRecord> AskAsync(string owner)
        {
            var id = (await home.Table.SpawnAsync(owner, ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token)).Id;
            await home.Table.SayAsync(id, Message.User("[[read {}]]"), Token);
            await home.Table.WaitAsync(id, Token);
            return home.Table.Get(id);
        }

        var (anna, olga) = (await AskAsync("anna"), await AskAsync(RunningHome.Owner));

        Assert.Contains("is closed to anna", JsonSerializer.Serialize(home.Table.ReadHistory(anna.Id).Messages));
        Assert.Empty(home.Table.Approvals("anna"));
        Assert.Single(home.Table.Approvals(RunningHome.Owner));
        Assert.Equal(ProcessState.WaitingForPerson, olga.State);

        home.Accounts.SetLimits("anna", new AccountLimits { Capabilities = ["files.read"] });
        await AskAsync("anna");
        Assert.Single(home.Table.Approvals("anna"));
    }

    [Fact]
    public async Task Removed_user_runs_nothing_any_more()
    {
        await using var home = await StartAsync(requiresLogin: false);
        home.Accounts.Add("anna");
        var key = home.Accounts.AddKey("anna", "key").Token;
        var kept = await home.SpawnAsync("""{"owner": "anna"}""");
        home.Facts.Add("anna", new FactVersion("Tea.", FactState.Kept, [], null), "test");

        var (status, _) = await home.SendAsync("DELETE", "api/users/anna");
        using var request = Request("GET", "api/me", key);
        using var refused = await home.Http.SendAsync(request, Token);

        Assert.Equal((200, HttpStatusCode.Unauthorized), (status, refused.StatusCode));
        Assert.Equal(ProcessState.Killed, home.Table.Get(kept).State);
        Assert.Single(home.Facts.List("anna"));

        home.Accounts.Add("anna");
        await home.SendAsync("DELETE", "api/users/anna?forget=true");
        Assert.Empty(home.Facts.List("anna"));
        Assert.Equal(404, (await home.SendAsync("GET", $"api/processes/{kept}")).Status);
    }

    static Task<RunningHome> StartAsync(
        ICpu? cpu = null, bool requiresLogin = true, IEnumerable<ITool>? tools = null,
        Func<ServerOptions, ServerOptions>? options = null, TimeProvider? time = null) => RunningHome.StartAsync(
        cpu ?? new ScriptedCpu([new TextDelta("Hello.")]), tools: tools,
        options: usual => (options ?? (one => one))(usual with
        {
            RequiresLogin = requiresLogin,
            AllowedOrigins = ["https://chat.example.org"],
        }),
        hasAccounts: true, services: builder => builder.Services.AddSingleton(time ?? TimeProvider.System));

    static string Own(RunningHome home) => home.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    static HttpRequestMessage Request(string method, string address, string? key = null, string? body = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), address)
        {
            Content = body is null ? null : new StringContent(body, mediaType: new("application/json")),
        };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return request;
    }

    static async Task<HttpResponseMessage> PostAsync(
        RunningHome home, string address, string body, string? cookie = null, string? origin = null)
    {
        using var request = Request("POST", address, body: body);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var http = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = home.Http.BaseAddress };
        return await http.SendAsync(request, Token);
    }

    /// <summary>Reads a file of the machine.</summary>
    sealed class ReadingTool : ITool
    {
        public ToolDeclaration Declaration { get; } = new("read", "Reads.", JsonElement.Parse("""{"type": "object"}"""));

        public IReadOnlyList<Capability> Needs => [Capability.ReadFiles];

        public bool IsRepeatable => true;

        public IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context) => [Effect.ReadFile("/etc/passwd")];

        public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult(ToolResult.Text("root"));
    }
}
