using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Kernel.Processes;
using Noos.Peripherals.Ear;
using Noos.Server.Hosting;
using Noos.Server.OpenAi;

namespace Noos.Server.Audio;

/// <summary>
/// <c>POST /v1/audio/transcriptions</c> and <c>translations</c> (https://platform.openai.com/docs/api-reference/audio): a recording to
/// text.
/// Whatever model a client names, the ear of this server hears: clients name models of OpenAI that nobody has.
/// </summary>
/// <param name="ears">Opens the ear; null where the host has none.</param>
/// <param name="requests">Where it is listed while it is heard.</param>
/// <param name="operation">Times it.</param>
/// <param name="maxLength">Bytes of a recording.</param>
/// <param name="time">Times the signs of life of a stream.</param>
/// <param name="pings">How often they come.</param>
sealed class TranscriptionEndpoints(
    EarSource? ears, RequestTable requests, ModelOperation operation, long maxLength, TimeProvider time, TimeSpan pings)
{
    const string Words = "word";
    const string Segments = "segment";

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/v1/audio/transcriptions", [(HttpMethods.Post, operation.Measure(http => HandleAsync(http, isTranslation: false)))]),
        ("/v1/audio/translations", [(HttpMethods.Post, operation.Measure(http => HandleAsync(http, isTranslation: true)))]),
        ("/v1/audio/models", [(HttpMethods.Get, ListAsync)]),
    ];

    EarSource Ears => ears ?? throw new NoosException(
        ErrorKind.NotFound, "This server has no ear; start it with 'noos up', and get one with 'noos pull ggerganov/whisper.cpp'.");

    Task ListAsync(HttpContext http) => http.Response.WriteAsJsonAsync(
        new AudioModelsWire([.. (ears?.Names ?? []).Select(name => new AudioModelWire(name))]), TranscriptionJson.Default.AudioModelsWire);

    async Task HandleAsync(HttpContext http, bool isTranslation)
    {
        using var form = await AudioForm.ReadAsync(http, maxLength);
        var request = Read(form, isTranslation);
        var ear = await Ears.OpenAsync(http.RequestAborted);
        ModelOperation.Name(http, ear.Name);
        if (isTranslation && !ear.IsMultilingual)
        {
            throw ApiException.Invalid(
                "model", $"The ear {ear.Name} hears English only, so it translates nothing; choose a multilingual one with NOOS_EAR.");
        }

        await using var recording = form.OpenRecording();
        using var process = requests.Begin(
            RequestOwner.Of(http), new ProcessProgram { Model = ear.Name }, isTranslation ? "Translation of a recording" : "Transcript",
            ProcessPriority.Interactive, http.RequestAborted);
        process.Run();
        try
        {
            if (request.IsStreamed)
            {
                await StreamAsync(http, ear, recording, request, process.Token);
                return;
            }

            var transcript = await ear.TranscribeAsync(recording, request.Options, cancellationToken: process.Token);
            http.Response.ContentType = TranscriptWriter.MediaTypeOf(request.Format);
            await http.Response.WriteAsync(
                TranscriptWriter.Write(transcript, request.Format, isTranslation, (request.WantsSegments, request.Options.WantsWords)),
                http.RequestAborted);
        }
        catch (OperationCanceledException) when (process.IsKilled)
        {
            throw process.ToException();
        }
        catch (NoosException refusal) when (refusal is { Kind: ErrorKind.Invalid or ErrorKind.Damaged, Parameter: null })
        {
            // The recording is to blame, and whoever sent it: no fault of this server.
            throw ApiException.Invalid("file", refusal.Message);
        }
    }

    async Task StreamAsync(
        HttpContext http, SpeechTranscriber ear, Stream recording, TranscriptionRequest request, CancellationToken cancellationToken)
    {
        using var stream = new EventStream(http, time, pings);
        var text = new StringBuilder();
        await using var segments = ear.StreamAsync(recording, request.Options, cancellationToken: cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await stream.WaitAsync(segments.MoveNextAsync()))
        {
            var piece = text.Length == 0 ? segments.Current.Text.TrimStart() : segments.Current.Text;
            text.Append(piece);
            await stream.SendAsync(
                new TranscriptDeltaWire("transcript.text.delta", piece), TranscriptionJson.Default.TranscriptDeltaWire);
        }

        await stream.SendAsync(
            new TranscriptDoneWire("transcript.text.done", text.ToString().TrimEnd()), TranscriptionJson.Default.TranscriptDoneWire);
    }

    static TranscriptionRequest Read(AudioForm form, bool isTranslation)
    {
        if (isTranslation)
        {
            form.RefuseOthersThan("model", "prompt", "response_format", "temperature");
        }
        else
        {
            form.RefuseOthersThan(
                "model", "language", "prompt", "response_format", "temperature", "timestamp_granularities", "stream", "chunking_strategy");
        }

        var format = form.Find("response_format") switch
        {
            null or "json" => TranscriptFormat.Json,
            "text" => TranscriptFormat.Text,
            "srt" => TranscriptFormat.Srt,
            "vtt" => TranscriptFormat.Vtt,
            "verbose_json" => TranscriptFormat.VerboseJson,
            _ => throw ApiException.Invalid(
                "response_format", "The field \"response_format\" must be json, text, srt, verbose_json or vtt."),
        };
        var granularities = form.List("timestamp_granularities");
        if (granularities.FirstOrDefault(name => name is not (Words or Segments)) is not null)
        {
            throw ApiException.Invalid(
                "timestamp_granularities", "The field \"timestamp_granularities\" must hold word, segment or both.");
        }

        if (granularities.Count > 0 && format != TranscriptFormat.VerboseJson)
        {
            throw ApiException.Invalid(
                "timestamp_granularities", "Times come with the response format verbose_json; set \"response_format\" to it.");
        }

        var isStreamed = Flag(form, "stream");
        if (isStreamed && format is not (TranscriptFormat.Json or TranscriptFormat.Text))
        {
            throw ApiException.Invalid("stream", "A stream is of the response format json; leave out \"response_format\" or \"stream\".");
        }

        return new TranscriptionRequest(
            new TranscribeOptions
            {
                Language = form.Find("language"),
                IsTranslation = isTranslation,
                Prompt = form.Find("prompt"),
                Temperature = Temperature(form),
                WantsWords = granularities.Contains(Words),
            },
            format, granularities.Count == 0 || granularities.Contains(Segments), isStreamed);
    }

    static bool Flag(AudioForm form, string name) => form.Find(name) switch
    {
        null or "false" or "False" => false,
        "true" or "True" => true,
        _ => throw ApiException.Invalid(name, $"The field \"{name}\" must be true or false."),
    };

    static float Temperature(AudioForm form) => form.Find("temperature") is not { } text ? 0
        : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1 ? value
        : throw ApiException.Invalid("temperature", "The field \"temperature\" must be a number from 0 to 1.");

    sealed record TranscriptionRequest(TranscribeOptions Options, TranscriptFormat Format, bool WantsSegments, bool IsStreamed);
}
