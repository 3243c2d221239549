using Noos.Core;
using Noos.Cpus.Hub;

namespace Noos.Pages.Models;

/// <summary>How far a model is that is pulled.</summary>
public enum PullState
{
    Running,

    /// <summary>It is here.</summary>
    Complete,

    /// <summary>Somebody stopped it; what has come stays.</summary>
    Stopped,

    /// <summary>It failed; what has come stays, unless it was damaged.</summary>
    Failed,
}

/// <summary>A model that is pulled, in the background: nobody need watch. Thread-safe.</summary>
public sealed class ModelPull : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly TransferRate _rate;
    readonly Lock _lock = new();
    DownloadProgress _progress;
    PullState _state;
    string? _problem;

    /// <param name="reference">What is pulled.</param>
    /// <param name="time">Measures the rate.</param>
    /// <param name="pull">Pulls it; told of progress.</param>
    internal ModelPull(
        string reference, TimeProvider time, Func<Action<DownloadProgress>, CancellationToken, Task> pull)
    {
        (Reference, _rate) = (reference, new TransferRate(time));
        Work = Task.Run(() => RunAsync(pull));
    }

    /// <summary>As it was asked for.</summary>
    public string Reference { get; }

    /// <summary>Never fails.</summary>
    public Task Work { get; }

    /// <summary>As it is now.</summary>
    public PullStatus Status
    {
        get
        {
            lock (_lock)
            {
                var rate = _rate.BytesPerSecond;
                return new PullStatus(_state, _progress.Done, _progress.Total)
                {
                    BytesPerSecond = rate,
                    TimeLeft = rate > 0 && _progress.Total > 0
                        ? TimeSpan.FromSeconds((_progress.Total - _progress.Done) / rate)
                        : null,
                    Note = _progress.Note,
                    Problem = _problem,
                };
            }
        }
    }

    /// <summary>Stops it; the same pulled again goes on where it was.</summary>
    public Task StopAsync() => _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();

    async Task RunAsync(Func<Action<DownloadProgress>, CancellationToken, Task> pull)
    {
        var (state, problem) = (PullState.Complete, (string?)null);
        try
        {
            await pull(Note, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            state = PullState.Stopped;
        }
        catch (NoosException e)
        {
            (state, problem) = (PullState.Failed, e.Message);
        }

        lock (_lock)
        {
            (_state, _problem) = (state, problem);
        }
    }

    void Note(DownloadProgress progress)
    {
        lock (_lock)
        {
            _progress = progress;
            if (progress.Note is null)
            {
                _rate.Observe(progress.Done);
            }
            else
            {
                // A wait would count as slowness of the network.
                _rate.Reset();
            }
        }
    }
}

/// <summary>A pull at one moment.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Done">Bytes that are here.</param>
/// <param name="Total">Bytes of all; 0 while nobody knows.</param>
public sealed record PullStatus(PullState State, long Done, long Total)
{
    /// <summary>0 until it can be told.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Null until it can be told.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>Something other than the plain arrival of bytes that goes on; null mostly.</summary>
    public string? Note { get; init; }

    /// <summary>Why it failed, in a sentence that says what to do.</summary>
    public string? Problem { get; init; }
}
