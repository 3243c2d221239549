#pragma warning disable OPENAI001 // Streamed transcripts are marked as experimental.

using System.ClientModel;
using System.ClientModel.Primitives;
using System.Formats.Tar;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Noos.Cpus.ChatClients;
using Noos.Peripherals.Ear;
using Noos.Testing;
using Noos.Testing.RandomModels;
using OpenAI;
using OpenAI.Audio;

namespace Noos.Server.Tests;

/// <summary>Recordings sent to the server, read with OpenAI's own client.</summary>
public sealed class AudioApiTests : IDisposable
{
    readonly RandomWhisperFile _random = new();
    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _random.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Without_an_ear_the_way_to_one_is_said()
    {
        await using var server = await StartAsync(ear: null);

        var refusal = await Assert.ThrowsAsync<ClientResultException>(
            () => Client(server).TranscribeAudioAsync(new MemoryStream(Wav(1)), "a.wav", cancellationToken: Token));

        Assert.Equal(404, refusal.Status);
        Assert.Contains("noos pull", refusal.Message);
        Assert.Equal("""{"models":[]}""", await server.Http.GetStringAsync(new Uri("v1/audio/models", UriKind.Relative), Token));
    }

    [Fact]
    public async Task Silence_is_an_empty_transcript_in_every_format()
    {
        await using var server = await StartAsync(_random.Path);
        foreach (var (format, text) in ((AudioTranscriptionFormat, string)[])[
            (AudioTranscriptionFormat.Simple, ""), (AudioTranscriptionFormat.Verbose, ""), (AudioTranscriptionFormat.Text, "\n"),
            (AudioTranscriptionFormat.Srt, ""), (AudioTranscriptionFormat.Vtt, "WEBVTT\n\n")])
        {
            AudioTranscription transcript = await Client(server).TranscribeAudioAsync(
                new MemoryStream(Wav(2)), "silence.wav", new AudioTranscriptionOptions { ResponseFormat = format }, Token);

            Assert.Equal(text, transcript.Text);
            Assert.Empty(transcript.Segments);
            if (format == AudioTranscriptionFormat.Verbose)
            {
                Assert.Equal(TimeSpan.FromSeconds(2), transcript.Duration);
            }
        }
    }

    [Fact]
    public async Task English_ear_translates_nothing_and_says_so()
    {
        await using var server = await StartAsync(_random.Path);

        var refusal = await Assert.ThrowsAsync<ClientResultException>(
            () => Client(server).TranslateAudioAsync(new MemoryStream(Wav(1)), "a.wav", cancellationToken: Token));

        Assert.Equal(400, refusal.Status);
        Assert.Contains("English only", refusal.Message);
    }

