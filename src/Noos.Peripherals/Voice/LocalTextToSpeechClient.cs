using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Noos.Kernel.Speech;
using Noos.Media.Encoders;

#pragma warning disable MEAI001 // The interface is still experimental; it is implemented here and used nowhere inside.

namespace Noos.Peripherals.Voice;

/// <summary>
/// The voices of this machine as Microsoft.Extensions.AI knows them. Voice, speed and format of the options are honoured; pitch and volume
/// are the voice's own. Thread-safe.
/// </summary>
/// <param name="voices">Stay the caller's.</param>
public sealed class LocalTextToSpeechClient(IVoiceSource voices) : ITextToSpeechClient
{
    static readonly TextToSpeechClientMetadata s_metadata = new("noos");

    public async Task<TextToSpeechResponse> GetAudioAsync(
        string text, TextToSpeechOptions? options = null, CancellationToken cancellationToken = default)
    {
        var bytes = new List<byte>();
        var (model, format) = ("", Format(options));
        await foreach (var update in GetStreamingAudioAsync(text, options, cancellationToken))
        {
            model = update.ModelId ?? model;
            foreach (var content in update.Contents.OfType<DataContent>())
            {
                bytes.AddRange(content.Data.Span);
            }
        }

        return new TextToSpeechResponse([new DataContent(bytes.ToArray(), format.MediaType)]) { ModelId = model };
    }

    public async IAsyncEnumerable<TextToSpeechResponseUpdate> GetStreamingAudioAsync(
        string text, TextToSpeechOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var format = Format(options);
        var voice = await Task.Run(() => voices.Open(options?.VoiceId), cancellationToken);
        using var sentences = voice.Speak(
            new SpeechRequest(text) { Speed = options?.Speed ?? 1 }, cancellationToken).GetEnumerator();
        IAudioEncoder? encoder = null;

        // Computing a sentence takes a while, and not the caller's thread.
        while (await Task.Run(sentences.MoveNext, cancellationToken))
        {
            encoder ??= AudioEncoder.Create(format, sentences.Current.SampleRate);
            yield return Update(encoder.Encode(sentences.Current.Samples), TextToSpeechResponseUpdateKind.AudioUpdating);
        }

        yield return Update(encoder?.Finish() ?? [], TextToSpeechResponseUpdateKind.AudioUpdated);

        TextToSpeechResponseUpdate Update(byte[] bytes, TextToSpeechResponseUpdateKind kind) =>
            new([new DataContent(bytes, format.MediaType)]) { Kind = kind, ModelId = voice.Info.Name };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(TextToSpeechClientMetadata) ? s_metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(voices) ? voices
            : null;
    }

    public void Dispose()
    {
    }

    static AudioFormat Format(TextToSpeechOptions? options)
    {
        var wanted = options?.AudioFormat ?? AudioFormat.Mp3.Name;
        return AudioFormat.All.FirstOrDefault(format => format.MediaType.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? AudioFormat.Parse(wanted);
    }
}
