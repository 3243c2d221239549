using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Noos.Cpus.ChatClients;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Testing;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace Noos.Server.Tests;

/// <summary>The real server on a free loopback port, with a scripted model and one tool.</summary>
sealed class RunningServer : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly Assistant _assistant;

    readonly ICpu _cpu;

    RunningServer(WebApplication app, Assistant assistant, ICpu cpu)
    {
        _app = app;
        _assistant = assistant;
        _cpu = cpu;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Http = new HttpClient { BaseAddress = Address };
    }

    public ScriptedChatClient Model => (ScriptedChatClient)_cpu.GetService(typeof(ScriptedChatClient))!;

    public Uri Address { get; }

    public HttpClient Http { get; }

    public static Task<RunningServer> StartAsync(params IReadOnlyList<AIContent>[] replies) =>
        StartAsync(new ChatClientCpu(new ScriptedChatClient(replies)));

    public static async Task<RunningServer> StartAsync(ICpu cpu, Action<WebApplicationBuilder>? configure = null)
    {
        var assistant = new Assistant(cpu,
            [new ScriptedTool("calculator", arguments =>
                arguments.GetProperty("expression").GetString() == "48*37+5"
                    ? "1781"
                    : throw new InvalidOperationException("bad <b>sum</b>"))]);
        var app = ChatServer.Create(assistant, new ServerOptions { Port = 0, MaxRequestLength = 100_000 }, configure);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningServer(app, assistant, cpu);
    }

    /// <summary>The official client, pointed here, without its retries: they would hide failures.</summary>
    public ChatClient CreateOfficialClient() => new(
        "scripted", new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = new Uri(Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });

    public EmbeddingClient CreateOfficialEmbeddingClient() => new(
        "tiny", new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = new Uri(Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });

    public Task<HttpResponseMessage> PostAsync(string json, string path = "v1/chat/completions") =>
        Http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, mediaType: new("application/json")),
            TestContext.Current.CancellationToken);

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await _assistant.DisposeAsync();
    }
}
