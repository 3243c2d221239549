using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;
using Noos.Kernel.Cpu;
using Noos.Testing;
using OllamaSharp;
using OllamaSharp.Models;

namespace Noos.Server.Tests;

/// <summary>Models that requests pull from the hub, line by line as Ollama's clients do it, and in the background.</summary>
public sealed class PullApiTests : IDisposable
{
    const string File = "Some-Model.Q4_K_M.gguf";
    const string Reference = LoopbackHub.Repository + ":Q4_K_M";
    const int CutAt = 20 << 10;

    static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(1);

    readonly LoopbackHub _hub = new();
    readonly TemporaryFolder _folder = new();
    readonly byte[] _content = LoopbackHub.Content(100_000);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Path => System.IO.Path.Combine(_folder.Path, LoopbackHub.Repository, File);

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Client_of_ollamas_sees_the_bytes_come_and_the_end()
    {
        _hub.Files[File] = _content;
        await using var server = await StartAsync();
        using var client = new OllamaApiClient(server.Address);
        var lines = new List<PullModelResponse>();

        await foreach (var line in client.PullModelAsync(new PullModelRequest { Model = "hf.co/" + Reference }, Token))
        {
            lines.Add(line!);
        }

        Assert.Equal(("pulling manifest", "success"), (lines[0].Status, lines[^1].Status));
        var last = lines[^2];
        Assert.Equal(($"pulling {File}", File, _content.Length, _content.Length), (last.Status, last.Digest, last.Total, last.Completed));
        Assert.Equal(_content, await System.IO.File.ReadAllBytesAsync(Path, Token));
        // The same model by another name is the same pull.
        Assert.Equal("complete", (await server.SendAsync("GET", $"api/pulls/{Reference}")).Body.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Pull_in_the_background_is_begun_followed_stopped_and_goes_on_where_it_was()
    {
        var goesOn = new TaskCompletionSource();
        _hub.Files[File] = _content;
        _hub.Next(_ => new LoopbackHub.Answer(200) { Body = _content, CutAt = CutAt, Hold = goesOn.Task });
        await using var server = await StartAsync();

        var (status, begun) = await server.SendAsync("POST", "api/pulls", $$"""{"model": "{{Reference}}"}""");
        var running = await WaitAsync(server, pull => pull.GetProperty("completed").GetInt64() == CutAt);
        var (_, list) = await server.SendAsync("GET", "api/pulls");
        var (_, stopped) = await server.SendAsync("DELETE", $"api/pulls/{Reference}");
        goesOn.SetResult();
        var (_, again) = await server.SendAsync("POST", "api/pulls", $$"""{"model": "{{Reference}}"}""");
        var done = await WaitAsync(server, pull => pull.GetProperty("state").GetString() == "complete");

        Assert.Equal((202, Reference), (status, begun.GetProperty("model").GetString()));
        Assert.Equal(("running", _content.Length), (running.GetProperty("state").GetString(), running.GetProperty("total").GetInt64()));
        Assert.Equal(Reference, Assert.Single(list.GetProperty("data").EnumerateArray()).GetProperty("model").GetString());
        Assert.Equal("stopped", stopped.GetProperty("state").GetString());
        Assert.Equal("running", again.GetProperty("state").GetString());
        Assert.Equal(_content.Length, done.GetProperty("completed").GetInt64());
        Assert.Equal($"bytes={CutAt}-", _hub.ToStore.Last()["Range"]);
        Assert.Equal(_content, await System.IO.File.ReadAllBytesAsync(Path, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_ends_with_the_client_that_goes_away_unless_another_wants_it(bool isWanted)
    {
        var goesOn = new TaskCompletionSource();
        _hub.Files[File] = _content;
        _hub.Next(_ => new LoopbackHub.Answer(200) { Body = _content, CutAt = CutAt, Hold = goesOn.Task });
        await using var server = await StartAsync();
        using var client = new OllamaApiClient(server.Address);

        await foreach (var line in client.PullModelAsync(new PullModelRequest { Model = Reference }, Token))
        {
            if (line!.Completed == CutAt)
            {
                if (isWanted)
                {
                    await server.SendAsync("POST", "api/pulls", $$"""{"model": "{{Reference}}"}""");
                }

                // Which ends the request.
                break;
            }
        }

        if (isWanted)
        {
            goesOn.SetResult();
        }

        await WaitAsync(server, pull => pull.GetProperty("state").GetString() == (isWanted ? "complete" : "stopped"));
        goesOn.TrySetResult();
        Assert.Single(_hub.Requests, request => request.Path.StartsWith("/api/models/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failure_is_told_in_a_sentence_by_every_way()
    {
        await using var server = await StartAsync();

        var (status, body) = await server.SendAsync("POST", "api/pull", """{"model": "owner/nothing", "stream": false}""");
        await server.SendAsync("POST", "api/pulls", """{"model": "owner/nothing"}""");
        var failed = await WaitAsync(server, pull => pull.GetProperty("state").GetString() == "failed", "owner/nothing");
        var (nonsense, _) = await server.SendAsync("POST", "api/pulls", """{"model": "nonsense"}""");
        var (address, _) = await server.SendAsync("POST", "api/pulls", """{"model": "https://example.org/a.gguf"}""");
        var (unknown, _) = await server.SendAsync("GET", "api/pulls/owner/other");

        Assert.Equal(404, status);
        Assert.Equal(body.GetProperty("error").GetString(), failed.GetProperty("problem").GetString());
        Assert.Equal((400, 400, 404), (nonsense, address, unknown));
    }

    [Fact]
    public async Task Nothing_is_pulled_where_others_can_reach_the_server_or_ask_who_are_not_its_owner()
    {
        await using var home = await RunningHome.StartAsync(
            new ObedientCpu(), options: options => options with { RequiresLogin = true }, hasAccounts: true);
        home.Accounts.Add("anna");
        var (anna, olga) = (home.Accounts.AddKey("anna", "test").Token, home.Accounts.AddKey(RunningHome.Owner, "test").Token);

        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Get, "api/pulls", anna));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, "api/pulls", anna));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Delete, $"api/pulls/{Reference}", anna));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, "api/pulls", olga));
        // This server has no hub.
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, "api/pulls", olga));

        async Task<HttpStatusCode> AskAsync(HttpMethod method, string path, string key)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            request.Headers.Authorization = new("Bearer", key);
            request.Content = method == HttpMethod.Post
                ? new StringContent($$"""{"model": "{{Reference}}"}""", mediaType: new("application/json"))
                : null;
            using var answer = await home.Http.SendAsync(request, Token);
            return answer.StatusCode;
        }
    }

    Task<RunningServer> StartAsync() => RunningServer.StartAsync(
        new ScriptedCpu([new TextDelta("never")]),
        builder => builder.Services
            .AddSingleton(new ModelLibrary(new ModelLibraryOptions { Folders = [], PullFolder = _folder.Path }))
            .AddSingleton(new HubOptions
            {
                Endpoint = _hub.Endpoint,
                PrivateHosts = [_hub.StoreAddress.Authority],
                FirstRetryDelay = s_soon,
            }));

    static async Task<JsonElement> WaitAsync(RunningServer server, Predicate<JsonElement> isThere, string model = Reference)
    {
        while (true)
        {
            var (_, pull) = await server.SendAsync("GET", $"api/pulls/{model}");
            if (isThere(pull))
            {
                return pull;
            }

            Assert.NotEqual("failed", pull.GetProperty("state").GetString());
            await Task.Delay(20, Token);
        }
    }
}
