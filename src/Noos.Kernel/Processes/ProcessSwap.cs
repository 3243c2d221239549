using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Kernel.Cpu;

namespace Noos.Kernel.Processes;

/// <summary>
/// Moves keys and values of idle processes out of memory before the cache would forget them, those that ran longest ago first, and back
/// before their next run. What an answer reads is in pages; after it the pages stay in memory as a reserve; from there they go to a file of
/// the home, one for each process. A file that cannot be used is deleted, which the log says: the process is read again from its text.
/// Thread-safe; files are written and read by its own tasks and by those that run processes.
/// </summary>
/// <param name="folder">Of the files.</param>
/// <param name="cpu">Whose keys and values.</param>
/// <param name="options">When.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Told of what fails.</param>
sealed class ProcessSwap(string folder, ICpu cpu, SwapOptions options, TimeProvider timeProvider, ILogger logger) : IAsyncDisposable
{
    const string Ending = ".kv";
    const string Unfinished = ".part";

    readonly IProcessMemory? _memory = cpu.GetService(typeof(IProcessMemory)) as IProcessMemory;
    readonly ConcurrentDictionary<long, long> _sizes = new(ReadSizes(folder));

    // What is being written: whoever wants to run waits for its end.
    readonly ConcurrentDictionary<long, Task> _moves = [];
    readonly SemaphoreSlim _turnstile = new(1, 1);
    readonly CancellationTokenSource _stop = new();
    ITimer? _timer;

    /// <summary>Bytes on the disk.</summary>
    public long Bytes => _sizes.Values.Sum();

    /// <summary>What a process holds is on the disk.</summary>
    public bool Has(long process) => _sizes.ContainsKey(process);

    /// <summary>Looks at the memory from now on.</summary>
    /// <param name="isIdle">Whether a process does nothing, and since when.</param>
    public void Start(Func<long, DateTimeOffset?> isIdle)
    {
        if (_memory is not null && options.MaxBytes > 0)
        {
            _timer = timeProvider.CreateTimer(_ => _ = BalanceAsync(isIdle), null, options.Interval, options.Interval);
        }
    }

    /// <summary>What each process holds, in memory and on the disk.</summary>
    public IReadOnlyList<ProcessMemory> Measure()
    {
        var held = _memory?.Measure() ?? [];
        var known = held.Select(memory => memory.Process).ToHashSet();
        return
        [
            .. held.Select(memory => memory with { DiskBytes = _sizes.GetValueOrDefault(memory.Process) }),
            .. _sizes.Where(file => !known.Contains(file.Key)).OrderBy(file => file.Key)
                .Select(file => new ProcessMemory(file.Key, cpu.Info.Name) { DiskBytes = file.Value }),
        ];
    }

    /// <summary>Moves idle processes to the disk where memory is short. One look at a time; another meanwhile does nothing.</summary>
    /// <param name="idleSince">Since when a process does nothing; null while it works, or where it is none that can be moved.</param>
    public async Task BalanceAsync(Func<long, DateTimeOffset?> idleSince)
    {
        if (_memory is null || !IsAbove(options.HighMark) || !await _turnstile.WaitAsync(0))
        {
            return;
        }

        try
        {
            var before = timeProvider.GetUtcNow() - options.MinIdle;
            foreach (var process in _memory.Measure().Where(process => process.Pages > process.SharedPages && !process.IsRunning))
            {
                if (!IsAbove(options.LowMark) || _stop.IsCancellationRequested)
                {
                    break;
                }

                await MoveOutAsync(process.Process, () => idleSince(process.Process) is { } since && since <= before);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The system stops.
        }
        finally
        {
            _turnstile.Release();
        }
    }

    /// <summary>Brings back what a process holds, before it runs. Never fails: what cannot be brought back is read again.</summary>
    public async Task BringBackAsync(long process, string? model, CancellationToken cancellationToken)
    {
        if (_moves.TryGetValue(process, out var move))
        {
            await move;
        }

        if (!Has(process) || _memory is null)
        {
            return;
        }

        try
        {
            await using (var stream = File.OpenRead(PathOf(process)))
            {
                await _memory.SwapInAsync(process, model, stream, cancellationToken);
            }
        }
        catch (Exception e) when (e is NoosException or IOException or UnauthorizedAccessException)
        {
            Log.SwapRefused(logger, process, e.Message);
        }

        Delete(process);
    }

    /// <summary>The process runs no more.</summary>
    public void Forget(long process)
    {
        _memory?.Forget(process);
        if (Has(process))
        {
            Delete(process);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        // What is being written is over then.
        await _turnstile.WaitAsync();
        _turnstile.Dispose();
        _stop.Dispose();
    }

    static IEnumerable<KeyValuePair<long, long>> ReadSizes(string folder) => !Directory.Exists(folder) ? [] :
        from file in new DirectoryInfo(folder).EnumerateFiles("*" + Ending)
        let id = long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0
        where id > 0
        select KeyValuePair.Create(id, file.Length);

    bool IsAbove(double part) => cpu.Cache is { MaxBytes: > 0 } cache && cache.Bytes > part * cache.MaxBytes;

    string PathOf(long process) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{process}{Ending}"));

    async Task MoveOutAsync(long process, Func<bool> isIdle)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // First the mark and then the question: who begins to run now finds the mark, or is seen to run.
        _moves[process] = over.Task;
        try
        {
            if (isIdle())
            {
                await WriteAsync(process);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NoosException)
        {
            Log.SwapFailed(logger, process, e.Message);
            File.Delete(PathOf(process) + Unfinished);
        }
        finally
        {
            _moves.TryRemove(process, out _);
            over.SetResult();
        }
    }

    async Task WriteAsync(long process)
    {
        Directory.CreateDirectory(folder);
        var path = PathOf(process);
        bool hasWritten;
        long size;
        await using (var stream = new FileStream(path + Unfinished, NewFile()))
        {
            hasWritten = await _memory!.SwapOutAsync(process, stream, _stop.Token);
            size = stream.Length;
        }

        if (!hasWritten)
        {
            File.Delete(path + Unfinished);
            return;
        }

        File.Move(path + Unfinished, path, overwrite: true);
        _sizes[process] = size;
        foreach (var (oldest, _) in _sizes.Where(file => file.Key != process).OrderBy(file => File.GetLastWriteTimeUtc(PathOf(file.Key))))
        {
            if (Bytes <= options.MaxBytes)
            {
                break;
            }

            Delete(oldest);
        }

        if (Bytes > options.MaxBytes)
        {
            Delete(process);
        }
    }

    /// <summary>What was said can be read from keys and values, so they are for this user alone, as the journal is.</summary>
    static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 1 << 20,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    void Delete(long process)
    {
        _sizes.TryRemove(process, out _);
        try
        {
            File.Delete(PathOf(process));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.SwapFailed(logger, process, e.Message);
        }
    }
}
