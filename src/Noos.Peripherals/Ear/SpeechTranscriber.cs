using System.Runtime.CompilerServices;
using System.Text;
using Noos.Core;
using Noos.Inference.Speech;
using Noos.Media.Audio;
using Noos.Media.Speech;

namespace Noos.Peripherals.Ear;

/// <summary>
/// An ear: recordings of any length to text with times. Voice detection finds the speech, which a Whisper model hears window by window;
/// memory does not grow with the recording. Thread-safe: windows of several recordings take turns.
/// </summary>
public sealed class SpeechTranscriber : IDisposable
{
    const int MinRest = SpeechDetector.SampleRate;

    readonly WhisperModel _model;

    /// <param name="model">Owned from now on.</param>
    public SpeechTranscriber(WhisperModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
    }

    /// <summary>Who hears.</summary>
    public string Name => _model.Name;

    /// <summary>It hears other languages than English, and can translate.</summary>
    public bool IsMultilingual => _model.IsMultilingual;

    /// <summary>The file of the model.</summary>
    public string Path => _model.Path;

    /// <summary>Transcribes a recording as a whole.</summary>
    /// <param name="audio">From its beginning, seekable; stays the caller's.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after every window.</param>
    /// <param name="cancellationToken">Looked at before every word.</param>
    /// <exception cref="NoosException">
    /// It is no recording (Invalid), damaged (Damaged), too long (Refused), or the model cannot do what is asked for (Invalid).
    /// </exception>
    public async Task<Transcript> TranscribeAsync(
        Stream audio, TranscribeOptions? options = null, IProgress<TranscriptionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var segments = new List<TranscriptSegment>();
        var last = new LastProgress(progress);
        await foreach (var segment in StreamAsync(audio, options, last, cancellationToken))
        {
            segments.Add(segment);
        }

        return new Transcript(Name, segments.Count > 0 ? segments[0].Language : null, last.Heard, segments);
    }

    /// <summary>The same, segment by segment as they are heard.</summary>
    /// <inheritdoc cref="TranscribeAsync"/>
    public async IAsyncEnumerable<TranscriptSegment> StreamAsync(
        Stream audio, TranscribeOptions? options = null, IProgress<TranscriptionProgress>? progress = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audio);
        options ??= new TranscribeOptions();
        var hearing = new WhisperOptions
        {
            Language = options.Language,
            IsTranslation = options.IsTranslation,
            Prompt = options.Prompt,
            Temperature = options.Temperature,
            WantsWords = options.WantsWords,
        };
        _model.Require(hearing);
        var recording = AudioFile.Open(new BorrowedStream(audio), options.Limits);
        var duration = recording.Duration;
        using var reader = new SpeechWindowReader(
            new MonoReader(recording, SpeechDetector.SampleRate), _model.WindowLength, options.DetectsSpeech ? new SpeechDetector() : null);
        while (await Task.Run(() => reader.Read(cancellationToken), cancellationToken) is { } window)
        {
            var heard = await _model.TranscribeAsync(window.Samples, hearing, cancellationToken);
            var start = Time(window.Start);
            foreach (var segment in heard.Segments.Where(IsSpeech))
            {
                yield return Shift(segment, start, heard.Language);
            }

            // All of a recording is in one language; the first window with words decides.
            if (heard.Segments.Count > 0)
            {
                hearing = hearing with { Language = heard.Language };
            }

            var consumed = (long)(heard.Consumed.TotalSeconds * SpeechDetector.SampleRate);
            var rest = window.Samples.Length - consumed;
            // What is left before a pause may be that pause itself, in which a recognizer would invent words.
            if (consumed > 0 && rest > (window.EndsInPause ? MinRest : 0))
            {
                reader.Rewind(window.Start + consumed);
            }

            progress?.Report(new TranscriptionProgress(start + heard.Consumed, duration));
        }

        progress?.Report(new TranscriptionProgress(Time(reader.Length), duration));
    }

    public void Dispose() => _model.Dispose();

    /// <summary>Something is said in it: not only dots and notes, and not only what stands in brackets.</summary>
    static bool IsSpeech(WhisperSegment segment)
    {
        var depth = 0;
        foreach (var rune in segment.Text.EnumerateRunes())
        {
            depth += rune.Value is '(' or '[' or '{' ? 1 : rune.Value is ')' or ']' or '}' ? -1 : 0;
            if (depth <= 0 && Rune.IsLetterOrDigit(rune))
            {
                return true;
            }
        }

        return false;
    }

    static TranscriptSegment Shift(WhisperSegment segment, TimeSpan start, string language) =>
        new(start + segment.Start, start + segment.End, segment.Text)
        {
            Language = language,
            Tokens = segment.Tokens,
            AverageLogProbability = segment.AverageLogProbability,
            CompressionRatio = segment.CompressionRatio,
            NoSpeechProbability = segment.NoSpeechProbability,
            Temperature = segment.Temperature,
            Window = start,
            Words = [.. segment.Words.Select(word => new TranscriptWord(word.Text, start + word.Start, start + word.End))],
        };

    static TimeSpan Time(long samples) => TimeSpan.FromSeconds((double)samples / SpeechDetector.SampleRate);

    sealed class LastProgress(IProgress<TranscriptionProgress>? next) : IProgress<TranscriptionProgress>
    {
        public TimeSpan Heard { get; private set; }

        public void Report(TranscriptionProgress value)
        {
            Heard = value.Heard;
            next?.Report(value);
        }
    }
}
