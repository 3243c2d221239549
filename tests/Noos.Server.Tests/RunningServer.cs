#pragma warning disable OPENAI001 // The official client calls its responses "for evaluation".

using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Anthropic;
using Anthropic.Core;
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
using OpenAI.Audio;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Files;
using OpenAI.Responses;

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

    public static async Task<RunningServer> StartAsync(
        ICpu cpu, Action<WebApplicationBuilder>? configure = null, Func<ServerOptions, ServerOptions>? options = null)
    {
        var assistant = new Assistant(cpu,
            [new ScriptedTool("calculator", arguments =>
                arguments.GetProperty("expression").GetString() == "48*37+5"
                    ? "1781"
                    : throw new InvalidOperationException("bad <b>sum</b>"))]);
        var usual = new ServerOptions { Port = 0, MaxRequestLength = 100_000 };
        var app = ChatServer.Create(assistant, options?.Invoke(usual) ?? usual, configure);
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

    public AudioClient CreateAudioClient() => new(
        "tts-1", new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = new Uri(Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });

    /// <summary>The official client of the responses, likewise.</summary>
    public ResponsesClient CreateResponsesClient() => new(
        new ApiKeyCredential("none"),
        new ResponsesClientOptions { Endpoint = new Uri(Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });

    /// <summary>The official client of the files, likewise.</summary>
    public OpenAIFileClient CreateFileClient() => new(
        new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = new Uri(Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });

    /// <summary>Anthropic's own client, likewise; it checks what it reads.</summary>
    public AnthropicClient CreateAnthropicClient() => new(
        new ClientOptions
        {
            BaseUrl = Address.ToString().TrimEnd('/'),
            ApiKey = "none",
            MaxRetries = 0,
            ResponseValidation = true,
        });

    /// <summary>Asks, and gives the answer with its status.</summary>
    public async Task<(int Status, JsonElement Body)> SendAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body, mediaType: new("application/json"));
        }

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonElement.Parse(answer));
    }

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
