using Noos.Corpus.Addresses;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling.Fetching;
using Noos.Corpus.Crawling.Links;
using Noos.Corpus.Crawling.Partitions;
using Noos.Corpus.Crawling.Rendering;
using Noos.Corpus.Crawling.Robots;
using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling;

/// <summary>
/// One visit of a host is one request: for its robots.txt where that is not known or too old, for its TDM file, or for the next page that
/// may be fetched. Thread-safe.
/// </summary>
sealed partial class HostVisitor(
    CrawlOptions options, FrontierStore store, Workbench workbench, IRequestGate gate, PageFetcher fetcher, NameResolver names,
    ScopeFilter scope, CrawlClock clock, CrawlCounters counters, long resumedAt, PartitionLinks? links,
    ChromiumBrowser? browser)
{
    const string TdmPath = "/.well-known/tdmrep.json";
    const int MaxTdmBytes = 1 << 20;
    const int MaxRobotsRedirects = 5;

    // Pages that may not be fetched cost no request: so many are decided in one visit.
    const int MaxPeeked = 64;

    static readonly TimeSpan s_maxBackoff = TimeSpan.FromDays(1);

    // How long a redirect of a robots.txt waits for the host that it leads to, which may wait for this one.
    static readonly TimeSpan s_otherHostWait = TimeSpan.FromSeconds(30);

    readonly PageJudge _judge = new(options, store, scope, clock);

    /// <summary>Visits a host that was taken from the workbench.</summary>
    /// <returns>What is to be written before the host is free; null where nothing happened and it is free.</returns>
    public async Task<VisitOutcome?> VisitAsync(HostState host, CancellationToken cancellationToken)
    {
        var outcome = new VisitOutcome(host);
        try
        {
            var rules = LoadRules(host);
            if (MustWait(host, rules))
            {
                workbench.Release(host, hasPages: null);
                return null;
            }

            var address = await names.FindAddressAsync(host.Name.Trim('[', ']'), cancellationToken);
            if (address is not null)
            {
                if (!gate.TryEnter(address, options.AddressDelay, out var freeAt))
                {
                    host.NextAt = Math.Max(host.NextAt, freeAt);
                    workbench.Release(host, hasPages: null);
                    return null;
                }

                outcome.Addresses.Add(address);
            }

            // In a crawl of one process the workbench sees to it.
            if (links is not null && !TryShare(outcome, host, out var sharedAt))
            {
                host.NextAt = Math.Max(host.NextAt, sharedAt);
                workbench.Release(host, hasPages: null);
                return null;
            }

            if (rules is null)
            {
                var (kind, content) = await FetchRobotsAsync(outcome, host, address, cancellationToken);
                Conclude(outcome, kind, content);
            }
            else if (options.ReadsTdmFile && host.TdmFile is null && rules.IsAllowed(TdmPath))
            {
                await FetchTdmFileAsync(outcome, address, cancellationToken);
            }
            else
            {
                await FetchPageAsync(outcome, rules, address, cancellationToken);
            }

            return outcome;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (outcome.HasBegun)
            {
                counters.PageEnded();
            }

            // The crawl ends; what was under way is under way again the next time.
            foreach (var other in outcome.Others)
            {
                workbench.Release(other, hasPages: null);
            }

            workbench.Release(host, hasPages: null);
            return null;
        }
        finally
        {
            foreach (var entered in outcome.Addresses)
            {
                gate.Leave(entered, outcome.HasSent ? options.AddressDelay : TimeSpan.Zero);
            }

            foreach (var shared in outcome.Shared)
            {
                gate.Leave(shared.Origin, TimeSpan.FromMilliseconds(Math.Max(0, shared.NextAt - clock.Now)));
            }
        }
    }

    /// <summary>
    /// What the last run had under way when it was killed nobody knows: whatever it was, the host has its pause from the beginning of this
    /// run on.
    /// </summary>
    bool MustWait(HostState host, RobotsRules? rules)
    {
        var delay = rules?.CrawlDelay is { } asked && asked > options.HostDelay ? asked : options.HostDelay;
        var earliest = resumedAt + (long)delay.TotalMilliseconds + 1;
        if (delay == TimeSpan.Zero || clock.Now >= earliest || host.IsVisited)
        {
            host.IsVisited = true;
            return false;
        }

        host.NextAt = Math.Max(host.NextAt, earliest);
        host.IsVisited = true;
        return true;
    }

    RobotsRules? LoadRules(HostState host)
    {
        if (host.RobotsExpireAt <= clock.Now)
        {
            return null;
        }

        if (host.Rules is null)
        {
            if (store.ReadRobots(host.Id) is not { } snapshot)
            {
                return null;
            }

            host.Rules = RulesOf(snapshot);
            workbench.RulesLoaded();
        }

        return host.Rules;
    }

    RobotsRules RulesOf(RobotsSnapshot snapshot) => snapshot.Kind switch
    {
        RobotsKind.File => RobotsFile.Parse(snapshot.Content).RulesFor(options.Agent),
        RobotsKind.Absent => RobotsRules.AllowAll,
        _ => RobotsRules.DisallowAll,
    };

    /// <summary>Asks for the robots.txt of a host, wherever it was moved to.</summary>
    async Task<(RobotsKind Kind, byte[] Content)> FetchRobotsAsync(
        VisitOutcome outcome, HostState host, string? address, CancellationToken cancellationToken)
    {
        var (current, path) = (host, "/robots.txt");
        for (var redirects = 0; ; redirects++)
        {
            var answer = await SendAsync(
                outcome, current, address, path, RobotsFile.MaxBytes, known: null, keeps: null, cancellationToken);
            if (answer.Status is 301 or 302 or 303 or 307 or 308 && answer.Capture!.Response.Headers["Location"] is { } location)
            {
                Archive(outcome, answer);
                var target = WebUrl.TryParse(location, WebUrl.TryParse(current.Origin + path));
                if (redirects == MaxRobotsRedirects || target?.Scheme is not ("http" or "https"))
                {
                    // Of an unavailable file nothing is known: all is allowed (RFC 9309, 2.3.1.2).
                    return (RobotsKind.Absent, []);
                }

                if (await FollowAsync(outcome, current, target, cancellationToken) is not { } next)
                {
                    return (RobotsKind.Unreachable, []);
                }

                (current, path) = (next, target.PathAndQuery);
                address = await EnterAsync(outcome, current, cancellationToken);
                continue;
            }

            if (answer.Capture is not null)
            {
                Archive(outcome, answer);
            }

            return answer.Status switch
            {
                >= 200 and < 300 => (RobotsKind.File, answer.Capture!.Response.DecodeBody(RobotsFile.MaxBytes + 1)),
                // Not of the public web: its pages are refused one by one, with that as reason.
                0 when answer.IsFinal => (RobotsKind.Absent, []),
                0 or 429 or >= 500 => (RobotsKind.Unreachable, []),
                _ => (RobotsKind.Absent, []),
            };
        }
    }

    /// <summary>Takes the host that a robots.txt was moved to, and waits for its turn.</summary>
    async Task<HostState?> FollowAsync(VisitOutcome outcome, HostState current, WebUrl target, CancellationToken cancellationToken)
    {
        var origin = DiscoveredPage.OriginOf(target);
        var known = origin == outcome.Host.Origin ? outcome.Host
            : outcome.Others.Find(other => other.Origin == origin) ?? outcome.Shared.Find(other => other.Origin == origin);
        if (known is not null)
        {
            await clock.DelayAsync(TimeSpan.FromMilliseconds(Math.Max(0, known.NextAt - clock.Now)), cancellationToken);
            return known;
        }

        var isForeign = links?.IsOwn(target.Host!) == false;
        for (var end = clock.After(s_otherHostWait); clock.Now < end;)
        {
            if (isForeign)
            {
                // Of another partition, which keeps its state: here it is asked this once, when nobody else does.
                var foreign = new HostState(0, origin, target.Host!);
                if (TryShare(outcome, foreign, out var freeAt))
                {
                    return foreign;
                }

                await clock.DelayAsync(TimeSpan.FromMilliseconds(Math.Clamp(freeAt - clock.Now, 20, 1000)), cancellationToken);
                continue;
            }

            if (workbench.TryTake(origin, target.Host!, out var other))
            {
                outcome.Others.Add(other);
                if (links is null || TryShare(outcome, other, out _))
                {
                    return other;
                }

                outcome.Others.Remove(other);
                workbench.Release(other, hasPages: null);
            }

            await clock.DelayAsync(TimeSpan.FromMilliseconds(Math.Clamp(other.NextAt - clock.Now, 20, 1000)), cancellationToken);
        }

        return null;
    }

    /// <summary>Takes a host among all processes of the crawl.</summary>
    bool TryShare(VisitOutcome outcome, HostState host, out long freeAt)
    {
        var isFree = gate.TryEnter(host.Origin, options.HostDelay, out freeAt);
        if (isFree)
        {
            outcome.Shared.Add(host);
        }

        return isFree;
    }

    /// <summary>Waits for the address of a host, unless the visit has it already.</summary>
    async Task<string?> EnterAsync(VisitOutcome outcome, HostState host, CancellationToken cancellationToken)
    {
        var address = await names.FindAddressAsync(host.Name.Trim('[', ']'), cancellationToken);
        if (address is not null && !outcome.Addresses.Contains(address))
        {
            while (!gate.TryEnter(address, options.AddressDelay, out var freeAt))
            {
                await clock.DelayAsync(TimeSpan.FromMilliseconds(Math.Clamp(freeAt - clock.Now, 1, 1000)), cancellationToken);
            }

            outcome.Addresses.Add(address);
        }
        else if (address is not null)
        {
            // The pause of an address counts between the requests of one visit, too.
            await clock.DelayAsync(options.AddressDelay, cancellationToken);
        }

        return address;
    }

    void Conclude(VisitOutcome outcome, RobotsKind kind, byte[] content)
    {
        var host = outcome.Host;
        if (kind == RobotsKind.Unreachable)
        {
            // Nothing is fetched, and the file is asked for again after a while; in the end not before tomorrow.
            host.RobotsTries++;
            host.RobotsExpireAt = 0;
            var wait = host.RobotsTries >= options.MaxTries ? s_maxBackoff : Backoff(host.RobotsTries);
            host.NextAt = Math.Max(host.NextAt, clock.After(wait));
            host.IsGivenUp = host.NextAt - clock.Now > options.MaxWait.TotalMilliseconds;
            return;
        }

        var snapshot = new RobotsSnapshot(kind, content, clock.After(options.RobotsLifetime));
        outcome.Robots = snapshot;
        host.RobotsTries = 0;
        host.RobotsExpireAt = snapshot.ExpireAt;
        host.Rules = RulesOf(snapshot);
        workbench.RulesLoaded();
        Pace(host, TimeSpan.Zero);
        if (options.ReadsSitemaps)
        {
            foreach (var sitemap in host.Rules.Sitemaps)
            {
                if (CanonicalAddress.TryParse(sitemap, WebUrl.TryParse(host.Origin)) is { } url && scope.IsInside(url))
                {
                    outcome.Links.Add(DiscoveredPage.From(url, depth: 0, isSitemap: true));
                }
            }
        }
    }

    async Task FetchTdmFileAsync(VisitOutcome outcome, string? address, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(
            outcome, outcome.Host, address, TdmPath, MaxTdmBytes, known: null, keeps: null, cancellationToken);
        outcome.HasTdmFile = true;
        outcome.Host.TdmFile = answer.Status is >= 200 and < 300 && answer.Capture!.Truncated is null
            ? answer.Capture.Response.DecodeBody(MaxTdmBytes)
            : [];
        if (outcome.Host.TdmFile.Length > 0)
        {
            Archive(outcome, answer);
        }
    }

    async Task FetchPageAsync(VisitOutcome outcome, RobotsRules rules, string? address, CancellationToken cancellationToken)
    {
        var host = outcome.Host;
        foreach (var page in store.Peek(host.Id, MaxPeeked))
        {
            if (!rules.IsAllowed(page.PathAndQuery))
            {
                outcome.Pages.Add(new PageChange(page.Id, PageState.Refused, page.Tries, 0, "robots.txt"));
                continue;
            }

            if (!counters.TryBegin(options.MaxPages))
            {
                return;
            }

            outcome.HasBegun = true;
            var maxBytes = page.IsSitemap ? options.MaxSitemapBytes : options.MaxPageBytes;
            var answer = await SendAsync(
                outcome, host, address, page.PathAndQuery, maxBytes, page.Known, head => page.IsSitemap || _judge.Keeps(head),
                cancellationToken);
            var rendered = browser is not null && _judge.FindPageToRender(page, answer, host, rules) is { } unbuilt
                ? await RenderAsync(outcome, unbuilt, cancellationToken)
                : null;
            _judge.Judge(outcome, page, answer, rules, rendered);
            return;
        }
    }

    /// <summary>Sends a request, and sets the time before which the host gets no other one.</summary>
    async Task<FetchAnswer> SendAsync(
        VisitOutcome outcome, HostState host, string? address, string pathAndQuery, int maxBytes, PageVersion? known,
        Func<HttpMessage, bool>? keeps, CancellationToken cancellationToken)
    {
        outcome.HasSent = true;
        counters.RequestSent();
        FetchAnswer answer;
        try
        {
            answer = await fetcher.FetchAsync(host.Origin, pathAndQuery, maxBytes, known, keeps, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // It may have been sent.
            Pace(host, TimeSpan.Zero);
            throw;
        }

        Pace(host, answer.Elapsed);
        var isTrouble = (answer.Fault is not null && !answer.IsFinal) || answer.Status is 429 or 503;
        host.Failures = isTrouble ? host.Failures + 1 : 0;
        if (isTrouble)
        {
            var wait = Backoff(host.Failures);
            wait = answer.RetryAfter is { } asked && asked > wait ? asked : wait;
            host.NextAt = Math.Max(host.NextAt, clock.After(wait));
            host.IsGivenUp = wait > options.MaxWait;
        }

        return answer.Capture is null ? answer : answer with { Capture = answer.Capture with { Address = address } };
    }

    /// <summary>The pause after an answer: what the crawl keeps, what the host asks for, and longer where it is slow.</summary>
    void Pace(HostState host, TimeSpan elapsed)
    {
        var delay = options.HostDelay;
        var slow = elapsed * options.LatencyFactor;
        slow = slow > options.MaxLatencyDelay ? options.MaxLatencyDelay : slow;
        delay = slow > delay ? slow : delay;
        delay = host.Rules?.CrawlDelay is { } asked && asked > delay ? asked : delay;
        host.NextAt = Math.Max(host.NextAt, clock.After(delay));
        host.IsGivenUp |= delay > options.MaxWait;
    }

    TimeSpan Backoff(int failures) =>
        TimeSpan.FromTicks((long)Math.Min(options.RetryDelay.Ticks * Math.Pow(2, failures - 1), s_maxBackoff.Ticks));

    void Archive(VisitOutcome outcome, FetchAnswer answer)
    {
        var (id, capture) = (WarcRecordBuilder.NewId(), answer.Capture!);
        outcome.Records.Add(WarcRecordBuilder.Response(
            id, capture, WarcDigest.Compute(capture.Response.Body.Span), options.Compression));
        outcome.Records.Add(WarcRecordBuilder.Request(id, capture, options.Compression));
    }
}
