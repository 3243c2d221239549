using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Cpus.Hub;

namespace Noos.Server.Pulls;

/// <summary>How far a model is that is pulled.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PullState>))]
public enum PullState
{
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>It is here.</summary>
    [JsonStringEnumMemberName("complete")]
    Complete,

    /// <summary>Somebody stopped it; what has come stays.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,

    /// <summary>It failed; what has come stays, unless it was damaged.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>
/// A model that is pulled, in the background: nobody need watch, unless all who asked for it are watchers; then it ends with the last of
/// them. Thread-safe.
/// </summary>
public sealed class ModelPull : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly TransferRate _rate;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    DownloadProgress _progress;
    PullState _state;
    TaskCompletionSource _change = NewChange();
    int _watchers;
    bool _isWanted;

    /// <param name="reference">What is pulled.</param>
    /// <param name="time">Measures the rate.</param>
    /// <param name="pull">Pulls it; told of progress.</param>
    internal ModelPull(
        string reference, TimeProvider time, Func<Action<DownloadProgress>, CancellationToken, Task> pull)
    {
        (Reference, _time, _rate) = (reference, time, new TransferRate(time));
        Work = Task.Run(() => RunAsync(pull));
    }

    // A person reads what comes of it; a download reports thousands of times a second.
    static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(60);

    /// <summary>What is pulled: OWNER/REPO, with :QUANTIZATION or :FILE where one was asked for.</summary>
    public string Reference { get; }

    /// <summary>Why it failed; null unless it did.</summary>
    public NoosException? Failure { get; private set; }

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
                    File = _progress.File,
                    Problem = Failure?.Message,
                };
            }
        }
    }

    /// <summary>Stops it; the same pulled again goes on where it was. One that is over stays as it is.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            return _state == PullState.Running ? _stop.CancelAsync() : Task.CompletedTask;
        }
    }

    /// <summary>It as it is now, and whenever that has changed, until it ends; the last is the end.</summary>
    public async IAsyncEnumerable<PullStatus> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                change = _change.Task;
            }

            // Read after the change is taken, so that none is missed.
            var status = Status;
            yield return status;
            if (status.State != PullState.Running)
            {
                yield break;
            }

            await change.WaitAsync(cancellationToken);
            await Task.WhenAny(Work, Task.Delay(s_beat, _time, cancellationToken));
        }
    }

    /// <summary>It goes on whoever watches.</summary>
    internal void Want()
    {
        lock (_lock)
        {
            _isWanted = true;
        }
    }

    /// <summary>Somebody watches, and wants it for as long.</summary>
    internal void Enter()
    {
        lock (_lock)
        {
            _watchers++;
        }
    }

    /// <summary>The end of that.</summary>
    internal async Task LeaveAsync()
    {
        bool isLast;
        lock (_lock)
        {
            isLast = --_watchers == 0 && !_isWanted && _state == PullState.Running;
        }

        if (isLast)
        {
            await StopAsync();
        }
    }

    public void Dispose() => _stop.Dispose();

    static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    async Task RunAsync(Func<Action<DownloadProgress>, CancellationToken, Task> pull)
    {
        var (state, failure) = (PullState.Complete, (NoosException?)null);
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
            (state, failure) = (PullState.Failed, e);
        }

        lock (_lock)
        {
            (_state, Failure) = (state, failure);
            Changed();
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

            Changed();
        }
    }

    void Changed()
    {
        _change.SetResult();
        _change = NewChange();
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

    /// <summary>Of which file; null until there is one.</summary>
    public string? File { get; init; }

    /// <summary>Why it failed, in a sentence that says what to do.</summary>
    public string? Problem { get; init; }
}
