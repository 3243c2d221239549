using System.Net.Http.Headers;
using System.Text.Json;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>Answers validate against the schema that OpenAI publishes.</summary>
public sealed class OpenAiSchemaTests
{
    const string Tool = """{"type": "function", "name": "weather", "parameters": {"type": "object"}}""";

    static readonly CpuEvent[] s_thoughtful =
    [
        new RunStarted(), new ThoughtDelta("Hm."), new TextDelta("Hel"), new TextDelta("lo"),
        new TokensScored([new ScoredToken("Hello"u8.ToArray(), -0.5f, [new ScoredToken("Hello"u8.ToArray(), -0.5f, [])])]),
    ];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1/chat/completions", """{"messages": [{"role": "user", "content": "hi"}], "tools": [], "n": 2, "logprobs": true}""",
        "CreateChatCompletionResponse")]
    [InlineData("v1/completions", """{"prompt": ["Once", "upon"], "logprobs": 1}""", "CreateCompletionResponse")]
    [InlineData("v1/responses", """{"input": "hi", "tools": [], "metadata": {"a": "b"}, "top_logprobs": 1}""", "Response")]
    [InlineData("v1/responses", """{"input": "hi", "max_output_tokens": 2, "instructions": "Be brief."}""", "Response")]
    public async Task Whole_answers_fit(string path, string body, string type)
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu(s_thoughtful));

        var (status, answer) = await server.SendAsync("POST", path, body);

        Assert.True(status == 200, answer.ToString());
        OpenAiSchema.Check(type, answer);
    }

    [Theory]
    [InlineData("v1/chat/completions",
        """{"messages": [{"role": "user", "content": "hi"}], "stream": true, "stream_options": {"include_usage": true}, "n": 2}""",
        "CreateChatCompletionStreamResponse")]
    [InlineData("v1/responses", """{"input": "hi", "stream": true}""", "ResponseStreamEvent")]
    public async Task Every_event_of_a_stream_fits(string path, string body, string type)
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu(
            [.. s_thoughtful, ScriptedCpu.Call("call_1", "calculator", """{"expression": "48*37+5"}""")], [new TextDelta("It is 1781.")]));

        var events = await StreamAsync(server, path, body);

        Assert.NotEmpty(events);
        Assert.All(events, item => OpenAiSchema.Check(type, item));
    }

    [Fact]
    public async Task Calls_for_the_caller_fit_in_both_apis()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu(
            [new TextDelta("Let me look."), ScriptedCpu.Call("call_1", "weather", """{"city": "Oslo"}""")]));

        var (_, chat) = await server.SendAsync("POST", "v1/chat/completions", """
            {"messages": [{"role": "user", "content": "hi"}], "tools": [{"type": "function", "function": {"name": "weather"}}]}
            """);
        var (_, response) = await server.SendAsync("POST", "v1/responses", $$"""{"input": "hi", "tools": [{{Tool}}]}""");
        var events = await StreamAsync(server, "v1/responses", $$"""{"input": "hi", "stream": true, "tools": [{{Tool}}]}""");

        OpenAiSchema.Check("CreateChatCompletionResponse", chat);
        OpenAiSchema.Check("Response", response);
        Assert.All(events, item => OpenAiSchema.Check("ResponseStreamEvent", item));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(item => item.GetProperty("sequence_number").GetInt32()));
    }

    [Fact]
    public async Task Models_files_and_errors_fit()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("Yes.")]));
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { new StringContent("user_data"), "purpose" }, { content, "file", "a.bin" } };

        using var posted = await server.Http.PostAsync(new Uri("v1/files", UriKind.Relative), form, Token);
        var file = JsonElement.Parse(await posted.Content.ReadAsStringAsync(Token));
        var (_, files) = await server.SendAsync("GET", "v1/files");
        var (_, deleted) = await server.SendAsync("DELETE", $"v1/files/{file.GetProperty("id").GetString()}");
        var (_, models) = await server.SendAsync("GET", "v1/models");
        var (status, error) = await server.SendAsync("POST", "v1/responses", """{"input": 5}""");

        OpenAiSchema.Check("OpenAIFile", file);
        OpenAiSchema.Check("ListFilesResponse", files);
        OpenAiSchema.Check("DeleteFileResponse", deleted);
        OpenAiSchema.Check("ListModelsResponse", models);
        Assert.Equal(400, status);
        OpenAiSchema.Check("ErrorResponse", error);
    }

    [Fact]
    public async Task Failure_in_the_middle_is_an_event_of_the_schema()
    {
        await using var server = await RunningServer.StartAsync(
            new ScriptedCpu(s_thoughtful) { Failure = new Core.NoosException(Core.ErrorKind.Unavailable, "Gone.") });

        var events = await StreamAsync(server, "v1/responses", """{"input": "hi", "stream": true, "tools": []}""");

        Assert.All(events, item => OpenAiSchema.Check("ResponseStreamEvent", item));
        Assert.Equal("response.failed", events[^1].GetProperty("type").GetString());
        Assert.Equal("Gone.", events[^1].GetProperty("response").GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public void What_does_not_fit_is_found()
    {
        Assert.NotNull(OpenAiSchema.FindFault("Response", JsonElement.Parse("""{"id": "resp_1"}""")));
        Assert.NotNull(OpenAiSchema.FindFault("ResponseStreamEvent", JsonElement.Parse("""{"type": "response.other"}""")));
    }

    static async Task<List<JsonElement>> StreamAsync(RunningServer server, string path, string body)
    {
        using var response = await server.PostAsync(body, path);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, text);
        return
        [
            .. text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
                .Select(line => JsonElement.Parse(line["data: ".Length..])),
        ];
    }
}
