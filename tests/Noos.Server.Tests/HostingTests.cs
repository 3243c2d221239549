using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Noos.Core;
using Noos.Cpus.ChatClients;
using Noos.Kernel.Agents;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>The server inside a host that serves more than it.</summary>
public sealed class HostingTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_of_ones_own_mounts_the_api_and_the_page_below_an_address()
    {
        await using var assistant = new Assistant(new ChatClientCpu(new ScriptedChatClient([new TextContent("Hello.")])), []);
        await using var app = await StartAsync(assistant);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var answer = await http.PostAsync(
            "/ai/v1/chat/completions", new StringContent("""{"messages":[{"role":"user","content":"hi"}],"tools":[]}"""), Token);
        var text = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token))
            .GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
        var models = JsonElement.Parse(await http.GetStringAsync("/ai/v1/models", Token));

        Assert.Equal("Hello.", text);
        Assert.Equal(1_800_000_000, models.GetProperty("data")[0].GetProperty("created").GetInt64());
        Assert.Equal("mine", await http.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task Mounted_endpoints_refuse_other_sites_and_answer_failures_in_json_without_help_of_the_host()
    {
        await using var assistant = new Assistant(new ChatClientCpu(new ScriptedChatClient([new TextContent("never")])), []);
        await using var app = await StartAsync(assistant);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/ai/health");
        foreign.Headers.Add("Origin", "https://evil.example");
        using var foreignToHost = new HttpRequestMessage(HttpMethod.Get, "/");
        foreignToHost.Headers.Add("Origin", "https://evil.example");

        using var refused = await http.SendAsync(foreign, Token);
        using var untouched = await http.SendAsync(foreignToHost, Token);
        using var malformed = await http.PostAsync("/ai/v1/embeddings", new StringContent("{"), Token);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, untouched.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
        var error = JsonElement.Parse(await malformed.Content.ReadAsStringAsync(Token)).GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Host_that_is_no_address_is_refused_before_anything_is_built()
    {
        await using var assistant = new Assistant(new ChatClientCpu(new ScriptedChatClient()), []);

        var options = new ServerOptions { Host = "everywhere" };

        Assert.Contains("is no address", Assert.Throws<NoosException>(() => new ServiceCollection().AddNoosServer(options)).Message);
        Assert.Contains("is no address", Assert.Throws<NoosException>(() => ChatServer.Create(assistant, options)).Message);
    }

    static async Task<WebApplication> StartAsync(Assistant assistant)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(assistant);
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000)));
        builder.Services.AddNoosServer();
        var app = builder.Build();
        app.UseRouting();
        app.MapGet("/", new RequestDelegate(http => http.Response.WriteAsync("mine")));
        app.MapGroup("/ai").MapNoos();
        await app.StartAsync(Token);
        return app;
    }
}
