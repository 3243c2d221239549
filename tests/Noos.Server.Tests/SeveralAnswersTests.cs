#pragma warning disable OPENAI001 // The official client calls its sound "for evaluation".

using System.ClientModel;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Cpu;
using Noos.Testing;
using OpenAI.Chat;

namespace Noos.Server.Tests;

/// <summary>Several answers to one question, and what else the model of a request is told.</summary>
public sealed class SeveralAnswersTests : IDisposable
{
    readonly TinyModel _file = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answers_are_those_of_their_seeds(bool streams)
    {
        await using var server = await StartAsync();

        var several = await AskAsync(server, 3, 7, streams);
        var single = new List<string>();
        for (var seed = 7; seed < 10; seed++)
        {
            single.AddRange(await AskAsync(server, 1, seed, streams: false));
        }

        Assert.Equal(single, several);
        Assert.Equal(3, several.Distinct().Count());
    }

    [Fact]
    public async Task Prompt_of_several_answers_counts_once()
    {
        var cpu = new ScriptedCpu([new TextDelta("Yes.")]);
        await using var server = await RunningServer.StartAsync(cpu);

        var (_, body) = await server.SendAsync(
            "POST", "v1/chat/completions", """{"messages": [{"role": "user", "content": "hi"}], "n": 3, "seed": 5, "tools": []}""");

        Assert.Equal((10, 3), (
            body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(),
            body.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        Assert.Equal([5, 6, 7], cpu.Turns.Select(turn => (int)turn.Options.Seed!.Value).Order());
    }

    [Fact]
    public async Task Failure_of_one_answer_is_that_of_the_request()
    {
        await using var server = await RunningServer.StartAsync(
            new ScriptedCpu([new TextDelta("Yes.")]) { Failure = new Core.NoosException(Core.ErrorKind.Busy, "Later.") });

        var (status, _) = await server.SendAsync(
            "POST", "v1/chat/completions", """{"messages": [{"role": "user", "content": "hi"}], "n": 3, "tools": []}""");

        Assert.Equal(429, status);
    }

    [Fact]
    public async Task Text_is_continued_as_it_stands()
    {
        await using var server = await StartAsync();

        var (status, body) = await server.SendAsync(
            "POST", "v1/completions", """{"prompt": "Once upon", "max_tokens": 5, "temperature": 0, "echo": true, "seed": 1}""");
        var (_, chat) = await server.SendAsync(
            "POST", "v1/chat/completions", """{"messages": [{"role": "user", "content": "Once upon"}], "max_tokens": 5, "tools": []}""");

        Assert.True(status == 200, body.ToString());
        Assert.StartsWith("Once upon", body.GetProperty("choices")[0].GetProperty("text").GetString(), StringComparison.Ordinal);

        // No layout around it.
        Assert.True(Prompt(body) < Prompt(chat), $"{body}\n{chat}");
        using var model = LanguageModel.Load(_file.Path);
        Assert.Equal(model.Tokenizer.EncodeDocument("Once upon").Length, Prompt(body));

        static int Prompt(JsonElement answer) => answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
    }

    [Theory]
    [InlineData("""{"prompt": [999999]}""", "prompt")]
    [InlineData("""{"prompt": "a", "suffix": "b"}""", "suffix")]
    [InlineData("""{"prompt": "a", "best_of": 2}""", "best_of")]
    [InlineData("""{"prompt": "a", "echo": true, "logprobs": 1}""", "echo")]
    [InlineData("""{"prompt": ["a", "b"], "n": 65}""", "n")]
    [InlineData("""{"prompt": "a", "tools": []}""", "tools")]
    public async Task What_a_continuation_cannot_have_is_refused_by_name(string request, string param)
    {
        await using var server = await StartAsync();

        var (status, body) = await server.SendAsync("POST", "v1/completions", request);

        Assert.Equal((400, param), (status, body.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Stop_sequence_that_ended_an_answer_is_told()
    {
        await using var server = await StartAsync();
        var (_, whole) = await server.SendAsync(
            "POST", "v1/messages", """{"model": "Tiny", "max_tokens": 20, "messages": [{"role": "user", "content": "hi"}], "tools": []}""");
        var text = whole.GetProperty("content")[0].GetProperty("text").GetString()!;
        var stop = JsonSerializer.Serialize(text[2].ToString());

        var (_, message) = await server.SendAsync("POST", "v1/messages", $$"""
            {"model": "Tiny", "max_tokens": 20, "messages": [{"role": "user", "content": "hi"}], "tools": [], "stop_sequences": [{{stop}}]}
            """);
        var (_, chat) = await server.SendAsync("POST", "v1/chat/completions", $$"""
            {"max_tokens": 20, "messages": [{"role": "user", "content": "hi"}], "tools": [], "stop": [{{stop}}]}
            """);

        Assert.Equal(("stop_sequence", text[2].ToString()), (
            message.GetProperty("stop_reason").GetString(), message.GetProperty("stop_sequence").GetString()));
        Assert.Equal(text[2].ToString(), chat.GetProperty("choices")[0].GetProperty("stop_reason").GetString());
    }

    [Theory]
    [InlineData("v1/chat/completions", """
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]}]}
        """)]
    [InlineData("v1/responses", """
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}]}]}
        """)]
    [InlineData("v1/messages", """
        {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content":
         [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}]}]}
        """)]
    [InlineData("api/chat", """
        {"model": "scripted", "stream": false, "messages": [{"role": "user", "content": "", "images": ["iVBORw0KGgo="]}]}
        """)]
    public async Task Picture_reaches_a_model_that_sees_and_is_refused_for_another(string path, string request)
    {
        var cpu = new ScriptedCpu([new TextDelta("A dot.")]) { Info = new CpuInfo("scripted", CpuFeatures.See) };
        await using var server = await RunningServer.StartAsync(cpu);
        await using var blind = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("never")]));

        var (status, body) = await server.SendAsync("POST", path, request);
        var (refusal, _) = await blind.SendAsync("POST", path, request);

        Assert.True(status == 200, body.ToString());
        Assert.Equal(400, refusal);
        var image = cpu.Turns.Single().Conversation.Messages[^1].Parts.OfType<ImagePart>().Single();
        Assert.Equal(("data:image/png;base64,iVBORw0KGgo=", "image/png"), (image.Uri, image.MediaType ?? "image/png"));
    }

    [Fact]
    public async Task Sound_of_the_official_client_reaches_a_model_that_hears_and_is_refused_for_another()
    {
        byte[] sound = [82, 73, 70, 70, 0, 1, 2, 3];
        ChatMessage[] messages =
        [
            new UserChatMessage(
                ChatMessageContentPart.CreateTextPart("What is said?"),
                ChatMessageContentPart.CreateInputAudioPart(BinaryData.FromBytes(sound), ChatInputAudioFormat.Wav)),
        ];
        var cpu = new ScriptedCpu([new TextDelta("Hello.")]) { Info = new CpuInfo("scripted", CpuFeatures.Hear) };
        await using var server = await RunningServer.StartAsync(cpu);
        await using var deaf = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("never")]));

