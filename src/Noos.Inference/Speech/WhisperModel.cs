using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Inference.Diagnostics;
using Noos.Inference.Threading;

namespace Noos.Inference.Speech;

/// <summary>
/// A Whisper model (Radford et al., arXiv:2212.04356) from a file of whisper.cpp: turns windows of speech into text with times. It hears
/// words in anything, so voice detection belongs in front of it. Thread-safe; calls wait for each other.
/// </summary>
public sealed class WhisperModel : IDisposable
{
    /// <summary>Samples per second of what it hears.</summary>
    public const int SampleRate = LogMelSpectrogram.SampleRate;

    const int SamplesPerFrame = 2 * LogMelSpectrogram.Hop;

    readonly WhisperFile _file;
    readonly ThreadTeam _team;
    readonly WhisperWeights _weights;
    readonly WhisperVocabulary _vocabulary;
    readonly LogMelSpectrogram _mel;
    readonly AudioEncoder _encoder;
    readonly TextDecoder _decoder;
    readonly AudioFeatures _features;
    readonly TextSequence _sequence;
    readonly SemaphoreSlim _free = new(1);
    bool _disposed;

    WhisperModel(WhisperFile file, InferenceOptions options)
    {
        var start = Stopwatch.GetTimestamp();
        var logger = options.LoggerFactory?.CreateLogger(Telemetry.Name) ?? (ILogger)NullLogger.Instance;
        _file = file;
        var config = file.Config;
        Name = System.IO.Path.GetFileNameWithoutExtension(file.Path) is var stem && stem.StartsWith("ggml-", StringComparison.Ordinal)
            ? "whisper-" + stem["ggml-".Length..]
            : stem;
        try
        {
            _vocabulary = new WhisperVocabulary(file.Tokens, config.VocabularySize, config.AudioContext + 1);
        }
        catch (InvalidDataException e)
        {
            throw new NoosException(ErrorKind.Damaged, $"'{file.Path}' is no Whisper model: {e.Message}; download it again.", e);
        }

        _team = new ThreadTeam(options.ThreadCount(file.TensorBytes));
        try
        {
            _weights = new WhisperWeights(file, options.MaxKernelTier, _team);
        }
        catch
        {
            _team.Dispose();
            throw;
        }

        _mel = new LogMelSpectrogram(file.MelFilters, config.MelCount, _team);
        _encoder = new AudioEncoder(config, _weights, _team);
        _decoder = new TextDecoder(config, _weights, _team);
        _features = new AudioFeatures(config);
        _sequence = new TextSequence(config, _features);
        if (logger.IsEnabled(LogLevel.Information))
        {
            var kernels = KernelChoice.NameInUse(options.MaxKernelTier);
            var elapsed = Stopwatch.GetElapsedTime(start);
            Log.ModelLoaded(logger, Name, "whisper", file.ParameterCount, file.TensorBytes, _team.Size, kernels, elapsed);
        }
    }

    /// <summary>After its file: "whisper-tiny.en-q5_1" of "ggml-tiny.en-q5_1.bin".</summary>
    public string Name { get; }

    /// <summary>Its file.</summary>
    public string Path => _file.Path;

    /// <summary>It hears other languages than English, and can translate.</summary>
    public bool IsMultilingual => _vocabulary.IsMultilingual;

    /// <summary>Samples of a window, the most that is heard at once.</summary>
    public int WindowLength => _file.Config.AudioContext * SamplesPerFrame;

    /// <summary>The file begins as one that this class reads; false also where it cannot be opened.</summary>
    public static bool IsWhisper(string path) => WhisperFile.IsWhisper(path);

    /// <summary>Opens a model.</summary>
    /// <exception cref="NoosException">
    /// The file is missing (NotFound), corrupt (Damaged), too large for the machine (OutOfMemory), or stored in a way that is not computed
    /// with (Invalid).
    /// </exception>
    public static WhisperModel Load(string path, InferenceOptions? options = null)
    {
        var file = WhisperFile.Open(path);
        try
        {
            return new WhisperModel(file, options ?? new InferenceOptions());
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Transcribes a window.</summary>
    /// <param name="samples">Mono, 16 kHz, in -1 .. 1; what lies behind <see cref="WindowLength"/> is not looked at.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Looked at before every token.</param>
    /// <exception cref="NoosException">The model cannot do what is asked for, such as another language (Invalid).</exception>
    public async Task<WhisperWindow> TranscribeAsync(
        ReadOnlyMemory<float> samples, WhisperOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= WhisperOptions.Default;
        ObjectDisposedException.ThrowIf(_disposed, this);
        Require(options);
        if (samples.IsEmpty)
        {
            return new WhisperWindow([], TimeSpan.Zero, "en", NoSpeechProbability: 1);
        }

        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(
                () => Transcribe(samples[..Math.Min(samples.Length, WindowLength)].Span, options, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Refuses what the model cannot do.</summary>
    /// <exception cref="NoosException">It hears no such language, or cannot translate (Invalid).</exception>
    public void Require(WhisperOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var language = options.Language is { } name ? WhisperLanguages.Parse(name) : 0;
        if (!IsMultilingual && (language != 0 || options.IsTranslation))
        {
            throw new NoosException(
                $"The speech model {Name} hears English only; choose a multilingual one, such as ggml-base.bin of ggerganov/whisper.cpp.")
            {
                Parameter = language != 0 ? "language" : "model",
            };
        }

        if (language > 0 && language >= _vocabulary.LanguageCount)
        {
            throw new NoosException($"The speech model {Name} does not know {WhisperLanguages.NameOf(options.Language!)}; choose another.")
            {
                Parameter = "language",
            };
        }
    }

    public void Dispose()
    {
        _free.Wait();
        if (!_disposed)
        {
            _disposed = true;
            _team.Dispose();
            _mel.Dispose();
            _encoder.Dispose();
            _decoder.Dispose();
            _features.Dispose();
            _sequence.Dispose();
            _weights.Dispose();
            _file.Dispose();
        }

        _free.Release();
    }

    unsafe WhisperWindow Transcribe(ReadOnlySpan<float> samples, WhisperOptions options, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var context = _file.Config.AudioContext;
        var speech = (samples.Length + SamplesPerFrame - 1) / SamplesPerFrame;
        var frames = options.Padding is { } padding
            ? (int)Math.Clamp(speech + (padding.TotalSeconds * SampleRate / SamplesPerFrame), 1, context)
            : context;
        _mel.Compute(samples, 2 * frames, _encoder.Mel);
        cancellationToken.ThrowIfCancellationRequested();
        _encoder.Encode(frames, _features);
        var decoder = new WindowDecoder(_file.Config, _vocabulary, _decoder, _sequence);
        var window = decoder.Decode(Math.Min(speech, context), options, cancellationToken);
        Telemetry.TranscribedTime.Add((double)samples.Length / SampleRate);
        Telemetry.TranscriptionDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        return window;
    }
}
