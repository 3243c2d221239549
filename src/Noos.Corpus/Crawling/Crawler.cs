using System.Threading.Channels;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Addresses;
using Noos.Corpus.Crawling.Fetching;
using Noos.Corpus.Crawling.Links;
using Noos.Corpus.Crawling.Partitions;
using Noos.Corpus.Crawling.Rendering;
using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling;

/// <summary>
/// Fetches pages from seeds on: politely (RFC 9309; one request at a time to a host and to an IP address, with pauses that grow with the
/// host's trouble), into WARC/1.1 files with CDXJ indexes, and so that it can be killed at any instant: the same crawl goes on where it
/// was. What visits bring is written in groups, archive first, frontier second; a host gets its next request when the answer to the last
/// one is safe. One crawler a folder.
/// </summary>
public sealed class Crawler : IDisposable
{
    const string LockName = "crawl.lock";
    const int MaxGroup = 256;

    // A host whose address is busy is asked for again after at most so long.
    static readonly TimeSpan s_idle = TimeSpan.FromMilliseconds(200);

    readonly string _folder;
    readonly CrawlOptions _options;
    readonly FileStream _lock;
    readonly CrawlClock _clock;
    readonly FrontierStore _store;
    readonly CrawlArchive _archive;
    readonly Workbench _workbench;
    readonly HttpClient _http;
    readonly NameResolver _names;
    readonly IRequestGate _gate;
    readonly ChromiumBrowser? _browser;

    // Those of a crawl that is shared among processes.
    PartitionLinks? _links;
    volatile bool _hasRung;
    readonly CrawlCounters _counters = new();
    readonly long _started;

    // Long ago where nothing was ever under way.
    readonly long _resumedAt;

    Crawler(
        string folder, CrawlOptions options, FileStream crawlLock, FrontierStore store, CrawlArchive archive, CrawlServices services,
        CrawlClock clock, IRequestGate gate)
    {
        (_folder, _options, _lock, _store, _archive) = (folder, options, crawlLock, store, archive);
        (_http, _names, _clock, _gate, _browser) = (services.Http, services.Names, clock, gate, services.Browser);
        _workbench = new Workbench(store, _clock, options.MaxWait);
        _started = services.TimeProvider.GetTimestamp();
        _resumedAt = store.Count().Count > 0 ? _clock.Now : 0;
    }