        ChatCompletion answer = await server.CreateOfficialClient().CompleteChatAsync(messages, cancellationToken: Token);
        var refusal = await Assert.ThrowsAsync<ClientResultException>(
            () => deaf.CreateOfficialClient().CompleteChatAsync(messages, cancellationToken: Token));

        Assert.Equal("Hello.", answer.Content[0].Text);
        var audio = cpu.Turns.Single().Conversation.Messages[^1].Parts.OfType<AudioPart>().Single();
        Assert.Equal($"data:audio/wav;base64,{Convert.ToBase64String(sound)}", audio.Uri);
        Assert.Equal(400, refusal.Status);
        Assert.Contains("sound cannot be played to it", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _file.Dispose();

    static async Task<List<string>> AskAsync(RunningServer server, int count, int seed, bool streams)
    {
        using var response = await server.PostAsync($$"""
            {"messages": [{"role": "user", "content": "Hello"}], "n": {{count}}, "seed": {{seed}}, "temperature": 1.5, "max_tokens": 12,
             "tools": [], "stream": {{(streams ? "true" : "false")}}}
            """);
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, body);
        if (!streams)
        {
            return
            [
                .. JsonElement.Parse(body).GetProperty("choices").EnumerateArray()
                    .Select(choice => choice.GetProperty("message").GetProperty("content").GetString()!),
            ];
        }

        var texts = new string[count];
        foreach (var line in body.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)))
        {
            var choice = JsonElement.Parse(line["data: ".Length..]).GetProperty("choices")[0];
            texts[choice.GetProperty("index").GetInt32()] +=
                choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : "";
        }

        return [.. texts];
    }

    Task<RunningServer> StartAsync() => RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(_file.Path)));
}
