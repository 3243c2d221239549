using System.Text;
using System.Text.Json;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Testing;
using Message = Anthropic.Models.Messages.Message;
using TextDelta = Noos.Kernel.Cpu.TextDelta;

namespace Noos.Server.Tests;

/// <summary>What Anthropic's own client must be able to do with our server.</summary>
public sealed class AnthropicClientTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Message_has_text_reason_and_usage()
    {
        var cpu = new ScriptedCpu([new ThoughtDelta("Hm."), new TextDelta("Hel"), new TextDelta("lo")]);
        await using var server = await RunningServer.StartAsync(cpu);

        var message = await server.CreateAnthropicClient().Messages.Create(
            new MessageCreateParams
            {
                MaxTokens = 9,
                Model = "claude-something",
                System = "Be brief.",
                StopSequences = ["END"],
                Messages = [User("hi")],
            }, Token);

        Assert.Equal("Hello", TextOf(message));
        Assert.Equal("Hm.", message.Content.Select(block => block.TryPickThinking(out var thought) ? thought.Thinking : null).First());
        Assert.Equal((StopReason.EndTurn, "scripted"), (message.StopReason!.Value(), message.Model.Raw()));
        Assert.Equal((6, 3, 4), (message.Usage.InputTokens, message.Usage.OutputTokens, message.Usage.CacheReadInputTokens));
        var turn = cpu.Turns.Single();
        Assert.Equal((9, "END"), (turn.Options.MaxTokens, turn.Options.StopSequences!.Single()));
        Assert.Equal(["Be brief.", "hi"], turn.Conversation.Messages.Select(said => said.Text()));
    }

    [Fact]
    public async Task Stream_brings_the_pieces_and_aggregates_to_the_message()
    {
        await using var server = await RunningServer.StartAsync(
            new ScriptedCpu([new ThoughtDelta("Hm."), new TextDelta("Hel"), new TextDelta("l\u00f6")]));
        var (text, thought, kinds) = (new StringBuilder(), new StringBuilder(), new List<string>());

        await foreach (var item in server.CreateAnthropicClient().Messages.CreateStreaming(
            new MessageCreateParams { MaxTokens = 9, Model = "m", Messages = [User("hi")] }, Token))
        {
            kinds.Add(item.Value!.GetType().Name);
            if (item.TryPickContentBlockDelta(out var delta))
            {
                text.Append(delta.Delta.TryPickText(out var piece) ? piece.Text : "");
                thought.Append(delta.Delta.TryPickThinking(out var more) ? more.Thinking : "");
            }
        }

        Assert.Equal(("Hell\u00f6", "Hm."), (text.ToString(), thought.ToString()));
        Assert.Equal(("RawMessageStartEvent", "RawMessageStopEvent"), (kinds[0], kinds[^1]));
        Assert.DoesNotContain("JsonElement", kinds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tool_of_the_client_is_called_by_the_client(bool streams)
    {
        var cpu = new ScriptedCpu(
            [new TextDelta("Let me look."), ScriptedCpu.Call("call_1", "weather", """{"city": "Oslo"}""")], [new TextDelta("It rains.")]);
        await using var server = await RunningServer.StartAsync(cpu);
        var tool = AIFunctionFactory.Create((string city) => $"rain in {city}", "weather", "Tells the weather");
        using var client = server.CreateAnthropicClient().AsIChatClient("m", 100).AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [tool] };

        var text = new StringBuilder();
        if (streams)
        {
            await foreach (var update in client.GetStreamingResponseAsync("weather in Oslo?", options, Token))
            {
                text.Append(update.Text);
            }
        }
        else
        {
            text.Append((await client.GetResponseAsync("weather in Oslo?", options, Token)).Messages[^1].Text);
        }

        Assert.EndsWith("It rains.", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            [Core.Conversations.Role.User, Core.Conversations.Role.Assistant, Core.Conversations.Role.Tool],
            cpu.Turns[1].Conversation.Messages.Select(message => message.Role));
        var result = cpu.Turns[1].Conversation.Messages[^1].Parts.OfType<ToolResultPart>().Single();
        Assert.Equal(("weather", "call_1"), (result.Name, result.CallId));
        Assert.Contains("rain in Oslo", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_of_the_server_run_unseen()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu(
            [ScriptedCpu.Call("call_1", "calculator", """{"expression": "48*37+5"}""")], [new TextDelta("It is 1781.")]));

        var message = await server.CreateAnthropicClient().Messages.Create(
            new MessageCreateParams { MaxTokens = 99, Model = "m", Messages = [User("48*37+5?")] },
            Token);

        Assert.Equal("It is 1781.", TextOf(message));
        Assert.Equal(StopReason.EndTurn, message.StopReason!.Value());
    }

    [Fact]
    public async Task Tokens_are_counted()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("Yes.")]));

        var count = await server.CreateAnthropicClient().Messages.CountTokens(
            new MessageCountTokensParams
            {
                Model = "m",
                System = "Be brief.",
                Messages = [User("hi")],
            }, Token);

        // The script counts messages.
        Assert.Equal(2, count.InputTokens);
    }

    [Fact]
    public async Task Models_are_listed()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("Yes.")]));

        var models = await server.CreateAnthropicClient().Models.List(cancellationToken: Token);

        Assert.Equal("scripted", models.Items.Single().ID);
    }

    [Fact]
    public async Task Refusal_reaches_the_client_as_its_own()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("never")]));
        MessageParam[] picture =
        [
            new(JsonElement.Parse("""
                {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}]}
                """)),
        ];

        var refusal = await Assert.ThrowsAsync<AnthropicBadRequestException>(() => server.CreateAnthropicClient().Messages.Create(
            new MessageCreateParams { MaxTokens = 9, Model = "m", Messages = picture }, Token));

        Assert.Contains("reads text only", refusal.Message + refusal.ResponseBody, StringComparison.Ordinal);
    }

    static MessageParam User(string text) =>
        new(JsonElement.Parse($$"""{"role": "user", "content": {{JsonSerializer.Serialize(text)}}}"""));

    static string TextOf(Message message) =>
        string.Concat(message.Content.Select(block => block.TryPickText(out var text) ? text.Text : ""));
}