    /// <summary>Opens a crawl, or begins one.</summary>
    /// <param name="folder">Where its frontier and its archive lie.</param>
    /// <param name="options">What it fetches.</param>
    /// <param name="services">What it needs from outside.</param>
    /// <exception cref="NoosException">The folder cannot be used, is damaged, or another crawler has it.</exception>
    public static Crawler Open(string folder, CrawlOptions options, CrawlServices services)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(services);
        folder = Path.GetFullPath(folder);
        FileStream? crawlLock = null;
        FrontierStore? store = null;
        try
        {
            Directory.CreateDirectory(folder);
            crawlLock = TakeLock(folder);
            store = FrontierStore.Open(folder);
            var archive = CrawlArchive.Open(folder, store.ReadArchive(), options, services.TimeProvider);
            var clock = new CrawlClock(services.TimeProvider);
            return new Crawler(folder, options, crawlLock, store, archive, services, clock, new AddressGate(clock));
        }
        catch (Exception e)
        {
            store?.Dispose();
            crawlLock?.Dispose();
            throw e is IOException or UnauthorizedAccessException ? AtomicFile.Failure(folder, e) : e;
        }
    }

    /// <summary>Opens a partition of a crawl, whose lock this process has.</summary>
    /// <param name="root">The crawl.</param>
    /// <param name="number">Of the partition.</param>
    /// <param name="count">Of all partitions.</param>
    /// <param name="crawlLock">Of the partition; goes with the crawler.</param>
    /// <param name="options">What it fetches.</param>
    /// <param name="services">What it needs from outside.</param>
    /// <param name="clock">That of the gate.</param>
    /// <param name="gate">That of all processes.</param>
    internal static Crawler OpenPartition(
        string root, int number, int count, FileStream crawlLock, CrawlOptions options, CrawlServices services, CrawlClock clock,
        IRequestGate gate)
    {
        FrontierStore? store = null;
        var folder = PartitionLinks.FolderOf(root, number);
        try
        {
            store = FrontierStore.Open(folder);
            var archive = CrawlArchive.Open(folder, store.ReadArchive(), options, services.TimeProvider, number);
            return new Crawler(folder, options, crawlLock, store, archive, services, clock, gate)
            {
                _links = PartitionLinks.Open(root, number, count, options.PublicSuffixes, store.ReadCursors(count)),
            };
        }
        catch (Exception e)
        {
            store?.Dispose();
            crawlLock.Dispose();
            throw e is IOException or UnauthorizedAccessException ? AtomicFile.Failure(folder, e) : e;
        }
    }

    /// <summary>After a run: whether the whole crawl is over, and not this partition alone.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>How far it is. Thread-safe.</summary>
    public CrawlProgress Progress => _counters.Read(_workbench.Waiting + _workbench.Busy, _workbench.Busy, _archiveBytes, Elapsed);

    long _archiveBytes;

    TimeSpan Elapsed => _clock.TimeProvider.GetElapsedTime(_started);

    /// <summary>Fetches until nothing is left to fetch, <see cref="CrawlOptions.MaxPages"/> are there, or it is stopped.</summary>
    /// <param name="seeds">Where it begins. The scope of the crawl are those of this call.</param>
    /// <param name="cancellationToken">Stops it in good order: what is under way is written, and no exception is thrown.</param>
    /// <exception cref="NoosException">A seed is no address, or the folder cannot be written any more.</exception>
    public Task<CrawlReport> RunAsync(IReadOnlyList<string> seeds, CancellationToken cancellationToken = default) =>
        RunAsync(seeds, drain: CancellationToken.None, cancellationToken);

    /// <param name="seeds">Where it begins.</param>
    /// <param name="drain">Ends it when what is under way is done, so that another process can go on.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    internal async Task<CrawlReport> RunAsync(IReadOnlyList<string> seeds, CancellationToken drain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        WebUrl[] urls = [.. seeds.Select(ParseSeed)];
        var scope = new ScopeFilter(_options, urls);
        Begin(urls);
        var fetcher = new PageFetcher(_http, _options, _clock);
        var visitor = new HostVisitor(
            _options, _store, _workbench, _gate, fetcher, _names, scope, _clock, _counters, _resumedAt, _links, _browser);

        // What stops the crawl because something is broken, and not because somebody wants it to end.
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var outcomes = Channel.CreateUnbounded<VisitOutcome?>(new UnboundedChannelOptions { SingleReader = true });
        var writing = Task.Run(() => WriteAsync(outcomes.Reader, broken), CancellationToken.None);
        try
        {
            await ScheduleAsync(visitor, outcomes.Writer, drain, broken.Token);
        }
        finally
        {
            outcomes.Writer.TryComplete();
            await writing;
        }

        End();
        return Report(_store, Progress);
    }

    public void Dispose()
    {
        _counters.Dispose();
        _links?.Dispose();
        _archive.Dispose();
        _store.Dispose();
        _lock.Dispose();
    }

    static FileStream TakeLock(string folder)
    {
        try
        {
            // Let go by the system, however the process ends.
            return new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new NoosException(
                ErrorKind.Busy, $"Another program crawls into '{folder}'; wait until it is done, or give another folder.", e);
        }
    }

    static WebUrl ParseSeed(string seed)
    {
        var text = seed.Contains("://", StringComparison.Ordinal) ? seed : $"https://{seed}";
        return CanonicalAddress.TryParse(text) ?? throw new NoosException(
            $"'{seed}' is no address to begin at; write it as https://example.org/.");
    }

    void Begin(WebUrl[] seeds)
    {
        var outcomes = Import(seeds.Select(seed => DiscoveredPage.From(seed, depth: 0)).Where(page => _links?.IsOwn(page.Host) != false));
        _store.QueueDue(_clock.Now);
        _store.Commit(outcomes, archive: null, Host, int.MaxValue, _ => { });
        _workbench.Load();
        _counters.Begin(_store.Count());
    }

    /// <summary>Pages that no visit of this crawler has found, as what visits bring.</summary>
    List<VisitOutcome> Import(IEnumerable<DiscoveredPage> pages) =>
    [
        .. pages.GroupBy(page => page.Origin, StringComparer.Ordinal).Select(host =>
        {
            var outcome = new VisitOutcome(_workbench.GetOrAdd(host.Key, host.First().Host));
            outcome.Links.AddRange(host);
            return outcome;
        }),
    ];

    HostState Host(DiscoveredPage page) => _workbench.GetOrAdd(page.Origin, page.Host);

    /// <summary>Begins visits as long as there are hosts whose time has come.</summary>
    async Task ScheduleAsync(
        HostVisitor visitor, ChannelWriter<VisitOutcome?> outcomes, CancellationToken drain, CancellationToken cancellationToken)
    {
        var visits = new HashSet<Task>();
        while (!cancellationToken.IsCancellationRequested && !drain.IsCancellationRequested)
        {
            if (_links is not null && !_hasRung && _links.HasMail())
            {
                // Read and written on the thread that writes.
                _links.SetActive();
                _hasRung = true;
                outcomes.TryWrite(null);
            }

            visits.RemoveWhere(visit => visit.IsCompletedSuccessfully);
            if (visits.FirstOrDefault(visit => visit.IsFaulted) is { } faulted)
            {
                await faulted;
            }

            var nextAt = long.MaxValue;
            while (visits.Count < _options.MaxConcurrency && _counters.MayBegin(_options.MaxPages)
                && _workbench.TryTake(out var host, out nextAt))
            {
                visits.Add(VisitAsync(visitor, host, outcomes, cancellationToken));
            }

            if (_workbench.Busy == 0 && (nextAt == long.MaxValue || !_counters.MayBegin(_options.MaxPages)) && IsDone())
            {
                break;
            }

            // Until a host is free, a visit is over, or something was written.
            var wait = TimeSpan.FromMilliseconds(Math.Clamp(nextAt - _clock.Now, 1, s_idle.TotalMilliseconds));
            await _counters.WaitAsync(visits.Count < _options.MaxConcurrency ? wait : s_idle, _clock.TimeProvider);
        }

        await Task.WhenAll(visits);
    }

    /// <summary>Whether nothing can come any more: of a partition, that all others are done, too.</summary>
    bool IsDone()
    {
        if (_links is null)
        {
            return true;
        }

        // In this order: what came with the mail is in the queue before the bell is still.
        if (_hasRung || _links.HasMail() || (_workbench.Waiting > 0 && _counters.MayBegin(_options.MaxPages)))
        {
            return false;
        }

        _links.SetIdle();
        return IsOver = _links.IsOver();
    }

    async Task VisitAsync(HostVisitor visitor, HostState host, ChannelWriter<VisitOutcome?> outcomes, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var outcome = await visitor.VisitAsync(host, cancellationToken);
        if (outcome is not null)
        {
            await outcomes.WriteAsync(outcome, CancellationToken.None);
        }

        _counters.Wake();
    }

    /// <summary>Writes what visits bring, as much at a time as has come meanwhile, and sets their hosts free.</summary>
    async Task WriteAsync(ChannelReader<VisitOutcome?> outcomes, CancellationTokenSource broken)
    {
        try
        {
            var group = new List<VisitOutcome>();
            while (await outcomes.WaitToReadAsync())
            {
                group.Clear();
                var hasMail = false;
                while (group.Count < MaxGroup && outcomes.TryRead(out var outcome))
                {
                    if (outcome is null)
                    {
                        hasMail = true;
                    }
                    else
                    {
                        group.Add(outcome);
                    }
                }

                Write(group, hasMail);
                if (hasMail)
                {
                    _hasRung = false;
                }

                _counters.Wake();
            }
        }
        catch (Exception)
        {
            // Nothing can be kept any more, so nothing is to be fetched.
            await broken.CancelAsync();
            throw;
        }
    }

    void Write(List<VisitOutcome> group, bool hasMail)
    {
        // What is of others must be theirs for good before the page that it stands on counts as fetched.
        _links?.Send(group);
        long[]? cursors = null;
        var mail = hasMail ? Import(_links!.Receive(out cursors)) : [];
        _archive.Append(group.SelectMany(outcome => outcome.Records));
        Volatile.Write(ref _archiveBytes, _archive.Written);
        var added = _store.Commit([.. group, .. mail], _archive.Position, Host, _options.MaxPagesPerHost, _workbench.Queue, cursors);
        if (cursors is not null)
        {
            _links!.Acknowledge(cursors);
        }

        _counters.Written(group, added);
        if (_archive.IsFull)
        {
            _archive.End();
        }

        foreach (var outcome in group)
        {
            foreach (var other in outcome.Others)
            {
                _workbench.Release(other, hasPages: null);
            }

            _workbench.Release(outcome.Host, _store.Peek(outcome.Host.Id, 1).Count > 0);
        }
    }

    void End()
    {
        if (_archive.End() is { } position)
        {
            _store.Commit([], position, Host, int.MaxValue, _ => { });
        }

        CrawlArchive.WriteIndexes(_folder);
        _store.Checkpoint();
    }

    /// <summary>What has become of the pages of a frontier.</summary>
    internal static CrawlReport Report(FrontierStore store, CrawlProgress progress)
    {
        var counts = store.Count();
        return new CrawlReport(
            progress, counts.GetValueOrDefault(PageState.Fetched), counts.GetValueOrDefault(PageState.Failed),
            counts.GetValueOrDefault(PageState.Refused), store.CountReasons(),
            store.FindNextDue() is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null);
    }
}
