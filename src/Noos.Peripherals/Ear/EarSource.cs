using Noos.Core;
using Noos.Inference.Speech;

namespace Noos.Peripherals.Ear;

/// <summary>
/// Opens the ear when somebody first speaks, and keeps it. Thread-safe; who comes while it is opened waits.
/// </summary>
public sealed class EarSource : IDisposable
{
    readonly EarOptions _options;
    readonly EarLibrary _library;
    readonly SemaphoreSlim _opening = new(1);
    SpeechTranscriber? _ear;
    bool _disposed;

    public EarSource(EarOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _library) = (options, new EarLibrary(options.Folders));
    }

    /// <summary>Names of the ears that are installed, for lists.</summary>
    public IReadOnlyList<string> Names => [.. _library.List().Select(EarLibrary.NameOf).Distinct(StringComparer.Ordinal)];

    /// <summary>The ear.</summary>
    /// <exception cref="NoosException">None is installed (NotFound), or its file is damaged.</exception>
    public async Task<SpeechTranscriber> OpenAsync(CancellationToken cancellationToken = default)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _ear ??= await Task.Run(
                () => new SpeechTranscriber(WhisperModel.Load(_library.Resolve(_options.Name), _options.Inference)), cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    public void Dispose()
    {
        _opening.Wait();
        _disposed = true;
        _ear?.Dispose();
        _ear = null;
        _opening.Release();
    }
}
