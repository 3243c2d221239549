using System.Globalization;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling.Partitions;

/// <summary>
/// One of several processes that crawl as one, on a folder that they share. The crawl has partitions (sites by the hash of their
/// registrable domain), each a frontier and archive of its own; every process runs the same command and works on as many as are its fair
/// share. Who works on a partition has the lock of its file, so there are never two, and when a process dies its partitions are free at
/// once. Nothing is lost then, and at most what was under way is sent again. Needs no other service.
/// </summary>
/// <remarks>
/// The locks are the system's (flock; NFS 4 has them too) and no clock is asked, so that nobody can be robbed of a partition that it still
/// writes to: a process that hangs keeps its own until it is killed. Pauses of hosts and IP addresses are kept among all processes.
/// </remarks>
public sealed class CrawlTeam : IDisposable
{
    const string PlanName = "partitions.txt";
    const string LockName = "crawl.lock";
    const int MaxPartitions = 256;

    static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(300);

    readonly string _root;
    readonly int _count;
    readonly CrawlOptions _options;
    readonly CrawlServices _services;
    readonly CrawlClock _clock;
    readonly CrawlMembers _members;
    readonly SharedGate _gate;
    readonly Dictionary<int, Share> _shares = [];
    readonly List<(int Partition, CrawlReport Report)> _reports = [];
    readonly Lock _lock = new();

    CrawlTeam(string root, int count, CrawlOptions options, CrawlServices services)
    {
        (_root, _count, _services) = (root, count, services);

        // What a whole crawl may fetch is shared out beforehand.
        _options = options.MaxPages == long.MaxValue ? options : options with
        {
            MaxPages = (options.MaxPages + count - 1) / count,
        };
        _clock = new CrawlClock(services.TimeProvider);
        _members = CrawlMembers.Join(root, services.TimeProvider);
        _gate = new SharedGate(root, _members, _clock);
    }

    /// <summary>Whether a folder has a crawl that is shared.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, PlanName));

