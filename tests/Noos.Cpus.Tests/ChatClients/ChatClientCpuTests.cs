using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Cpus.ChatClients;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Cpus.Tests.ChatClients;

public sealed class ChatClientCpuTests
{
    static readonly Conversation s_hello = Conversation.From(Message.User("hi"));

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static async Task<List<CpuEvent>> CollectAsync(ChatClientCpu cpu, Turn turn)
    {
        var events = new List<CpuEvent>();
        await foreach (var item in cpu.RunAsync(turn, Token))
        {
            events.Add(item);
        }

        return events;
    }

    [Fact]
    public async Task Contents_of_any_chat_client_are_events()
    {
        using var client = new ScriptedChatClient(
            [new TextReasoningContent("Hm"), new TextContent("Yes"), ScriptedChatClient.Call("c1", "add", "a", 2)]);
        await using var cpu = new ChatClientCpu(client);
        var tool = new ToolDeclaration("add", "Adds.", JsonElement.Parse("""{"type": "object"}"""));

        var events = await CollectAsync(cpu, new Turn(s_hello)
        {
            Tools = [tool],
            ToolChoice = ToolChoice.Required with { Name = "add" },
            Options = new GenerationOptions
            {
                Temperature = 0.5f,
                Seed = 7,
                StopSequences = ["END"],
                ResponseFormat = ResponseFormat.JsonObject,
            },
        });

        Assert.Equal("scripted", cpu.Info.Name);
        Assert.Equal(new ThoughtDelta("Hm"), events[0] with { TokenIds = ((CpuEvent)new ThoughtDelta("")).TokenIds });
        Assert.Equal("Yes", ((TextDelta)events[1]).Text);
        Assert.Equal(new ToolCallPart("add", JsonElement.Parse("""{"a": 2}"""), "c1"), ((ToolCalled)events[2]).Call);
        var finished = (RunFinished)events[3];
        Assert.Equal((FinishReasons.ToolCalls, 7ul, new TokenUsage(10, 4, 3)), (finished.FinishReason, finished.Seed, finished.Usage));
        var options = client.Options.Single()!;
        Assert.Equal((0.5f, 7L, "END"), (options.Temperature, options.Seed, options.StopSequences!.Single()));
        Assert.Equal("add", ((RequiredChatToolMode)options.ToolMode!).RequiredFunctionName);
        Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat);
        Assert.Equal(tool.Parameters.GetRawText(), options.Tools!.OfType<AIFunctionDeclaration>().Single().JsonSchema.GetRawText());
    }

    [Fact]
    public async Task Thoughts_are_not_sent_back_and_defaults_fill_what_is_open()
    {
        using var client = new ScriptedChatClient([new TextContent("Yes")]);
        await using var cpu = new ChatClientCpu(client, new GenerationOptions { TopP = 0.9f, Temperature = 0 });

        await CollectAsync(cpu,
            new Turn(Conversation.From(Message.User("a"), Message.Assistant(new ThoughtPart("secret"), new TextPart("b")),
                Message.Assistant(new ThoughtPart("only")), Message.User("c")))
            {
                Options = new GenerationOptions { Temperature = 1 },
            });

        Assert.Equal(["a", "b", "c"], client.Requests.Single().Select(message => message.Text));
        Assert.DoesNotContain(client.Requests.Single().SelectMany(message => message.Contents), content => content is TextReasoningContent);
        Assert.Equal((1f, 0.9f), (client.Options.Single()!.Temperature, client.Options.Single()!.TopP));
    }

    [Fact]
    public async Task What_only_a_model_here_can_do_is_refused()
    {
        using var client = new ScriptedChatClient([new TextContent("never")]);
        await using var cpu = new ChatClientCpu(client);

        foreach (var options in (GenerationOptions[])[new() { ResponseFormat = ResponseFormat.Gbnf("root ::= \"a\"") },
            new() { AdapterScales = new Dictionary<int, float> { [0] = 1 } }])
        {
            Assert.Equal(ErrorKind.Invalid,
                (await Assert.ThrowsAsync<NoosException>(() => CollectAsync(cpu, new Turn(s_hello) { Options = options }))).Kind);
        }

        Assert.Empty(client.Requests);
    }

    [Fact]
    public async Task Tool_loop_of_Microsoft_Extensions_AI_runs_over_a_cpu()
    {
        await using var cpu = new ScriptedCpu([ScriptedCpu.Call("c1", "add", """{"a": 2, "b": 3}""")], [new TextDelta("5")]);
        using var client = new CpuChatClient(cpu).AsBuilder().UseFunctionInvocation().Build();

        var response = await client.GetResponseAsync("2+3?",
            new ChatOptions { Tools = [AIFunctionFactory.Create((int a, int b) => a + b, "add")], Instructions = "Be brief." }, Token);

        Assert.Equal("5", response.Text);
        Assert.Equal("5", ((ToolResultPart)cpu.Turns[1].Conversation.Messages[^1].Parts.Single()).Text);
        Assert.Equal(Message.System("Be brief."), cpu.Turns[0].Conversation.Messages[0]);
        Assert.Same(cpu, client.GetService<ICpu>());
    }
}
