using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Noos.Cpus.ChatClients;
using Noos.Kernel.Speech;
using Noos.Testing;
using OpenAI.Audio;

namespace Noos.Server.Tests;

/// <summary>Texts are read aloud through OpenAI's own client and through the requests of others.</summary>
public sealed class SpeechApiTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Official_client_gets_mp3_unless_it_asks_for_something_else()
    {
        await using var server = await StartAsync();
        var client = server.CreateAudioClient();

        BinaryData usual = await client.GenerateSpeechAsync(
            "Good morning. How are you?", GeneratedSpeechVoice.Alloy, cancellationToken: Token);
        BinaryData wav = await client.GenerateSpeechAsync(
            "Good morning.", GeneratedSpeechVoice.Nova, new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Wav }, Token);

        Assert.Equal(0xFF, usual.ToMemory().Span[0]);
        Assert.Equal(0xE0, usual.ToMemory().Span[1] & 0xE0);
        Assert.True(wav.ToMemory().Span.StartsWith("RIFF"u8));
    }

    [Fact]
    public async Task Speed_and_voice_reach_the_voice_and_pcm_is_as_long_as_it_sounds()
    {
        await using var server = await StartAsync();

        var slow = await PostAsync(
            server, new { model = "tts-1", input = "One. Two.", voice = "tone", response_format = "pcm", speed = 0.5 });
        var fast = await PostAsync(
            server, new { model = "tts-1", input = "One. Two.", voice = new { id = "tone" }, response_format = "pcm" });

        // Two sentences of a tenth of a second each, at 24 kHz with two bytes a sample.
        Assert.Equal(2 * 2 * 2400, (await fast.Content.ReadAsByteArrayAsync(Token)).Length);
        Assert.Equal(2 * 2 * 4800, (await slow.Content.ReadAsByteArrayAsync(Token)).Length);
        Assert.Equal("audio/pcm", fast.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Stream_of_events_brings_the_sound_in_pieces_and_ends_with_its_usage()
    {
        await using var server = await StartAsync();

        var answer = await PostAsync(
            server, new { model = "tts-1", input = "One. Two. Three.", voice = "alloy", response_format = "pcm", stream_format = "sse" });
        var events = (await answer.Content.ReadAsStringAsync(Token)).Split('\n')
            .Where(line => line.StartsWith("data: ", StringComparison.Ordinal))
            .Select(line => JsonNode.Parse(line["data: ".Length..])!).ToList();

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("speech.audio.done", events[^1]["type"]!.GetValue<string>());
        Assert.Equal(300, events[^1]["usage"]!["output_tokens"]!.GetValue<long>());
        var bytes = events.SkipLast(1).Sum(item => Convert.FromBase64String(item["audio"]!.GetValue<string>()).Length);
        Assert.Equal(3 * 2 * 2400, bytes);
    }

    [Theory]
    [InlineData("""{"model":"tts-1","input":"Hi.","voice":"alloy","response_format":"opus"}""", "mp3, wav or pcm", 400)]
    [InlineData("""{"model":"tts-1","input":"Hi.","voice":"alloy","speed":9}""", "speed", 400)]
    [InlineData("""{"model":"tts-1","input":"  ","voice":"alloy"}""", "nothing to read", 400)]
    [InlineData("""{"model":"tts-1","voice":"alloy"}""", "input", 400)]
    [InlineData("""{"model":"tts-1","input":"Hi.","voice":"nobody"}""", "no voice 'nobody'", 404)]
    [InlineData("""{"model":"tts-1","input":"Hi.","voice":7}""", "voice", 400)]
    [InlineData("""{"model":"tts-1","input":"Hi.","voice":"alloy","wings":1}""", "wings", 400)]
    public async Task What_cannot_be_read_is_refused_in_one_sentence(string body, string part, int status)
    {
        await using var server = await StartAsync();

        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var answer = await server.Http.PostAsync("v1/audio/speech", content, Token);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(
            part, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!["error"]!["message"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_long_a_text_is_refused()
    {
        await using var server = await StartAsync();

        var answer = await PostAsync(server, new { model = "tts-1", input = new string('a', 5000), voice = "alloy" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Server_without_voices_says_so()
    {
        await using var server = await RunningServer.StartAsync(new ChatClientCpu(new ScriptedChatClient([])));

        var answer = await PostAsync(server, new { model = "tts-1", input = "Hi.", voice = "alloy" });

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Voices_are_listed_as_open_webui_asks_for_them()
    {
        await using var server = await StartAsync();

        var voices = JsonNode.Parse(await server.Http.GetStringAsync("v1/audio/voices", Token))!["voices"]!.AsArray();

        Assert.Equal("tone", voices.Single()!["id"]!.GetValue<string>());
    }

    static Task<RunningServer> StartAsync() => RunningServer.StartAsync(
        new ChatClientCpu(new ScriptedChatClient([])), builder => builder.Services.AddSingleton<IVoiceSource>(new ToneVoice()));

    static Task<HttpResponseMessage> PostAsync(RunningServer server, object body) =>
        server.Http.PostAsJsonAsync("v1/audio/speech", body, Token);
}
