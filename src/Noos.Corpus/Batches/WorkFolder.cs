using System.Globalization;
using System.IO.Hashing;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Corpus.Batches;

/// <summary>
/// Work that any number of processes on any number of machines do together, over nothing but files of a shared folder: a unit is claimed by
/// a lease (<c>leases/</c>), its outputs are renamed into place, and a manifest (<c>manifests/</c>) says that it is done. Workers may join,
/// leave and die at any moment; what is done is not done again, and what a dead one left is taken over when its lease is stale. Correct
/// without leases as well, since a unit makes the same bytes whoever does it: a launcher (Slurm array, Indexed Job) only starts processes.
/// </summary>
public sealed class WorkFolder
{
    readonly WorkOptions _options;
    readonly TimeProvider _timeProvider;

    public WorkFolder(string path, WorkOptions options, TimeProvider timeProvider)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        if (options.Worker.Length == 0 || options.Worker.Any(letter => char.IsWhiteSpace(letter) || letter is '/' or '\\'))
        {
            throw new NoosException($"'{options.Worker}' is no name of a worker; give one without spaces and slashes.");
        }

        (Root, _options, _timeProvider) = (System.IO.Path.GetFullPath(path), options, timeProvider);
    }

    public string Root { get; }

    string Leases => System.IO.Path.Combine(Root, "leases");

    /// <summary>The manifest of a unit; null where it is not done.</summary>
    public WorkManifest? FindManifest(string stage, int unit) => WorkManifest.TryRead(ManifestOf(stage, unit));

    /// <summary>Whether a unit is done, from what it would be done from now.</summary>
    public bool IsDone(WorkStage stage, int unit)
    {
        ArgumentNullException.ThrowIfNull(stage);
        return FindManifest(stage.Name, unit)?.Key == stage.Key(unit);
    }

    /// <summary>Works until every unit of a stage is done, by this process or another.</summary>
    /// <param name="stage">What is to be done.</param>
    /// <param name="progress">Told after each unit, on the threads that work.</param>
    /// <param name="cancellationToken">Stops; what is done stays.</param>
    /// <exception cref="NoosException">A unit cannot be done; the others stay as they are.</exception>
    public async Task RunAsync(WorkStage stage, Action<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stage);
        Directory.CreateDirectory(Leases);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(ManifestOf(stage.Name, 0))!);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var board = new Board(stage.Units);
        var threads = Enumerable.Range(0, Math.Max(1, _options.Threads))
            .Select(thread => Task.Factory.StartNew(
                () => Work(stage, board, thread, progress, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default))
            .ToArray();
        var first = await Task.WhenAny(threads);
        if (first.IsFaulted)
        {
            // The others end at their next unit instead of working on for hours.
            await stop.CancelAsync();
        }

        try
        {
            await Task.WhenAll(threads);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await first;
            throw;
        }
    }

    void Work(WorkStage stage, Board board, int thread, Action<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        // Each begins elsewhere, so that many workers do not ask for the same lease at once.
        var owner = string.Create(CultureInfo.InvariantCulture, $"{_options.Worker}.{thread}");
        var start = stage.Units == 0 ? 0 : (int)(XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(owner)) % (ulong)stage.Units);
        while (!board.IsFull)
        {
            var hasWorked = false;
            for (var i = 0; i < stage.Units; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var unit = (start + i) % stage.Units;
                if (board.IsDone(unit))
                {
                    continue;
                }

                if (IsDone(stage, unit))
                {
                    board.SetDone(unit, isOwn: false);
                    progress?.Invoke(new WorkProgress(stage.Name, board.Done, stage.Units, board.Own));
                    continue;
                }

                using var lease = TryClaim(stage.Name, unit, owner, board);
                if (lease is null || IsDone(stage, unit))
                {
                    continue;
                }

                try
                {
                    Do(stage, unit, owner, cancellationToken);
                }
                catch (Exception e) when ((e is NoosException or IOException) && IsDone(stage, unit))
                {
                    // Who was so slow that its lease went stale finds its unit done, and what it had begun to write removed.
                }

                hasWorked = true;
                board.SetDone(unit, isOwn: true);
                progress?.Invoke(new WorkProgress(stage.Name, board.Done, stage.Units, board.Own));
            }

            if (!hasWorked && !board.IsFull)
            {
                // Others are at what is left.
                if (cancellationToken.WaitHandle.WaitOne(_options.Poll))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        }
    }

    void Do(WorkStage stage, int unit, string owner, CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        var result = stage.Run(unit, cancellationToken);
        var manifest = new WorkManifest
        {
            Stage = stage.Name,
            Unit = unit,
            Key = stage.Key(unit),
            Worker = owner,
            Finished = _timeProvider.GetUtcNow(),
            Seconds = Math.Round(_timeProvider.GetElapsedTime(started).TotalSeconds, 3),
            Outputs = [.. result.Outputs.Select(Describe)],
            Counts = new SortedDictionary<string, long>(result.Counts.ToDictionary(), StringComparer.Ordinal),
        };
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest, WorkJsonContext.Default.WorkManifest);
        AtomicFile.Write(ManifestOf(stage.Name, unit), stream => stream.Write(json));
        result.Outputs.ToList().ForEach(RemoveLeftovers);
    }

    WorkLease? TryClaim(string stage, int unit, string owner, Board board)
    {
        var path = System.IO.Path.Combine(Leases, string.Create(CultureInfo.InvariantCulture, $"{stage}-{unit:00000}.lease"));
        if (WorkLease.TryTake(path, owner, _options.LeaseTime, _timeProvider) is { } lease)
        {
            return lease;
        }

        // Clocks of machines differ, so the age of a lease is how long it has looked the same from here.
        if (WorkLease.TryRead(path) is not { } content
            || (!IsGone(content.Split(' ')[0], owner) && !board.IsStale(unit, content, _timeProvider, _options.LeaseTime)))
        {
            return null;
        }

        WorkLease.Delete(path);
        return WorkLease.TryTake(path, owner, _options.LeaseTime, _timeProvider);
    }

    /// <summary>A lease of the same name is that of an earlier life of this worker.</summary>
    bool IsGone(string holder, string owner) => holder == owner || (_options.IsGone?.Invoke(holder) ?? false);

    WorkOutput Describe(string output)
    {
        var hash = new XxHash128();
        using var file = File.OpenRead(System.IO.Path.Combine(Root, output));
        hash.Append(file);
        return new WorkOutput(output, file.Length, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    /// <summary>What those who died at this unit had begun to write.</summary>
    void RemoveLeftovers(string output)
    {
        var path = System.IO.Path.Combine(Root, output);
        foreach (var leftover in Directory.EnumerateFiles(
            System.IO.Path.GetDirectoryName(path)!, $".{System.IO.Path.GetFileName(path)}.*.tmp"))
        {
            WorkLease.Delete(leftover);
        }
    }

    string ManifestOf(string stage, int unit) => System.IO.Path.Combine(
        Root, "manifests", stage, string.Create(CultureInfo.InvariantCulture, $"{unit:00000}.json"));

    /// <summary>What the threads of a process know of a stage. Thread-safe.</summary>
    sealed class Board(int units)
    {
        readonly bool[] _done = new bool[units];
        readonly Dictionary<int, (string Content, long Since)> _leases = [];
        readonly Lock _lock = new();
        int _count;
        int _own;

        public bool IsFull => Done == units;

        public int Done
        {
            get
            {
                lock (_lock)
                {
                    return _count;
                }
            }
        }

        public int Own
        {
            get
            {
                lock (_lock)
                {
                    return _own;
                }
            }
        }

        public bool IsDone(int unit)
        {
            lock (_lock)
            {
                return _done[unit];
            }
        }

        public void SetDone(int unit, bool isOwn)
        {
            lock (_lock)
            {
                _count += _done[unit] ? 0 : 1;
                _own += isOwn ? 1 : 0;
                _done[unit] = true;
            }
        }

        public bool IsStale(int unit, string content, TimeProvider timeProvider, TimeSpan leaseTime)
        {
            lock (_lock)
            {
                if (_leases.TryGetValue(unit, out var seen) && seen.Content == content)
                {
                    return timeProvider.GetElapsedTime(seen.Since) > leaseTime;
                }

                _leases[unit] = (content, timeProvider.GetTimestamp());
                return false;
            }
        }
    }
}
