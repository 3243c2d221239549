using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Noos.Cpus.ChatClients;
using Noos.Kernel.Agents;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>Which pages may use the server, and what their browsers are told.</summary>
public sealed class OriginTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0.0.0.0", "chat.example.org", "https://chat.example.org", true)]
    [InlineData("0.0.0.0", "chat.example.org", "http://chat.example.org", true)]
    [InlineData("0.0.0.0", "chat.example.org", "https://evil.example", false)]
    [InlineData("0.0.0.0", "chat.example.org", "chrome-extension://chat.example.org", false)]
    [InlineData("0.0.0.0", "chat.example.org", "https://app.example", true)]
    [InlineData("127.0.0.1", "localhost:7060", "http://localhost:7060", true)]
    [InlineData("127.0.0.1", "localhost:7060", "http://127.0.0.1:7060", true)]
    [InlineData("127.0.0.1", "127.0.0.1:7060", "http://[::1]:7060", true)]
    [InlineData("127.0.0.1", "[::1]:7060", "http://[::1]:7060", true)]
    [InlineData("127.0.0.1", "localhost:7060", "http://localhost:3000", false)]
    [InlineData("127.0.0.1", "localhost:7060", "null", false)]
    [InlineData("127.0.0.1", "localhost:7060", "https://app.example", true)]
    [InlineData("127.0.0.1", "app.example", "https://app.example", true)]
    [InlineData("127.0.0.1", "localhost:7060", "tauri://localhost", true)]
    [InlineData("127.0.0.1", "evil.example", "http://evil.example", false)]
    public async Task Own_page_and_allowed_ones_may_ask_and_no_others(string listens, string host, string origin, bool isServed)
    {
        await using var assistant = NewAssistant();
        await using var app = await StartAsync(assistant, listens);
        using var http = new HttpClient();
        using var request = Request(app, HttpMethod.Post, host, origin);

        using var response = await http.SendAsync(request, Token);

        Assert.Equal(isServed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        var isElsewhere = origin[(origin.IndexOf("://", StringComparison.Ordinal) + 3)..] != host;
        Assert.Equal(
            isServed && isElsewhere ? [origin] : [],
            response.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed : []);
    }

    [Fact]
    public async Task Browser_is_told_beforehand_what_a_page_of_an_allowed_origin_may_send()
    {
        await using var assistant = NewAssistant();
        await using var app = await StartAsync(assistant, "127.0.0.1");
        using var http = new HttpClient();
        using var allowed = Request(app, HttpMethod.Options, "localhost", "https://app.example");
        using var foreign = Request(app, HttpMethod.Options, "localhost", "https://evil.example");
        foreach (var request in (HttpRequestMessage[])[allowed, foreign])
        {
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "content-type, authorization");
        }

        using var answer = await http.SendAsync(allowed, Token);
        using var refusal = await http.SendAsync(foreign, Token);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Forbidden), (answer.StatusCode, refusal.StatusCode));
        Assert.Equal("https://app.example", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("POST", string.Join(',', answer.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
        Assert.Equal(
            ["content-type", "authorization"],
            answer.Headers.GetValues("Access-Control-Allow-Headers").SelectMany(value => value.Split(", ")));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:7060", "https://chat.example.org", "chat.example.org", true)]
    [InlineData("0.0.0.0", "noos:7060", "https://chat.example.org", "chat.example.org", true)]
    [InlineData("127.0.0.1", "127.0.0.1:7060", "https://evil.example", "chat.example.org", false)]
    [InlineData("127.0.0.1", "127.0.0.1:7060", "https://chat.example.org", null, false)]
    [InlineData("127.0.0.1", "evil.example", "https://evil.example", "evil.example", false)]
    [InlineData("127.0.0.1", "evil.example", "https://evil.example", "localhost:7060", false)]
    public async Task Page_behind_a_proxy_that_asks_by_another_name_is_served(
        string listens, string host, string origin, string? forwarded, bool isServed)
    {
        await using var assistant = NewAssistant();
        await using var app = await StartAsync(assistant, listens);
        using var http = new HttpClient();
        using var request = Request(app, HttpMethod.Post, host, origin);
        request.Headers.Add("X-Forwarded-Proto", "https");
        if (forwarded is not null)
        {
            request.Headers.Add("X-Forwarded-Host", forwarded);
        }

        using var response = await http.SendAsync(request, Token);

        Assert.Equal(isServed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Refusal_of_a_request_can_be_read_by_an_allowed_page()
    {
        await using var assistant = NewAssistant();
        await using var app = await StartAsync(assistant, "127.0.0.1");
        using var http = new HttpClient();
        using var request = Request(app, HttpMethod.Post, "localhost", "https://app.example");
        request.Content = new StringContent("{");

        using var response = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("https://app.example", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    static Assistant NewAssistant() => new(new ChatClientCpu(new ScriptedChatClient([new TextContent("Yes.")])), []);

    static HttpRequestMessage Request(WebApplication app, HttpMethod method, string host, string origin)
    {
        var request = new HttpRequestMessage(method, $"http://127.0.0.1:{new Uri(app.Urls.First()).Port}/v1/chat/completions")
        {
            Content = method == HttpMethod.Post
                ? new StringContent("""{"messages": [{"role": "user", "content": "hi"}], "tools": []}""")
                : null,
        };
        request.Headers.Host = host;
        request.Headers.Add("Origin", origin);
        return request;
    }

    static async Task<WebApplication> StartAsync(Assistant assistant, string host)
    {
        var app = ChatServer.Create(
            assistant, new ServerOptions { Host = host, Port = 0, AllowedOrigins = ["https://app.example/", "tauri://localhost"] });
        await app.StartAsync(Token);
        return app;
    }
}
