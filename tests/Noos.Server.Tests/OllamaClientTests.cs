using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Cpu;
using Noos.Testing;
using OllamaSharp;
using OllamaSharp.Models;
using OllamaSharp.Models.Exceptions;

namespace Noos.Server.Tests;

/// <summary>What a client of Ollama's must be able to do with our server.</summary>
public sealed class OllamaClientTests : IDisposable
{
    readonly TinyModel _file = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Chat_streams_text_thoughts_and_what_it_cost()
    {
        var cpu = new ScriptedCpu([new ThoughtDelta("Hm."), new TextDelta("Hel"), new TextDelta("l\u00f6")]);
        await using var server = await RunningServer.StartAsync(cpu);
        using var client = new OllamaApiClient(server.Address, "scripted:latest");
        var (text, thought) = (new StringBuilder(), new StringBuilder());
        OllamaSharp.Models.Chat.ChatDoneResponseStream? done = null;

        await foreach (var piece in client.ChatAsync(
            new OllamaSharp.Models.Chat.ChatRequest
            {
                Messages = [new(OllamaSharp.Models.Chat.ChatRole.System, "Be brief."), new(OllamaSharp.Models.Chat.ChatRole.User, "hi")],
                Options = new RequestOptions { Temperature = 0.5f, NumPredict = 9, Stop = ["END"], NumCtx = 4096, TopK = 3 },
            }, Token))
        {
            text.Append(piece!.Message.Content);
            thought.Append(piece.Message.Thinking);
            done = piece as OllamaSharp.Models.Chat.ChatDoneResponseStream ?? done;
        }

        Assert.Equal(("Hell\u00f6", "Hm."), (text.ToString(), thought.ToString()));
        Assert.Equal(("stop", 10, 3), (done!.DoneReason, done.PromptEvalCount, done.EvalCount));
        var options = cpu.Turns.Single().Options;
        Assert.Equal((0.5f, 9, "END", 3), (options.Temperature, options.MaxTokens, options.StopSequences!.Single(), options.TopK));
    }

    [Fact]
    public async Task Generate_answers_with_and_without_a_stream_and_continues_what_is_raw()
    {
        var cpu = new ScriptedCpu([new TextDelta("Hel"), new TextDelta("lo")]);
        await using var server = await RunningServer.StartAsync(cpu);
        using var client = new OllamaApiClient(server.Address, "scripted");

        foreach (var request in (GenerateRequest[])[
            new() { Prompt = "hi", System = "Be brief." }, new() { Prompt = "hi", Stream = false }, new() { Prompt = "Once", Raw = true }])
        {
            var text = new StringBuilder();
            await foreach (var piece in client.GenerateAsync(request, Token))
            {
                text.Append(piece!.Response);
            }

            Assert.Equal("Hello", text.ToString());
        }

        Assert.Equal([null, null, "Once"], cpu.Turns.Select(turn => turn.Prompt?.Text));
        Assert.Equal(2, cpu.Turns[0].Conversation.Messages.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tool_of_the_client_is_called_by_the_client(bool streams)
    {
        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("call_1", "weather", """{"city": "Oslo"}""")], [new TextDelta("It rains.")]);
        await using var server = await RunningServer.StartAsync(cpu);
        using IChatClient inner = new OllamaApiClient(server.Address, "scripted");
        using var client = inner.AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => $"rain in {city}", "weather")] };

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

        Assert.Equal("It rains.", text.ToString());
        var result = cpu.Turns[1].Conversation.Messages[^1].Parts.OfType<ToolResultPart>().Single();
        Assert.Equal("weather", result.Name);
        Assert.Contains("rain in Oslo", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_are_listed_shown_and_running()
    {
        await using var server = await RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(_file.Path)));
        using var client = new OllamaApiClient(server.Address);

        var model = (await client.ListLocalModelsAsync(Token)).Single();
        var shown = await client.ShowModelAsync(new ShowModelRequest { Model = "Tiny:latest" }, Token);
        var running = (await client.ListRunningModelsAsync(Token)).Single();

        Assert.Equal(("Tiny", new FileInfo(_file.Path).Length, "gguf"), (model.Name, model.Size, model.Details.Format));
        Assert.Equal((64, "Tiny"), (model.Digest.Length, running.Name));
        Assert.True(shown.Info.ParameterCount > 0);
        Assert.Contains("tools", shown.Capabilities!);
        Assert.NotEmpty(shown.Template!);
        Assert.NotEmpty(await client.GetVersionAsync(Token));
    }

    [Fact]
    public async Task Embeddings_are_those_of_the_other_api()
    {
        await using var server = await RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(_file.Path)));
        using var client = new OllamaApiClient(server.Address, "Tiny");

        var embedded = await client.EmbedAsync(new EmbedRequest { Model = "Tiny", Input = ["Hello there", "a fox"] }, Token);
        var (_, single) = await server.SendAsync("POST", "api/embeddings", """{"model": "Tiny", "prompt": "a fox"}""");
        var (_, other) = await server.SendAsync("POST", "v1/embeddings", """{"input": "a fox"}""");

        float[] expected = [.. other.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle())];
        Assert.Equal(2, embedded.Embeddings.Count);
        Assert.Equal(expected, embedded.Embeddings[1]);
        Assert.Equal(expected, single.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()));
    }

    [Theory]
    [InlineData("api/chat", """{"model": "nobody", "messages": [{"role": "user", "content": "hi"}]}""", 404)]
    [InlineData("api/chat", """{"model": "scripted", "messages": [{"role": "user", "content": "hi", "images": ["iVBORw0KGgo="]}]}""", 400)]
    [InlineData("api/chat", """{"model": "scripted", "messages": [{"role": "tool", "content": "hi"}]}""", 400)]
    [InlineData("api/generate", """{"model": "scripted", "prompt": "hi", "template": "x"}""", 400)]
    [InlineData("api/show", """{"model": "nobody"}""", 404)]
    [InlineData("api/pull", """{"model": "nobody/none"}""", 403)]
    [InlineData("api/embed", """{"model": "scripted", "input": "x"}""", 400)]
    public async Task Errors_are_of_the_shape_that_its_clients_read(string path, string body, int expected)
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("never")]));

        var (status, error) = await server.SendAsync("POST", path, body);

        Assert.Equal(expected, status);
        Assert.Equal(JsonValueKind.String, error.GetProperty("error").ValueKind);
    }

    [Fact]
    public async Task Request_without_a_question_loads_the_model()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("never")]));

        var (_, chat) = await server.SendAsync("POST", "api/chat", """{"model": "scripted", "messages": []}""");
        var (_, text) = await server.SendAsync("POST", "api/generate", """{"model": "scripted"}""");

        Assert.Equal(("load", "load"), (chat.GetProperty("done_reason").GetString(), text.GetProperty("done_reason").GetString()));
    }

    [Fact]
    public async Task Refusal_of_a_pull_reaches_the_client()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("never")]));
        using var client = new OllamaApiClient(server.Address);

        var refusal = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var _ in client.PullModelAsync(new PullModelRequest { Model = "owner/repo" }, Token))
            {
            }
        });

        Assert.True(refusal is HttpRequestException or OllamaException, refusal.ToString());
    }

    public void Dispose() => _file.Dispose();
}
