using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Facts;
using Noos.Core.Tools;
using Noos.Kernel.Accounts;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Facts;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Testing;
using Noos.Tools.Memory;

namespace Noos.Server.Tests;

/// <summary>The real server on a free loopback port, with the processes of a home.</summary>
sealed class RunningHome : IAsyncDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Assistant _assistant;
    readonly Journal _journal;
    readonly TimerTable _timers;
    readonly WebApplication _app;

    RunningHome(
        ICpu cpu, TimeSpan ping, IEnumerable<ITool> tools, Func<ServerOptions, ServerOptions>? configure, bool hasMemory, bool hasAccounts,
        Action<WebApplicationBuilder>? services, Action<WebApplication>? map)
    {
        Facts = new FactStore(_folder.Path);
        _assistant = new Assistant(
            cpu,
            [
                new ScriptedTool("double", arguments => $"{2 * arguments.GetProperty("n").GetInt32()}"),
                .. tools, .. hasMemory ? MemoryTools.Create(Facts) : [],
            ]);
        _journal = Journal.Open(_folder.Path);
        Accounts = new AccountStore(_folder.Path);
        if (hasAccounts)
        {
            Accounts.EnsureOwner(Owner);
            _assistant.Gate.Owners = Accounts;
        }

        Table = new ProcessTable(
            _journal, cpu, _assistant.Gate, _assistant.Tools,
            options: new ProcessTableOptions { Quota = hasAccounts ? Accounts : null });
        _timers = new TimerTable(Table);
        _timers.Start();
        _app = ChatServer.Create(
            _assistant,
            (configure ?? (options => options))(new ServerOptions { Port = 0, PingInterval = ping, ResponseFolder = _folder.Path }),
            builder =>
            {
                builder.Services.AddSingleton(Table).AddSingleton(_timers).AddSingleton<IFactStore>(Facts);
                if (hasAccounts)
                {
                    builder.Services.AddSingleton(Accounts);
                }

                services?.Invoke(builder);
            });
        map?.Invoke(_app);
        Http = new HttpClient();
    }

    /// <summary>Whose the home is, where it has accounts.</summary>
    public const string Owner = "olga";

    public ProcessTable Table { get; }

    public AccountStore Accounts { get; }

    /// <summary>Those of the server.</summary>
    public IServiceProvider Services => _app.Services;

    public FactStore Facts { get; }

    public HttpClient Http { get; }

    /// <summary>Every route that is served, with its methods.</summary>
    public IReadOnlyList<(string Path, string Method)> Routes =>
    [
        .. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(endpoint =>
            (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                .Select(method => (endpoint.RoutePattern.RawText!, method))),
    ];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RunningHome> StartAsync(
        ICpu cpu, TimeSpan? ping = null, IEnumerable<ITool>? tools = null, Func<ServerOptions, ServerOptions>? options = null,
        bool hasMemory = false, bool hasAccounts = false, Action<WebApplicationBuilder>? services = null,
        Action<WebApplication>? map = null)
    {
        var home = new RunningHome(
            cpu, ping ?? TimeSpan.FromSeconds(5), tools ?? [], options, hasMemory, hasAccounts, services, map);
        await home._app.StartAsync(Token);
        home.Http.BaseAddress = new Uri(
            home._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return home;
    }

    /// <summary>Asks, and gives the answer with its status.</summary>
    public async Task<(int Status, JsonElement Body)> SendAsync(string method, string address, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (body is not null)
        {
            request.Content = new StringContent(body, mediaType: new("application/json"));
        }

        using var response = await Http.SendAsync(request, Token);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    /// <summary>The same, where it must succeed.</summary>
    public async Task<JsonElement> GetAsync(string address) => Succeeded(await SendAsync("GET", address));

    /// <inheritdoc cref="GetAsync"/>
    public async Task<JsonElement> PostAsync(string address, string body = "{}") => Succeeded(await SendAsync("POST", address, body));

    /// <summary>Begins a conversation.</summary>
    public async Task<long> SpawnAsync(string body = "{}") => (await PostAsync("api/processes", body)).GetProperty("id").GetInt64();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await _timers.DisposeAsync();
        await Table.DisposeAsync();
        await _journal.DisposeAsync();
        await _assistant.DisposeAsync();
        _folder.Dispose();
    }

    static JsonElement Succeeded((int Status, JsonElement Body) answer)
    {
        Assert.True(answer.Status is >= 200 and < 300, $"{answer.Status} {answer.Body}");
        return answer.Body;
    }
}
