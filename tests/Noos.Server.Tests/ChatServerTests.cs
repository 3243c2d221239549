using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Server.OpenAi;
using Noos.Testing;

namespace Noos.Server.Tests;

public sealed class ChatServerTests
{
    const string Question = """{"model":"x","messages":[{"role":"user","content":"hi"}]}""";
    const string StreamedQuestion = """{"model":"x","stream":true,"messages":[{"role":"user","content":"hi"}]}""";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));

    static async Task<JsonElement> ErrorAsync(HttpResponseMessage response)
    {
        var error = (await JsonAsync(response)).GetProperty("error");
        Assert.False(string.IsNullOrWhiteSpace(error.GetProperty("message").GetString()));
        Assert.True(error.TryGetProperty("type", out _) && error.TryGetProperty("param", out _) && error.TryGetProperty("code", out _));
        return error;
    }

    static JsonElement[] Chunks(string body)
    {
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
        Assert.Equal("data: [DONE]", lines[^1]);
        return [.. lines[..^1].Select(line => JsonElement.Parse(line["data: ".Length..]))];
    }

    [Fact]
    public async Task Streamed_answer_shows_the_calls_of_the_servers_tools()
    {
        await using var server = await RunningServer.StartAsync(
            [ScriptedChatClient.Call("call_1", "calculator", "expression", "48*37+5")], [new TextContent("It is 1781.")]);

        using var response = await server.PostAsync(StreamedQuestion);
        var chunks = Chunks(await response.Content.ReadAsStringAsync(Token));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = chunks.Where(chunk => chunk.TryGetProperty("noos", out _))
            .SelectMany(chunk => chunk.GetProperty("noos").EnumerateArray())
            .ToArray();
        Assert.Equal(["tool_call", "model_run", "tool_result", "model_run"], events.Select(item => item.GetProperty("event").GetString()));
        Assert.Equal("48*37+5", events[0].GetProperty("arguments").GetProperty("expression").GetString());
        Assert.Equal("1781", events[2].GetProperty("content").GetString());
        Assert.Equal("stop", chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString()));
    }

    [Fact]
    public async Task Whole_answer_shows_the_calls_of_the_servers_tools()
    {
        await using var server = await RunningServer.StartAsync(
            [ScriptedChatClient.Call("call_1", "calculator", "expression", "1/0")], [new TextContent("That cannot be.")]);

        using var response = await server.PostAsync(Question);
        var root = await JsonAsync(response);

        Assert.Equal("That cannot be.", root.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        var result = root.GetProperty("noos").EnumerateArray().Single(item => item.GetProperty("event").GetString() == "tool_result");
        Assert.True(result.GetProperty("is_error").GetBoolean());
        Assert.Equal("bad <b>sum</b>", result.GetProperty("content").GetString());
    }

    [Fact]
    public async Task Thoughts_come_beside_the_text_whole_and_streamed()
    {
        await using var server = await RunningServer.StartAsync(
            [new TextReasoningContent("Let me "), new TextReasoningContent("think."), new TextContent("Yes.")]);

        using var whole = await server.PostAsync(Question);
        using var streamed = await server.PostAsync(StreamedQuestion);
        var message = (await JsonAsync(whole)).GetProperty("choices")[0].GetProperty("message");
        var deltas = Chunks(await streamed.Content.ReadAsStringAsync(Token))
            .Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta"))
            .ToArray();

        Assert.Equal("Yes.", message.GetProperty("content").GetString());
        Assert.Equal("Let me think.", message.GetProperty("reasoning_content").GetString());
        Assert.Equal("Let me think.",
            string.Concat(deltas.Select(delta => delta.TryGetProperty("reasoning_content", out var thought) ? thought.GetString() : "")));
        Assert.Equal("Yes.", string.Concat(deltas.Select(delta => delta.TryGetProperty("content", out var text) ? text.GetString() : "")));
    }

    [Theory]
    [InlineData(""" "tools":[] """)]
    [InlineData(""" "tool_choice":"none" """)]
    public async Task Request_can_take_all_tools_away(string field)
    {
        await using var server = await RunningServer.StartAsync([new TextContent("Hello")]);

        using var response = await server.PostAsync(
            $$"""{"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],{{field}}}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(server.Model.Options.Single()!.Tools is null or { Count: 0 });
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("{", null)]
    [InlineData("[]", null)]
    [InlineData("\"x\"", null)]
    [InlineData("{}", "messages")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":"hi"}""", "messages")]
    [InlineData("""{"messages":["hi"]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"robot","content":"hi"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", null)]
    [InlineData("""{"messages":[{"role":"tool","content":"5","tool_call_id":"no"}]}""", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"[]"}}]}]}""",
        "messages[0].tool_calls")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"temperature":3}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"temperature":1e999}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"n":129}""", "n")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stream":"yes"}""", "stream")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stop":[1]}""", "stop")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function"}]}""", "tools")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"tool_choice":"sometimes"}""", "tool_choice")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"response_format":{"type":"xml"}}""", "response_format.type")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","json_schema":{}}}""",
        "response_format.json_schema.schema")]
    public async Task Malformed_request_is_a_400_that_names_the_field(string body, string? param)
    {
        await using var server = await RunningServer.StartAsync([new TextContent("never")]);

        using var response = await server.PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (await ErrorAsync(response)).GetProperty("param").GetString());
        Assert.Empty(server.Model.Requests);
    }

    [Fact]
    public async Task Response_format_reaches_the_model_without_the_tools_of_the_server()
    {
        await using var server = await RunningServer.StartAsync([new TextContent("{}")], [new TextContent("{}")]);

        using var any = await server.PostAsync(
            """{"messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_object"}}""");
        using var schema = await server.PostAsync(
            """
            {"messages":[{"role":"user","content":"hi"}],
            "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}}
            """);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (any.StatusCode, schema.StatusCode));
        Assert.Null(Assert.IsType<ChatResponseFormatJson>(server.Model.Options[0]!.ResponseFormat).Schema);
        Assert.Equal("object",
            Assert.IsType<ChatResponseFormatJson>(server.Model.Options[1]!.ResponseFormat).Schema!.Value.GetProperty("type").GetString());
        Assert.All(server.Model.Options, options => Assert.Empty(options!.Tools ?? []));
    }

    [Fact]
    public void Mutated_requests_are_read_or_refused_but_never_crash()
    {
        var sample = Encoding.UTF8.GetBytes("""
            {"model":"x","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"\u00e9"}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
            {"role":"tool","tool_call_id":"c","content":"1"}],"temperature":0.5,"top_p":1,"max_tokens":5,"seed":-1,"stop":["a"],"stream":true,
            "stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],
            "tool_choice":{"type":"function","function":{"name":"f"}},"n":1,"logprobs":true,"top_logprobs":2,"logit_bias":{"5":-1.5},"frequency_penalty":1,"presence_penalty":-1,"repeat_penalty":1.1,"repeat_last_n":-1,"top_n_sigma":-1,"typical_p":0.9,"xtc_probability":0.5,"xtc_threshold":0.2,"dry_multiplier":0.8,"dry_base":1.75,"dry_allowed_length":2,"dry_penalty_last_n":-1,"dry_sequence_breakers":["\n"],"lora":[{"id":0,"scale":0.5}],"response_format":{"type":"json_schema","json_schema":{"schema":{}}}}
            """);
        Assert.NotNull(ChatRequest.Parse(sample));
        var random = new Random(7);
        var accepted = 0;
        for (var round = 0; round < 10_000; round++)
        {
            var bytes = sample.ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveAt(at);
                        break;
                    case 2:
                        bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count / 2), random.Next(1, 20)));
                        break;
                    default:
                        bytes[at] = "{}[]\":,0-e9n\\"u8[random.Next(13)];
                        break;
                }
            }

            try
            {
                ChatRequest.Parse(bytes.ToArray());
                accepted++;
            }
            catch (ApiException refusal)
            {
                Assert.Equal(400, refusal.Status);
            }
        }

        Assert.InRange(accepted, 100, 9_900);
    }

    [Fact]
    public async Task Request_that_is_too_large_is_a_413()
    {
        await using var server = await RunningServer.StartAsync([new TextContent("never")]);

        using var response = await server.PostAsync($$"""{"messages":[{"role":"user","content":"{{new string('a', 200_000)}}"}]}""");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        await ErrorAsync(response);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", 405)]
    [InlineData("POST", "/v1/models", 405)]
    [InlineData("GET", "/v1/models/gpt-9", 404)]
    [InlineData("GET", "/nothing/here", 404)]
    public async Task Wrong_address_or_method_is_told_in_json(string method, string path, int status)
    {
        await using var server = await RunningServer.StartAsync([new TextContent("never")]);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await server.Http.SendAsync(request, Token);

        Assert.Equal(status, (int)response.StatusCode);
        await ErrorAsync(response);
    }

    [Theory]
    [InlineData(Question)]
    [InlineData(StreamedQuestion)]
    public async Task Failure_that_the_user_can_act_on_is_a_400_with_its_sentence(string body)
    {
        await using var server = await RunningServer.StartAsync(
            [new ErrorContent("") { RawRepresentation = new NoosException("The question is too long; shorten it.") }]);

        using var response = await server.PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("The question is too long; shorten it.", (await ErrorAsync(response)).GetProperty("message").GetString());
    }

    [Fact]
    public async Task Failure_in_the_middle_of_a_stream_tells_its_kind()
    {
        await using var server = await RunningServer.StartAsync(
            [new TextContent("Once"),
                new ErrorContent("") { RawRepresentation = new NoosException(ErrorKind.Unavailable, "The model is gone.") }]);

        using var response = await server.PostAsync(StreamedQuestion);
        var body = await response.Content.ReadAsStringAsync(Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var error = JsonElement.Parse(body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1]["data: ".Length..])
            .GetProperty("error");
        Assert.Equal(
            ("The model is gone.", "server_error"), (error.GetProperty("message").GetString(), error.GetProperty("type").GetString()));
    }

    [Fact]
    public void Result_of_a_client_is_an_error_only_where_it_says_so()
    {
        static ToolResultPart Read(string field) => (ToolResultPart)ChatRequest.Parse(Encoding.UTF8.GetBytes($$$"""
            {"messages":[{"role":"user","content":"?"},
            {"role":"assistant","reasoning_content":"Hm","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"1","content":"Error: says the log"{{{field}}}}]}
            """)).Answer.Turn.Conversation.Messages[2].Parts.Single();

        Assert.False(Read("").IsError);
        Assert.True(Read(", \"is_error\": true").IsError);
    }

    [Fact]
    public async Task Failure_of_the_server_is_a_500_that_tells_nothing_of_its_inside()
    {
        await using var server = await RunningServer.StartAsync(
            [new ErrorContent("") { RawRepresentation = new InvalidOperationException("secret") }]);

        using var response = await server.PostAsync(Question);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("secret", (await ErrorAsync(response)).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_goes_away_stops_the_model()
    {
        await using var server = await RunningServer.StartAsync([new TextContent("never")]);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Model.BeforePiece = async token =>
        {
            reached.SetResult();
            await using var watch = token.Register(stopped.SetResult);
            await Task.Delay(Timeout.Infinite, token);
        };
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var request = server.Http.PostAsync(
            new Uri("v1/chat/completions", UriKind.Relative), new StringContent(StreamedQuestion), source.Token);
        await reached.Task.WaitAsync(Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await stopped.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Host", "evil.example")]
    public async Task Page_of_another_site_is_refused(string header, string value)
    {
        await using var server = await RunningServer.StartAsync([new TextContent("never")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Question) };
        request.Headers.TryAddWithoutValidation(header, value);

        using var response = await server.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(server.Model.Requests);
    }

    [Fact]
    public async Task Models_and_health_name_the_model()
    {
        await using var server = await RunningServer.StartAsync([new TextContent("never")]);

        var models = JsonElement.Parse(await server.Http.GetStringAsync("/v1/models", Token));
        var health = JsonElement.Parse(await server.Http.GetStringAsync("/health", Token));

        Assert.Equal("scripted", models.GetProperty("data")[0].GetProperty("id").GetString());
        Assert.Equal("list", models.GetProperty("object").GetString());
        Assert.Equal("ok", health.GetProperty("status").GetString());
        // A model elsewhere: nothing is kept here.
        Assert.False(health.TryGetProperty("cache", out _));
    }
}
