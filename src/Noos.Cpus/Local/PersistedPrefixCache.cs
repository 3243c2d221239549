using Noos.Core;
using Noos.Inference;

namespace Noos.Cpus.Local;

/// <summary>
/// What a model has read, kept over restarts: restored in the background, so that nobody waits for it, and saved at the end. A file that
/// cannot be used is only reported: the model reads again.
/// </summary>
public sealed class PersistedPrefixCache : IDisposable
{
    /// <summary>Bytes of keys and values that are saved where nothing else is said.</summary>
    public const long DefaultMaxBytes = 1L << 30;

    readonly LanguageModel _model;
    readonly string _folder;
    readonly long _maxBytes;
    readonly Action<string> _report;
    readonly Task _restoring;
    bool _disposed;

    /// <param name="model">To be disposed after this.</param>
    /// <param name="folder">Where the files are; there is one for every model and type.</param>
    /// <param name="report">Gets one line for each failure; from any thread.</param>
    /// <param name="maxBytes">Bytes of keys and values that are saved at most, the most recently used conversations first.</param>
    public PersistedPrefixCache(LanguageModel model, string folder, Action<string> report, long maxBytes = DefaultMaxBytes)
    {
        _model = model;
        _folder = folder;
        _maxBytes = maxBytes;
        _report = report;
        _restoring = Task.Run(() => Try(() =>
        {
            if (File.Exists(FilePath))
            {
                model.RestoreKeyValues(FilePath);
            }
        }));
    }

    /// <summary>The file of this model.</summary>
    public string FilePath => Path.Combine(_folder, $"{_model.Fingerprint[..16]}-{_model.KeyValueMemory.Type}.kv".ToLowerInvariant());

    /// <summary>Completes when what was kept is there, or was found to be of no use.</summary>
    public Task Restored => _restoring;

    /// <summary>Saves.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _restoring.Wait();
            Try(() => _model.SaveKeyValues(FilePath, _maxBytes));
        }
    }

    void Try(Action action)
    {
        try
        {
            action();
        }
        catch (NoosException exception)
        {
            _report(exception.Message);
        }
    }
}
