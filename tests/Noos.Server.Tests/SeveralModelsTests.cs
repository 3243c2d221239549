using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>Several models behind one server: scripted ones, and endpoints, which are other servers of ours.</summary>
public sealed class SeveralModelsTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_are_listed_and_requests_and_processes_choose_among_them()
    {
        var other = Said("other");
        await using var home = await RunningHome.StartAsync(
            new CpuPool(Said("usual"), new ScriptedSource(("other", 5 << 20, () => other), ("third", 0, () => Said("third")))));

        var models = (await home.GetAsync("v1/models")).GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(
            [("usual", true), ("other", false), ("third", false)],
            models.Select(model => (Text(model, "id"), model.GetProperty("loaded").GetBoolean())));
        Assert.Equal(5 << 20, models[1].GetProperty("size_bytes").GetInt64());

        var answer = await home.PostAsync("v1/chat/completions", Question("other"));
        Assert.Equal(("other", "I am other."), (Text(answer, "model"), ContentOf(answer)));
        Assert.Equal("usual", Text(await home.PostAsync("v1/chat/completions", Question("gpt-5")), "model"));
        Assert.True((await home.GetAsync("v1/models/other")).GetProperty("loaded").GetBoolean());
        Assert.Equal(404, (await home.SendAsync("GET", "v1/models/fourth")).Status);

        var process = await home.SpawnAsync("""{"model": "third", "message": "Who are you?"}""");
        await home.GetAsync($"api/processes/{process}/wait");
        var messages = (await home.GetAsync($"api/processes/{process}/messages")).GetProperty("data");
        Assert.Contains("I am third.", messages[1].ToString(), StringComparison.Ordinal);
        Assert.Equal("third", Text((await home.GetAsync($"api/processes/{process}")).GetProperty("program"), "model"));

        // A child has the model of its parent.
        var child = await home.SpawnAsync($$"""{"kind": "agent", "parent": {{process}}}""");
        Assert.Equal("third", Text((await home.GetAsync($"api/processes/{child}")).GetProperty("program"), "model"));
        var (status, refusal) = await home.SendAsync("POST", "api/processes", """{"model": "fourth"}""");
        Assert.Equal((404, "model_not_found", "model"), (
            status, Text(refusal.GetProperty("error"), "code"), Text(refusal.GetProperty("error"), "param")));
        var unknown = Question("usual", """ "fallbacks": ["fourth"], """);
        (status, refusal) = await home.SendAsync("POST", "v1/chat/completions", unknown);
        Assert.Equal((404, "fallbacks"), (status, Text(refusal.GetProperty("error"), "param")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failover_is_shown_in_the_answer(bool isStreamed)
    {
        await using var server = await RunningServer.StartAsync(
            new CpuPool(Broken("usual"), new ScriptedSource(("other", 1, () => Said("other")))));

        var fields = $""" "fallbacks": ["other"], "stream": {(isStreamed ? "true" : "false")}, """;
        var response = await server.PostAsync(Question("usual", fields));
        var body = await response.Content.ReadAsStringAsync(Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(
            """{"event":"failover","from":"usual","to":"other","reason":"usual is out.",""", body, StringComparison.Ordinal);
        Assert.Contains("I am other.", body, StringComparison.Ordinal);
        var last = isStreamed ? body.Split("data: ")[^2] : body;
        Assert.Equal("other", Text(JsonElement.Parse(last), "model"));
        Assert.DoesNotContain("\"model\":\"usual\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failover_of_a_process_is_journalled_and_its_answer_is_whole()
    {
        await using var home = await RunningHome.StartAsync(
            new CpuPool(Broken("usual"), new ScriptedSource(("other", 1, () => Said("other")))));

        var process = await home.SpawnAsync("""{"fallbacks": ["other"], "message": "Who are you?"}""");
        Assert.Equal("waiting_for_person", Text(await home.GetAsync($"api/processes/{process}/wait"), "state"));

        var events = (await home.GetAsync($"api/processes/{process}/events")).GetProperty("data").EnumerateArray()
            .Select(entry => entry.GetProperty("event")).ToArray();
        Assert.Equal("usual", Text(events.Single(one => Text(one, "kind") == "run"), "model"));
        var failover = events.Single(one => Text(one, "kind") == "failover");
        Assert.Equal(("usual", "other", "usual is out."), (Text(failover, "from"), Text(failover, "to"), Text(failover, "reason")));
        Assert.Contains("I am other.", events.Single(one => Text(one, "kind") == "ran").ToString(), StringComparison.Ordinal);

        // What the other has made it makes again.
        var replay = await home.PostAsync($"api/processes/{process}/replay");
        Assert.True(replay.GetProperty("identical").GetBoolean());
        Assert.Equal(1, replay.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Endpoint_that_is_not_there_is_answered_for_by_one_that_is()
    {
        await using var there = await RunningServer.StartAsync(Said("there"));
        var options = new NoosOptions
        {
            Model = "http://127.0.0.1:9/v1#gone",
            Fallbacks = [$"{there.Address}v1#there"],
            Library = new ModelLibraryOptions { Folders = [], PullFolder = "" },
        };
        await using var home = await RunningHome.StartAsync(ModelSource.OpenPool(options));

        Assert.Equal(
            ["gone", "there"], (await home.GetAsync("v1/models")).GetProperty("data").EnumerateArray().Select(model => Text(model, "id")));
        var answer = await home.PostAsync("v1/chat/completions", Question("gone"));
        Assert.Equal(("there", "I am there."), (Text(answer, "model"), ContentOf(answer)));
        Assert.Contains("cannot be reached", Text(answer.GetProperty("noos")[0], "reason"), StringComparison.Ordinal);

        // A name that comes with a request opens nothing of its own choice.
        Assert.Equal(404, (await home.SendAsync("POST", "api/processes", """{"model": "http://127.0.0.1:9/v1#stranger"}""")).Status);
        Assert.Equal(404, (await home.SendAsync("POST", "api/processes", """{"model": "/etc/passwd"}""")).Status);
    }

    [Fact]
    public async Task Models_are_those_that_lie_here_and_base_models_are_marked()
    {
        using var folder = new TemporaryFolder();
        using var tiny = new TinyModel();
        foreach (var name in (string[])["Chat", "Chat-base", "other-BASE"])
        {
            File.Copy(tiny.Path, folder.File(name + ".gguf"));
        }

        var library = new ModelLibraryOptions { Folders = [folder.Path], PullFolder = folder.File("pulled") };
        await using var home = await RunningHome.StartAsync(ModelSource.OpenPool(
            new NoosOptions { Model = folder.File("Chat.gguf"), Library = library }));

        var models = (await home.GetAsync("v1/models")).GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(
            new ModelLibrary(library).List().Select(model => model.Name).Order(StringComparer.Ordinal),
            models.Select(model => Text(model, "id")).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["Chat-base", "other-BASE"],
            models.Where(model => model.TryGetProperty("base", out var isBase) && isBase.GetBoolean()).Select(model => Text(model, "id")));
        // Who lists models to chat with is not offered what cannot.
        Assert.Equal("Chat", Text(Assert.Single((await home.GetAsync("api/tags")).GetProperty("models").EnumerateArray()), "name"));
        // But it can be asked to go on with a text.
        var answer = await home.PostAsync("v1/completions", """{"model": "Chat-base", "prompt": "Once", "max_tokens": 2}""");
        Assert.Equal("Chat-base", Text(answer, "model"));
    }

    [Fact]
    public async Task Stopping_server_tells_requests_that_wait_to_come_back()
    {
        await using var cpu = new QueuedCpu();
        await using var server = await RunningServer.StartAsync(cpu);
        var waiting = server.PostAsync(Question("x"));
        await cpu.Asked.Task.WaitAsync(Token);

        var stop = server.StopAsync();
        var response = await waiting;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error");
        Assert.Equal(("stopping", "The server stops; ask again when it is up."), (Text(error, "code"), Text(error, "message")));
        await stop;
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("chat.example.org")]
    [InlineData("https://")]
    [InlineData("https://chat.example.org/page")]
    [InlineData("mailto:a@example.org")]
    public void Text_that_is_no_origin_is_refused(string text) => Assert.False(ServerOptions.IsOrigin(text));

    [Theory]
    [InlineData("*")]
    [InlineData("https://chat.example.org")]
    [InlineData("http://localhost:3000/")]
    [InlineData("chrome-extension://abcdefgh")]
    [InlineData("tauri://localhost")]
    public void Origin_is_one(string text) => Assert.True(ServerOptions.IsOrigin(text));

    static ScriptedCpu Said(string name) => new([new TextDelta($"I am {name}.") { TokenIds = [1, 2] }])
    {
        Info = new CpuInfo(name, CpuFeatures.Replay),
    };

    static ScriptedCpu Broken(string name) => new((CpuEvent[])[], [new TextDelta("never")])
    {
        Info = new CpuInfo(name),
        Failure = new NoosException(ErrorKind.Unavailable, $"{name} is out."),
    };

    static string Question(string model, string fields = "") =>
        $$"""{"model": "{{model}}", {{fields}} "messages": [{"role": "user", "content": "Who are you?"}]}""";

    static string ContentOf(JsonElement answer) => Text(answer.GetProperty("choices")[0].GetProperty("message"), "content");

    static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    /// <summary>A CPU whose queue never moves.</summary>
    sealed class QueuedCpu : ICpu
    {
        public CpuInfo Info { get; } = new("queued");

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

        public async IAsyncEnumerable<CpuEvent> RunAsync(
            Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            yield break;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
