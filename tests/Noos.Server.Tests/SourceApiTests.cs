using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Testing;
using Noos.Tools.Code;
using Noos.Tools.Code.JavaScript;

namespace Noos.Server.Tests;

/// <summary>What tools give beside their text, over HTTP: sources, output while they run, charts.</summary>
public sealed class SourceApiTests
{
    const string Question = """{"messages": [{"role": "user", "content": "Who was it?"}]}""";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static ScriptedCpu Citing => new(
        [ScriptedCpu.Call("1", "search", """{"query": "x"}""")], [new TextDelta("George "), new TextDelta("Washington [1].")]);

    static ScriptedCpu Drawing => new(
        [
            ScriptedCpu.Call("1", "javascript",
                """{"code": "console.log('half way'); chart({type: 'bar', title: 'Sales', labels: ['a', 'b'], values: [1, 2]})"}"""),
        ],
        [new TextDelta("Drawn.")]);

    [Fact]
    public async Task Answer_of_a_chat_has_the_passages_that_it_cites()
    {
        await using var home = await RunningHome.StartAsync(Citing, tools: [new CitingTool()]);

        var message = (await home.PostAsync("v1/chat/completions", Question)).GetProperty("choices")[0].GetProperty("message");

        var annotation = Assert.Single(message.GetProperty("annotations").EnumerateArray());
        Assert.Equal("url_citation", annotation.GetProperty("type").GetString());
        var cited = annotation.GetProperty("url_citation");
        Assert.Equal("[1]", message.GetProperty("content").GetString()![
            cited.GetProperty("start_index").GetInt32()..cited.GetProperty("end_index").GetInt32()]);
        Assert.Equal(
            ("https://w.example/", "Washington", 1, "He was the first."),
            (cited.GetProperty("url").GetString(), cited.GetProperty("title").GetString(), cited.GetProperty("number").GetInt32(),
                cited.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Stream_ends_with_the_passages_that_it_cites()
    {
        await using var home = await RunningHome.StartAsync(Citing, tools: [new CitingTool()]);

        var chunks = await StreamAsync(home, Question);

        var annotated = Assert.Single(chunks, chunk => Delta(chunk).TryGetProperty("annotations", out _));
        var cited = Delta(annotated).GetProperty("annotations")[0].GetProperty("url_citation");
        Assert.Equal("George Washington ".Length, cited.GetProperty("start_index").GetInt32());
    }

    [Fact]
    public async Task Events_and_messages_of_a_process_have_them_too()
    {
        await using var home = await RunningHome.StartAsync(Citing, tools: [new CitingTool()]);
        var id = await home.SpawnAsync();
        await home.PostAsync($"api/processes/{id}/messages", """{"content": "Who was it?"}""");
        await home.GetAsync($"api/processes/{id}/wait");

        var messages = await home.GetAsync($"api/processes/{id}/messages");
        var last = await home.GetAsync($"api/processes/{id}/messages?limit=1");
        var events = await home.GetAsync($"api/processes/{id}/events");

        var cited = Assert.Single(messages.GetProperty("citations").EnumerateArray());
        Assert.Equal(messages.GetProperty("data").GetArrayLength() - 1, cited.GetProperty("message").GetInt32());
        Assert.Equal("He was the first.", cited.GetProperty("passages")[0].GetProperty("text").GetString());
        Assert.Equal(0, Assert.Single(last.GetProperty("citations").EnumerateArray()).GetProperty("message").GetInt32());
        var ran = events.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("event"))
            .Last(item => item.GetProperty("kind").GetString() == "ran");
        Assert.Equal(
            "https://w.example/", ran.GetProperty("citations")[0].GetProperty("source").GetProperty("address").GetString());
    }

    [Fact]
    public async Task Output_of_code_is_streamed_before_its_result_which_has_the_chart()
    {
        await using var home = await RunningHome.StartAsync(Drawing, tools: [new JavaScriptTool(new CodeRuntime())]);

        var events = (await StreamAsync(home, Question)).Where(chunk => chunk.TryGetProperty("noos", out _))
            .Select(chunk => chunk.GetProperty("noos")[0]).ToList();

        var kinds = events.ConvertAll(item => item.GetProperty("event").GetString());
        var at = kinds.IndexOf("tool_output");
        Assert.True(at >= 0 && at < kinds.IndexOf("tool_result"), string.Join(' ', kinds));
        Assert.Contains("half way", events[at].GetProperty("output").GetString(), StringComparison.Ordinal);
        var picture = events[kinds.IndexOf("tool_result")].GetProperty("parts").EnumerateArray()
            .Single(part => part.GetProperty("type").GetString() == "image").GetProperty("uri").GetString();
        Assert.StartsWith("data:image/svg+xml;base64,", picture, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chart_of_a_request_with_files_comes_with_its_content()
    {
        await using var home = await RunningHome.StartAsync(Drawing, tools: [new JavaScriptTool(new CodeRuntime())]);

        var answer = await home.PostAsync("v1/chat/completions", """
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "Draw it."},
             {"type": "file", "file": {"filename": "a.csv", "file_data": "data:text/csv;base64,YSxiCjEsMgo="}}]}]}
            """);

        var picture = answer.GetProperty("noos").EnumerateArray().Single(item => item.GetProperty("event").GetString() == "tool_result")
            .GetProperty("parts").EnumerateArray().Single(part => part.GetProperty("type").GetString() == "image").GetProperty("uri");
        Assert.StartsWith("data:image/svg+xml;base64,", picture.GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_follows_a_process_sees_what_its_code_prints_and_can_fetch_its_chart()
    {
        await using var home = await RunningHome.StartAsync(Drawing, tools: [new JavaScriptTool(new CodeRuntime())]);
        var id = await home.SpawnAsync();
        using var response = await home.Http.GetAsync(
            $"api/processes/{id}/events?follow=true", HttpCompletionOption.ResponseHeadersRead, Token);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        var read = new List<string>();
        await home.PostAsync($"api/processes/{id}/messages", """{"content": "Draw it."}""");
        while (!read.Exists(line => line.Contains("Drawn.", StringComparison.Ordinal)))
        {
            read.Add(await lines.ReadLineAsync(Token) ?? throw new InvalidOperationException("The stream ended."));
        }

        var printed = read.FindIndex(line => line.Contains("\"printed\"", StringComparison.Ordinal));
        Assert.Contains("half way", read[printed], StringComparison.Ordinal);
        // A client that comes back goes on from an event that is kept.
        Assert.DoesNotContain("id:", read[printed - 1], StringComparison.Ordinal);
        var kept = await home.GetAsync($"api/processes/{id}/events");
        Assert.DoesNotContain(kept.GetProperty("data").EnumerateArray(), entry => entry.GetProperty("id").GetInt64() == 0);
        using var chart = await home.Http.GetAsync($"api/processes/{id}/files/chart-1.svg", Token);
        Assert.Equal("image/svg+xml", chart.Content.Headers.ContentType!.MediaType);
        Assert.Contains("sandbox", chart.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.StartsWith("<svg", await chart.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_says_what_confines_code()
    {
        var runtime = new CodeRuntime();
        await using var home = await RunningHome.StartAsync(Drawing, tools: [new JavaScriptTool(runtime)]);
        var choice = await runtime.FindSandboxAsync(Token);

        var sandbox = (await home.GetAsync("health")).GetProperty("sandbox");

        Assert.Equal(JsonNamingPolicy.SnakeCaseLower.ConvertName($"{choice.Level}"), sandbox.GetProperty("level").GetString());
        Assert.Equal(choice.Description, sandbox.GetProperty("sentence").GetString());
    }

    static JsonElement Delta(JsonElement chunk) => chunk.GetProperty("choices")[0].GetProperty("delta");

    static async Task<List<JsonElement>> StreamAsync(RunningHome home, string body)
    {
        using var content = new StringContent(body[..^1] + ", \"stream\": true}", mediaType: new("application/json"));
        using var response = await home.Http.PostAsync("v1/chat/completions", content, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        return
        [
            .. text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
                .Select(line => JsonElement.Parse(line[6..])),
        ];
    }

    /// <summary>A search that always finds the same passage.</summary>
    sealed class CitingTool : ITool
    {
        public ToolDeclaration Declaration { get; } = new(
            "search", "Finds.", JsonElement.Parse("""{"type": "object", "properties": {"query": {"type": "string"}}}"""));

        public IReadOnlyList<Capability> Needs => [];

        public bool IsRepeatable => true;

        public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new ToolResult(
                [
                    new TextPart("[1] Washington\n"),
                    new TextPart("He was the first.") { Citation = new Citation(1, "Washington", "https://w.example/") },
                ]));
    }
}
