using System.ClientModel;
using System.Text;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Responses;
using Noos.Testing;
using OpenAI.Responses;

#pragma warning disable OPENAI001 // The official client calls its responses "for evaluation".

namespace Noos.Server.Tests;

/// <summary>What OpenAI's own client must be able to do with our responses.</summary>
public sealed class ResponsesClientTests
{
    static readonly FunctionTool s_tool = ResponseTool.CreateFunctionTool(
        "weather", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""),
        strictModeEnabled: false, "Tells the weather");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Response_has_text_status_and_usage_and_can_be_found_again()
    {
        var cpu = new ScriptedCpu([new ThoughtDelta("Hm."), new TextDelta("Hel"), new TextDelta("lo")]);
        await using var server = await RunningServer.StartAsync(cpu);
        var client = server.CreateResponsesClient();

        ResponseResult response = await client.CreateResponseAsync(
            new CreateResponseOptions("scripted", [ResponseItem.CreateUserMessageItem("hi")])
            {
                Instructions = "Be brief.",
                MaxOutputTokenCount = 9,
                Temperature = 0.5f,
            }, Token);
        ResponseResult again = await client.GetResponseAsync(response.Id, Token);
        var input = new List<ResponseItem>();
        await foreach (var item in client.GetResponseInputItemsAsync(response.Id, Token))
        {
            input.Add(item);
        }

        Assert.Equal(("Hello", ResponseStatus.Completed, "scripted"), (response.GetOutputText(), response.Status, response.Model));
        Assert.Equal((10, 3, 4), (
            response.Usage.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.InputTokenDetails.CachedTokenCount));
        Assert.Equal("Hello", again.GetOutputText());
        Assert.Equal("hi", ((MessageResponseItem)input.Single()).Content.Single().Text);
        Assert.Equal([Role.System, Role.User], cpu.Turns.Single().Conversation.Messages.Select(message => message.Role));
        Assert.Equal((0.5f, 9), (cpu.Turns[0].Options.Temperature, cpu.Turns[0].Options.MaxTokens));

        await client.DeleteResponseAsync(response.Id, Token);
        var gone = await Assert.ThrowsAsync<ClientResultException>(() => client.GetResponseAsync(response.Id, Token));
        Assert.Equal(404, gone.Status);
    }

    [Fact]
    public async Task Response_goes_on_from_the_one_before_without_its_instructions()
    {
        var cpu = new ScriptedCpu([new TextDelta("I am fine.")], [new TextDelta("You said hi.")]);
        await using var server = await RunningServer.StartAsync(cpu);
        var client = server.CreateResponsesClient();

        ResponseResult first = await client.CreateResponseAsync(
            new CreateResponseOptions("scripted", [ResponseItem.CreateUserMessageItem("hi")]) { Instructions = "Be brief." }, Token);
        ResponseResult second = await client.CreateResponseAsync("scripted", "What did I say?", first.Id, Token);

        Assert.Equal("You said hi.", second.GetOutputText());
        Assert.Equal(
            ["hi", "I am fine.", "What did I say?"], cpu.Turns[1].Conversation.Messages.Select(message => message.Text()));
    }

    [Fact]
    public async Task Response_that_is_not_there_cannot_be_continued()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("Yes.")]));

        var (status, body) = await server.SendAsync("POST", "v1/responses", """{"input": "hi", "previous_response_id": "resp_none"}""");
        var error = body.GetProperty("error");

        Assert.Equal((400, "previous_response_not_found", "previous_response_id"), (
            status, error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Responses_are_forgotten_where_there_is_no_room()
    {
        await using var server = await RunningServer.StartAsync(
            new ScriptedCpu([new TextDelta("Yes.")]),
            options: usual => usual with { Responses = new ResponseLimits { MaxBytes = 10_000 } });
        var client = server.CreateResponsesClient();

        ResponseResult first = await client.CreateResponseAsync("scripted", "hi", cancellationToken: Token);
        for (var more = 0; more < 10; more++)
        {
            _ = await client.CreateResponseAsync("scripted", "hi", cancellationToken: Token);
        }

        var gone = await Assert.ThrowsAsync<ClientResultException>(() => client.GetResponseAsync(first.Id, Token));
        Assert.Equal(404, gone.Status);
    }

    [Fact]
    public async Task Stream_brings_the_pieces_and_the_whole()
    {
        await using var server = await RunningServer.StartAsync(
            new ScriptedCpu([new ThoughtDelta("Hm."), new TextDelta("Hel"), new TextDelta("l\u00f6")]));
        var text = new StringBuilder();
        var kinds = new List<string>();
        ResponseResult? whole = null;

        await foreach (var update in await server.CreateResponsesClient().CreateResponseStreamingAsync(
            "scripted", "hi", cancellationToken: Token))
        {
            kinds.Add(update.GetType().Name);
            text.Append((update as StreamingResponseOutputTextDeltaUpdate)?.Delta);
            whole = (update as StreamingResponseCompletedUpdate)?.Response ?? whole;
        }

        Assert.Equal("Hell\u00f6", text.ToString());
        Assert.Equal("Hell\u00f6", whole!.GetOutputText());
        Assert.Equal(nameof(StreamingResponseCreatedUpdate), kinds[0]);
        Assert.DoesNotContain(kinds, kind => kind.Contains("Unknown", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tool_of_the_client_is_called_by_the_client()
    {
        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("call_1", "weather", """{"city": "Oslo"}""")], [new TextDelta("It rains.")]);
        await using var server = await RunningServer.StartAsync(cpu);
        var client = server.CreateResponsesClient();
        var options = new CreateResponseOptions("scripted", [ResponseItem.CreateUserMessageItem("weather in Oslo?")])
        {
            Tools = { s_tool },
        };

        ResponseResult first = await client.CreateResponseAsync(options, Token);
        var call = first.OutputItems.OfType<FunctionCallResponseItem>().Single();
        ResponseResult second = await client.CreateResponseAsync(
            new CreateResponseOptions("scripted", [ResponseItem.CreateFunctionCallOutputItem(call.CallId, "rain")])
            {
                PreviousResponseId = first.Id,
                Tools = { s_tool },
            }, Token);

        Assert.Equal(("weather", """{"city": "Oslo"}"""), (call.FunctionName, call.FunctionArguments.ToString()));
        Assert.Equal("It rains.", second.GetOutputText());
        var result = cpu.Turns[1].Conversation.Messages[^1].Parts.OfType<ToolResultPart>().Single();
        Assert.Equal(("weather", "rain", "call_1"), (result.Name, result.Text, result.CallId));
    }

    [Fact]
    public async Task Tools_of_the_server_are_seen_as_those_of_a_server()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu(
            [ScriptedCpu.Call("call_1", "calculator", """{"expression": "48*37+5"}""")], [new TextDelta("It is 1781.")]));

        ResponseResult response = await server.CreateResponsesClient().CreateResponseAsync(
            "scripted", "48*37+5?", cancellationToken: Token);

        var call = response.OutputItems.OfType<McpToolCallItem>().Single();
        Assert.Equal(("noos", "calculator", "1781"), (call.ServerLabel, call.ToolName, call.ToolOutput));
        Assert.Equal("It is 1781.", response.GetOutputText());
    }

    [Fact]
    public async Task Hosted_tool_is_the_one_that_the_server_has_for_it()
    {
        var cpu = new ScriptedCpu([ScriptedCpu.Call("call_1", "search", "{}")], [new TextDelta("A mind.")]);
        await using var home = await RunningHome.StartAsync(cpu, tools: [new ScriptedTool("search", _ => "[1] Mind")]);

        var response = await home.PostAsync("v1/responses", """{"input": "noos?", "tools": [{"type": "web_search"}]}""");

        var call = response.GetProperty("output")[0];
        Assert.Equal(("mcp_call", "search", "[1] Mind"), (
            call.GetProperty("type").GetString(), call.GetProperty("name").GetString(), call.GetProperty("output").GetString()));
        Assert.Equal("web_search", response.GetProperty("tools")[0].GetProperty("type").GetString());
        Assert.Equal("search", Assert.Single(cpu.Turns[0].Tools).Name);
    }

    [Theory]
    [InlineData("""[{"type": "file_search", "vector_store_ids": ["v"]}]""")]
    [InlineData("""[{"type": "code_interpreter", "container": {"type": "auto"}}]""")]
    [InlineData("""[{"type": "web_search", "filters": {"allowed_domains": ["a.example"]}}]""")]
    [InlineData("""[{"type": "web_search"}, {"type": "function", "name": "f"}]""")]
    public async Task Hosted_tool_that_the_server_has_not_is_refused(string tools)
    {
        await using var home = await RunningHome.StartAsync(
            new ScriptedCpu([new TextDelta("Yes.")]), tools: [new ScriptedTool("search", _ => "")]);

        var (status, body) = await home.SendAsync("POST", "v1/responses", $$"""{"input": "hi", "tools": {{tools}}}""");

        Assert.Equal(400, status);
        Assert.StartsWith("tools", body.GetProperty("error").GetProperty("param").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extensions_ai_talks_with_responses_and_chat_completions()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("Hello.")]));
        var tool = AIFunctionFactory.Create((string city) => "rain", "weather", "Tells the weather");

        using var responses = server.CreateResponsesClient().AsIChatClient("scripted");
        using var chat = server.CreateOfficialClient().AsIChatClient();
        var options = new ChatOptions { Tools = [tool], Temperature = 0.5f, ResponseFormat = ChatResponseFormat.Text };
        foreach (var client in (IChatClient[])[responses, chat])
        {
            var whole = await client.GetResponseAsync("hi", options, Token);

            Assert.Equal("Hello.", whole.Text);
            Assert.Equal(10, whole.Usage!.InputTokenCount);
        }

        // Its streams of responses need another version of the official client than the newest.
        var streamed = new StringBuilder();
        await foreach (var update in chat.GetStreamingResponseAsync("hi", options, Token))
        {
            streamed.Append(update.Text);
        }

        Assert.Equal("Hello.", streamed.ToString());
    }

    [Fact]
    public async Task Json_schema_of_the_text_reaches_the_model()
    {
        var cpu = new ScriptedCpu([new TextDelta("""{"a": 1}""")]);
        await using var server = await RunningServer.StartAsync(cpu);

        ResponseResult response = await server.CreateResponsesClient().CreateResponseAsync(
            new CreateResponseOptions("scripted", [ResponseItem.CreateUserMessageItem("hi")])
            {
                TextOptions = new ResponseTextOptions
                {
                    TextFormat = ResponseTextFormat.CreateJsonSchemaFormat("a", BinaryData.FromString("""{"type": "object"}""")),
                },
            }, Token);

        Assert.Equal("""{"a": 1}""", response.GetOutputText());
        Assert.Equal("a", cpu.Turns.Single().Options.ResponseFormat!.SchemaName);
    }
}
