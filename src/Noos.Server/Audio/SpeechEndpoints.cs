using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Noos.Kernel.Speech;
using Noos.Media.Encoders;
using Noos.Server.Hosting;
using Noos.Server.OpenAi;

namespace Noos.Server.Audio;

/// <summary>
/// OpenAI's <c>POST /v1/audio/speech</c> (https://platform.openai.com/docs/api-reference/audio/createSpeech): a text is read aloud, and
/// sent sentence by sentence as it is made. Also the list of voices that Open WebUI asks for.
/// </summary>
/// <param name="device">Reads.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="pingInterval">How often a stream that has nothing to say gives a sign of life.</param>
sealed class SpeechEndpoints(SpeechDevice device, TimeProvider timeProvider, TimeSpan pingInterval)
{
    /// <summary>The addresses with their handlers.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/v1/audio/speech", [(HttpMethods.Post, SpeakAsync)]),
        ("/v1/audio/voices", [(HttpMethods.Get, ListVoicesAsync)]),
    ];

    async Task SpeakAsync(HttpContext http)
    {
        var request = SpeechBody.Parse(await RequestBody.ReadAsync(http));
        var sentences = device.SpeakAsync(RequestOwner.Of(http), request.Voice, request.Speech, http.RequestAborted);
        await using var spoken = sentences.GetAsyncEnumerator(http.RequestAborted);
        if (request.IsEventStream)
        {
            await StreamEventsAsync(http, request, spoken);
        }
        else
        {
            await StreamBytesAsync(http, request, spoken);
        }
    }

    static async Task StreamBytesAsync(HttpContext http, SpeechBody request, IAsyncEnumerator<SpokenSentence> spoken)
    {
        // The first sentence before the status: whatever is wrong with voice or text is still an answer of its own then.
        IAudioEncoder? encoder = null;
        while (await spoken.MoveNextAsync())
        {
            if (encoder is null)
            {
                encoder = AudioEncoder.Create(request.Format, spoken.Current.SampleRate);
                http.Response.ContentType = request.Format.MediaType;
                http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            }

            await http.Response.BodyWriter.WriteAsync(encoder.Encode(spoken.Current.Samples), http.RequestAborted);
        }

        await http.Response.BodyWriter.WriteAsync((encoder ?? throw Silent()).Finish(), http.RequestAborted);
    }

    async Task StreamEventsAsync(HttpContext http, SpeechBody request, IAsyncEnumerator<SpokenSentence> spoken)
    {
        using var stream = new EventStream(http, timeProvider, pingInterval);
        IAudioEncoder? encoder = null;
        var milliseconds = 0L;
        while (await stream.WaitAsync(spoken.MoveNextAsync()))
        {
            encoder ??= AudioEncoder.Create(request.Format, spoken.Current.SampleRate);
            milliseconds += spoken.Current.Samples.Length * 1000L / spoken.Current.SampleRate;
            await SendAsync(encoder.Encode(spoken.Current.Samples));
        }

        await SendAsync((encoder ?? throw Silent()).Finish());
        await stream.SendAsync(
            new SpeechDone(new SpeechUsage(request.Speech.Text.Length, milliseconds)), SpeechJson.Default.SpeechDone);

        async Task SendAsync(byte[] bytes)
        {
            if (bytes.Length > 0)
            {
                await stream.SendAsync(new SpeechDelta(Convert.ToBase64String(bytes)), SpeechJson.Default.SpeechDelta);
            }
        }
    }

    Task ListVoicesAsync(HttpContext http) => http.Response.WriteAsJsonAsync(
        new VoiceList([.. device.Voices.Select(voice => new VoiceEntry(voice.Name, voice.Name, voice.Language, voice.Kind))]),
        SpeechJson.Default.VoiceList);

    static ApiException Silent() => ApiException.Invalid("input", "There is nothing in \"input\" that can be read aloud; give words.");
}