    [Theory]
    [InlineData("file", "not a sound", 400, "file")]
    [InlineData("file", "", 400, "file")]
    [InlineData("response_format", "xml", 400, "response_format")]
    [InlineData("temperature", "7", 400, "temperature")]
    [InlineData("timestamp_granularities[]", "word", 400, "timestamp_granularities")]
    [InlineData("language", "Klingon", 400, "language")]
    [InlineData("stream", "maybe", 400, "stream")]
    [InlineData("speed", "2", 400, "speed")]
    public async Task Wrong_field_is_named(string field, string value, int status, string param)
    {
        await using var server = await StartAsync(_random.Path);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(field == "file" ? System.Text.Encoding.UTF8.GetBytes(value) : Wav(1)), "file", "recording.wav" },
            { new StringContent("whisper-1"), "model" },
        };
        if (field != "file")
        {
            form.Add(new StringContent(value), field);
        }

        using var response = await server.Http.PostAsync(new Uri("v1/audio/transcriptions", UriKind.Relative), form, Token);

        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error");
        Assert.Equal((status, param), ((int)response.StatusCode, error.GetProperty("param").GetString()));
        Assert.EndsWith(".", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("application/json", "{}")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Dis")]
    public async Task Body_without_a_recording_is_refused(string type, string body)
    {
        await using var server = await StartAsync(_random.Path);
        using var content = new StringContent(body);
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        using var response = await server.Http.PostAsync(new Uri("v1/audio/transcriptions", UriKind.Relative), content, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    /// <summary>With a real Whisper and a real recording; a name that lies about it, as one client's does.</summary>
    [Fact]
    public async Task Official_client_gets_text_segments_words_subtitles_and_a_stream()
    {
        var model = SharedFiles.Find("data", "models", "ggml-tiny.en-q5_1.bin");
        var archive = SharedFiles.Find("data", "speech", "kathleen.tar");
        Assert.SkipWhen(model is null || archive is null, "The shared Whisper and its recordings are not there.");
        var recording = Recording(archive, "kathleen/arctic_a0176_1592713267.opus");
        await using var server = await StartAsync(model);
        var client = Client(server);

        AudioTranscription verbose = await client.TranscribeAudioAsync(
            new MemoryStream(recording), "recording.wav",
            new AudioTranscriptionOptions
            {
                ResponseFormat = AudioTranscriptionFormat.Verbose,
                TimestampGranularities = AudioTimestampGranularities.Word | AudioTimestampGranularities.Segment,
                Language = "en",
            },
            Token);
        AudioTranscription subtitles = await client.TranscribeAudioAsync(
            new MemoryStream(recording), "recording.wav", new AudioTranscriptionOptions { ResponseFormat = AudioTranscriptionFormat.Srt },
            Token);
        var (deltas, done) = ("", "");
        // The client asks no model for a stream that it does not know to stream.
        Environment.SetEnvironmentVariable("OPENAI_ENABLE_TRANSCRIPTION_SSE_STREAMING", "true");
        await foreach (var update in await client.TranscribeAudioStreamingAsync(
            new MemoryStream(recording), "recording.wav", cancellationToken: Token))
        {
            deltas += update is StreamingAudioTranscriptionTextDeltaUpdate delta ? delta.Delta : "";
            done = update is StreamingAudioTranscriptionTextDoneUpdate end ? end.Text : done;
        }

        const string Text = "For the first time in his life, he was yearning for a scrap.";
        Assert.Equal((Text, "english"), (verbose.Text, verbose.Language));
        Assert.Equal(13, verbose.Words.Count);
        Assert.InRange(verbose.Duration!.Value.TotalSeconds, 3, 4);
        Assert.Equal((Text, Text), (verbose.Segments.Single().Text.Trim(), deltas));
        Assert.Equal(Text, done);
        Assert.StartsWith("1\n00:00:00,000 --> 00:00:03,", subtitles.Text);
        Assert.Equal(
            """{"models":[{"id":"tiny.en-q5_1"}]}""",
            await server.Http.GetStringAsync(new Uri("v1/audio/models", UriKind.Relative), Token));
    }

    async Task<RunningServer> StartAsync(string? ear)
    {
        if (ear is not null)
        {
            File.Copy(ear, _folder.File(Path.GetFileName(ear)));
        }

        return await RunningServer.StartAsync(
            new ChatClientCpu(new ScriptedChatClient([])),
            builder => builder.Services.AddSingleton(_ => new EarSource(new EarOptions { Folders = [_folder.Path] })));
    }

    static AudioClient Client(RunningServer server) => new(
        "whisper-1", new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = new Uri(server.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });

    static byte[] Wav(int seconds)
    {
        var file = new byte[44 + (32_000 * seconds)];
        "RIFF"u8.CopyTo(file);
        BitConverter.TryWriteBytes(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        byte[] format = [16, 0, 0, 0, 1, 0, 1, 0, 0x80, 0x3E, 0, 0, 0, 0x7D, 0, 0, 2, 0, 16, 0];
        format.CopyTo(file, 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BitConverter.TryWriteBytes(file.AsSpan(40), file.Length - 44);
        return file;
    }

    static byte[] Recording(string archive, string name)
    {
        using var tar = new TarReader(File.OpenRead(archive));
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry.Name == name)
            {
                using var copy = new MemoryStream();
                entry.DataStream!.CopyTo(copy);
                return copy.ToArray();
            }
        }

        throw new FileNotFoundException(name);
    }
}