    /// <summary>Joins a crawl, or begins one.</summary>
    /// <param name="folder">Shared by all processes.</param>
    /// <param name="partitions">How many a new crawl has; null for as many as it has.</param>
    /// <param name="options">What it fetches; the same for all processes.</param>
    /// <param name="services">What it needs from outside.</param>
    /// <exception cref="NoosException">The folder has a crawl with other partitions or without, or cannot be used.</exception>
    public static CrawlTeam Join(string folder, int? partitions, CrawlOptions options, CrawlServices services)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(services);
        folder = Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(Path.Combine(folder, FrontierStore.FileName)))
            {
                throw new NoosException(
                    ErrorKind.Refused, $"The crawl in '{folder}' was begun by one process alone; share one in another folder.");
            }

            return new CrawlTeam(folder, ReadCount(folder, partitions), options, services);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(folder, e);
        }
    }

    /// <summary>How far this process is: the sum over what it has worked on. Thread-safe.</summary>
    public CrawlProgress Progress
    {
        get
        {
            lock (_lock)
            {
                return Sum([.. _reports.Select(one => one.Report.Progress), .. _shares.Values.Select(share => share.Crawler.Progress)]);
            }
        }
    }

    /// <summary>Partitions that this process works on now. Thread-safe.</summary>
    public int Partitions
    {
        get
        {
            lock (_lock)
            {
                return _shares.Count;
            }
        }
    }

    /// <summary>Works until the whole crawl is over, whoever works on it, or until it is stopped.</summary>
    /// <param name="seeds">Where it begins; the same for all processes.</param>
    /// <param name="cancellationToken">Stops this process in good order; no exception is thrown.</param>
    /// <exception cref="NoosException">A seed is no address, or the folder cannot be written any more.</exception>
    public async Task<CrawlReport> RunAsync(IReadOnlyList<string> seeds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var isOver = false;
        try
        {
            while (!isOver && !stop.IsCancellationRequested)
            {
                Balance(seeds, stop.Token);
                await WaitAsync(stop.Token);
                isOver = await CollectAsync();
            }
        }
        finally
        {
            // One that fails takes the others of this process with it; over, they end by themselves.
            if (!isOver)
            {
                await stop.CancelAsync();
            }

            await Task.WhenAll(_shares.Values.Select(share => (Task)share.Running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await CollectAsync();
        return Report(isOver ? await FinishAsync(stop.Token) : null);
    }

    public void Dispose()
    {
        foreach (var share in _shares.Values)
        {
            share.Dispose();
        }

        _gate.Dispose();
        _members.Dispose();
    }

    static int ReadCount(string folder, int? wanted)
    {
        var path = Path.Combine(folder, PlanName);
        if (!File.Exists(path))
        {
            var count = wanted ?? throw new NoosException(
                ErrorKind.NotFound, $"There is no shared crawl in '{folder}' yet; say into how many partitions it is to be divided.");
            if (count is < 2 or > MaxPartitions)
            {
                throw new NoosException(
                    $"A shared crawl has 2 to {MaxPartitions} partitions, not {count}; some times as many as processes are good.");
            }

            // Two may begin at once: the first file stays.
            using var file = FileLock.TryTake(path);
            if (file is { Length: 0 })
            {
                file.Write(Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture)));
                file.Flush(flushToDisk: true);
            }
        }

        var text = ReadText(path);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var found) && found is >= 2 and <= MaxPartitions
            ? wanted is null || wanted == found ? found : throw new NoosException(
                ErrorKind.Refused, $"The crawl in '{folder}' has {found} partitions, which cannot be changed; leave the number out.")
            : throw new NoosException(ErrorKind.Damaged, $"'{path}' does not say how many partitions there are; crawl elsewhere.");
    }

    static string ReadText(string path)
    {
        // Whoever begins it has it for a moment.
        for (var tries = 0; ; tries++)
        {
            try
            {
                if (File.ReadAllText(path) is { Length: > 0 } text || tries > 100)
                {
                    return File.ReadAllText(path);
                }
            }
            catch (IOException) when (tries <= 100)
            {
                // Locked.
            }

            Thread.Sleep(10);
        }
    }

    /// <summary>Takes free partitions up to the fair share, and lets go of what is more than that.</summary>
    void Balance(IReadOnlyList<string> seeds, CancellationToken cancellationToken)
    {
        var fair = (_count + _members.Count - 1) / _members.Count;
        foreach (var surplus in _shares.Values.Where(share => !share.IsDraining).Skip(fair))
        {
            surplus.Drain();
        }

        // Not all begin at the first.
        var start = (int)((uint)string.GetHashCode(_members.Name, StringComparison.Ordinal) % _count);
        for (var i = 0; i < _count && _shares.Count < fair; i++)
        {
            var number = (start + i) % _count;
            if (!_shares.ContainsKey(number) && TryTake(number) is { } crawler)
            {
                lock (_lock)
                {
                    _shares.Add(number, new Share(crawler, seeds, cancellationToken));
                }
            }
        }
    }

    Crawler? TryTake(int number)
    {
        var folder = PartitionLinks.FolderOf(_root, number);
        Directory.CreateDirectory(folder);
        return FileLock.TryTake(Path.Combine(folder, LockName)) is { } taken
            ? Crawler.OpenPartition(_root, number, _count, taken, _options, _services, _clock, _gate)
            : null;
    }

    async Task WaitAsync(CancellationToken cancellationToken)
    {
        var look = Task.Delay(s_look, _services.TimeProvider, cancellationToken);
        await Task.WhenAny([look, .. _shares.Values.Select(share => share.Running)]);
    }

    /// <summary>Closes the partitions that have ended.</summary>
    /// <returns>Whether the crawl is over.</returns>
    async Task<bool> CollectAsync()
    {
        var isOver = false;
        foreach (var (number, share) in _shares.Where(pair => pair.Value.Running.IsCompleted).ToArray())
        {
            try
            {
                var report = await share.Running;
                isOver |= share.Crawler.IsOver;
                lock (_lock)
                {
                    _reports.Add((number, report));
                    _shares.Remove(number);
                }
            }
            finally
            {
                share.Dispose();
            }
        }

        return isOver;
    }

    /// <summary>
    /// One index of all partitions, when nobody has any of them any more; by whoever comes to it, and by one at a time.
    /// </summary>
    /// <returns>What has become of all partitions; null where it was stopped.</returns>
    async Task<IReadOnlyList<CrawlReport>?> FinishAsync(CancellationToken cancellationToken)
    {
        using var own = await TakeAsync(Path.Combine(_root, LockName));
        var indexes = new List<string>();
        var reports = new List<CrawlReport>();
        for (var number = 0; number < _count && !cancellationToken.IsCancellationRequested; number++)
        {
            var folder = PartitionLinks.FolderOf(_root, number);
            using var partition = await TakeAsync(Path.Combine(folder, LockName));
            if (partition is null)
            {
                break;
            }

            using var store = FrontierStore.Open(folder);
            reports.Add(Crawler.Report(store, default));
            CrawlArchive.WriteIndexes(folder);
            indexes.AddRange(new[] { Path.Combine(folder, CrawlArchive.IndexName) }.Where(File.Exists));
        }

        if (reports.Count < _count)
        {
            return null;
        }

        CdxjMerge.Write(Path.Combine(_root, CrawlArchive.IndexName), indexes);
        return reports;

        async Task<FileStream?> TakeAsync(string path)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (FileLock.TryTake(path) is { } taken)
                {
                    return taken;
                }

                await Task.Delay(s_look, _services.TimeProvider, CancellationToken.None);
            }

            return null;
        }
    }

    /// <summary>Of all partitions where these are known, else of those that this process has worked on.</summary>
    CrawlReport Report(IReadOnlyList<CrawlReport>? all)
    {
        all ??= [.. _reports.GroupBy(one => one.Partition).Select(reports => reports.Last().Report)];
        var reasons = all.SelectMany(report => report.Reasons).GroupBy(reason => reason.Reason, StringComparer.Ordinal)
            .Select(reason => (reason.Key, reason.Sum(one => one.Count))).OrderByDescending(reason => reason.Item2)
            .ThenBy(reason => reason.Key, StringComparer.Ordinal);
        return new CrawlReport(
            Progress, all.Sum(report => report.Fetched), all.Sum(report => report.Failed), all.Sum(report => report.Refused), [.. reasons],
            all.Min(report => report.NextDue));
    }

    static CrawlProgress Sum(IReadOnlyList<CrawlProgress> parts) => new(
        parts.Sum(part => part.Fetched), parts.Sum(part => part.Requests), parts.Sum(part => part.Bytes), parts.Sum(part => part.Queued),
        parts.Sum(part => part.Discovered), parts.Sum(part => part.Hosts), parts.Sum(part => part.UnderWay),
        parts.Select(part => part.Elapsed).DefaultIfEmpty().Max());

    /// <summary>A partition that this process works on.</summary>
    sealed class Share : IDisposable
    {
        readonly CancellationTokenSource _drain = new();

        public Share(Crawler crawler, IReadOnlyList<string> seeds, CancellationToken cancellationToken)
        {
            Crawler = crawler;
            Running = Task.Run(() => crawler.RunAsync(seeds, _drain.Token, cancellationToken), CancellationToken.None);
        }

        public Crawler Crawler { get; }

        public Task<CrawlReport> Running { get; }

        public bool IsDraining => _drain.IsCancellationRequested;

        /// <summary>Ends it when what is under way is done.</summary>
        public void Drain() => _drain.Cancel();

        public void Dispose()
        {
            Crawler.Dispose();
            _drain.Dispose();
        }
    }
}
