using System.ClientModel;
using System.Text;
using Microsoft.Extensions.AI;
using Noos.Testing;
using OpenAI.Chat;
using ChatCompletion = OpenAI.Chat.ChatCompletion;
using ChatMessage = OpenAI.Chat.ChatMessage;
using FinishReason = OpenAI.Chat.ChatFinishReason;

namespace Noos.Server.Tests;

/// <summary>What OpenAI's own client must be able to do with our server.</summary>
public sealed class OfficialClientTests
{
    static readonly ChatTool s_tool = ChatTool.CreateFunctionTool(
        "weather", "Tells the weather",
            BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Completion_has_text_reason_and_usage()
    {
        await using var server = await RunningServer.StartAsync([new TextContent("Hel"), new TextContent("lo")]);

        ChatCompletion completion = await server.CreateOfficialClient().CompleteChatAsync(
            [new SystemChatMessage("Be brief."), new UserChatMessage("hi")],
            new ChatCompletionOptions { Temperature = 0.5f, MaxOutputTokenCount = 9, StopSequences = { "END" } }, Token);

        Assert.Equal("Hello", completion.Content[0].Text);
        Assert.Equal(FinishReason.Stop, completion.FinishReason);
        Assert.Equal("scripted", completion.Model);
        Assert.Equal((10, 2, 12), (completion.Usage.InputTokenCount, completion.Usage.OutputTokenCount, completion.Usage.TotalTokenCount));
        Assert.Equal(4, completion.Usage.InputTokenDetails.CachedTokenCount);
        var options = server.Model.Options.Single()!;
        Assert.Equal((0.5f, 9, "END"), (options.Temperature, options.MaxOutputTokens, options.StopSequences!.Single()));
        Assert.Equal([ChatRole.System, ChatRole.User], server.Model.Requests.Single().Select(message => message.Role));
    }

    [Fact]
    public async Task Stream_brings_the_pieces_the_reason_and_the_usage()
    {
        await using var server = await RunningServer.StartAsync(
            [new TextContent("Hel"), new TextContent("l\u00f6 \U0001F600"), new TextContent("\n\ndata: x")]);
        var text = new StringBuilder();
        FinishReason? reason = null;
        ChatTokenUsage? usage = null;

        await foreach (var update in server.CreateOfficialClient()
            .CompleteChatStreamingAsync([new UserChatMessage("hi")], cancellationToken: Token))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            reason = update.FinishReason ?? reason;
            usage = update.Usage ?? usage;
        }

        Assert.Equal("Hell\u00f6 \U0001F600\n\ndata: x", text.ToString());
        Assert.Equal(FinishReason.Stop, reason);
        Assert.Equal(13, usage!.TotalTokenCount);
    }

    [Fact]
    public async Task Tool_of_the_client_is_called_by_the_client()
    {
        await using var server = await RunningServer.StartAsync(
            [new TextContent("Let me look."), ScriptedChatClient.Call("call_1", "weather", "city", "Oslo")],
            [new TextContent("It rains.")]);
        var client = server.CreateOfficialClient();
        List<ChatMessage> messages = [new UserChatMessage("weather in Oslo?")];

        ChatCompletion first = await client.CompleteChatAsync(messages, new ChatCompletionOptions { Tools = { s_tool } }, Token);
        messages.Add(new AssistantChatMessage(first));
        messages.Add(new ToolChatMessage(first.ToolCalls.Single().Id, "rain"));
        ChatCompletion second = await client.CompleteChatAsync(messages, new ChatCompletionOptions { Tools = { s_tool } }, Token);

        Assert.Equal(FinishReason.ToolCalls, first.FinishReason);
        Assert.Equal(
            ("weather", """{"city":"Oslo"}"""), (first.ToolCalls[0].FunctionName, first.ToolCalls[0].FunctionArguments.ToString()));
        Assert.Equal("It rains.", second.Content[0].Text);
        var result = server.Model.Requests[1][^1].Contents.OfType<FunctionResultContent>().Single();
        Assert.Equal(("call_1", "rain"), (result.CallId, result.Result));
    }

    [Fact]
    public async Task Tool_calls_of_the_client_stream()
    {
        await using var server = await RunningServer.StartAsync(
            [ScriptedChatClient.Call("call_1", "weather", "city", "Oslo"), ScriptedChatClient.Call("call_2", "weather", "city", "Bergen")]);
        var calls = new SortedDictionary<int, (string Id, string Name, string Arguments)>();
        FinishReason? reason = null;

        await foreach (var update in server.CreateOfficialClient().CompleteChatStreamingAsync(
            [new UserChatMessage("weather?")], new ChatCompletionOptions { Tools = { s_tool } }, Token))
        {
            foreach (var call in update.ToolCallUpdates)
            {
                calls.TryGetValue(call.Index, out var known);
                calls[call.Index] = (
                    known.Id + call.ToolCallId, known.Name + call.FunctionName, known.Arguments + call.FunctionArgumentsUpdate);
            }

            reason = update.FinishReason ?? reason;
        }

        Assert.Equal([("call_1", "weather", """{"city":"Oslo"}"""), ("call_2", "weather", """{"city":"Bergen"}""")], calls.Values);
        Assert.Equal(FinishReason.ToolCalls, reason);
    }

    [Fact]
    public async Task Tools_of_the_server_run_unseen_by_a_plain_client()
    {
        await using var server = await RunningServer.StartAsync(
            [ScriptedChatClient.Call("call_1", "calculator", "expression", "48*37+5")], [new TextContent("It is 1781.")]);

        ChatCompletion completion = await server.CreateOfficialClient()
            .CompleteChatAsync([new UserChatMessage("48*37+5?")], cancellationToken: Token);

        Assert.Equal("It is 1781.", completion.Content[0].Text);
        Assert.Equal(FinishReason.Stop, completion.FinishReason);
        Assert.Empty(completion.ToolCalls);
    }

    [Fact]
    public async Task Refusal_reaches_the_client_with_its_reason()
    {
        await using var server = await RunningServer.StartAsync([new TextContent("never")]);

        var refusal = await Assert.ThrowsAsync<ClientResultException>(() => server.CreateOfficialClient().CompleteChatAsync(
            [new UserChatMessage(ChatMessageContentPart.CreateImagePart(new Uri("https://example.org/a.png")))], cancellationToken: Token));

        Assert.Equal(400, refusal.Status);
        Assert.Contains("reads text only", refusal.Message, StringComparison.Ordinal);
    }
}
