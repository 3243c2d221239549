using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Noos.Core;

namespace Noos.Peripherals.Ear;

/// <summary>An ear as Microsoft.Extensions.AI's client. Thread-safe.</summary>
/// <param name="ears">Opens the ear; stays the caller's.</param>
public sealed class EarSpeechToTextClient(EarSource ears) : ISpeechToTextClient
{
    readonly SpeechToTextClientMetadata _metadata = new("noos");

    /// <exception cref="NoosException">No ear is installed, or it cannot hear the recording.</exception>
    public async Task<SpeechToTextResponse> GetTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audioSpeechStream);
        var ear = await ears.OpenAsync(cancellationToken);
        var transcript = await ear.TranscribeAsync(audioSpeechStream, Map(options, ear), cancellationToken: cancellationToken);
        return new SpeechToTextResponse(transcript.Text)
        {
            ModelId = ear.Name,
            StartTime = TimeSpan.Zero,
            EndTime = transcript.Duration,
            RawRepresentation = transcript,
        };
    }

    /// <exception cref="NoosException">No ear is installed, or it cannot hear the recording.</exception>
    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audioSpeechStream);
        var ear = await ears.OpenAsync(cancellationToken);
        var id = Guid.NewGuid().ToString("N");
        yield return new SpeechToTextResponseUpdate
        {
            Kind = SpeechToTextResponseUpdateKind.SessionOpen,
            ModelId = ear.Name,
            ResponseId = id,
        };
        await foreach (var segment in ear.StreamAsync(audioSpeechStream, Map(options, ear), cancellationToken: cancellationToken))
        {
            yield return new SpeechToTextResponseUpdate(segment.Text)
            {
                Kind = SpeechToTextResponseUpdateKind.TextUpdated,
                ModelId = ear.Name,
                ResponseId = id,
                StartTime = segment.Start,
                EndTime = segment.End,
                RawRepresentation = segment,
            };
        }

        yield return new SpeechToTextResponseUpdate
        {
            Kind = SpeechToTextResponseUpdateKind.SessionClose,
            ModelId = ear.Name,
            ResponseId = id,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(SpeechToTextClientMetadata) ? _metadata
            : serviceType == typeof(EarSource) ? ears
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the source disposes its ear.</summary>
    public void Dispose()
    {
    }

    /// <summary>Another language of the text than of the speech is a translation, and only into English.</summary>
    static TranscribeOptions Map(SpeechToTextOptions? options, SpeechTranscriber ear)
    {
        var (speech, text) = (options?.SpeechLanguage, options?.TextLanguage);
        // Of an ear for one language it is known what is spoken.
        speech ??= ear.IsMultilingual ? null : "en";
        var isTranslation = text is not null && !text.Equals(speech, StringComparison.OrdinalIgnoreCase);
        return isTranslation && !text!.StartsWith("en", StringComparison.OrdinalIgnoreCase)
            ? throw new NoosException($"An ear translates into English only, not into '{text}'; leave out the language of the text.")
            : new TranscribeOptions { Language = options?.SpeechLanguage, IsTranslation = isTranslation };
    }
}
