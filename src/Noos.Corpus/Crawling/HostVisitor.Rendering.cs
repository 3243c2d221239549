using System.Collections.Concurrent;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling.Fetching;
using Noos.Corpus.Crawling.OptOuts;
using Noos.Corpus.Crawling.Rendering;
using Noos.Corpus.Crawling.Robots;
using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling;

/// <summary>
/// Pages that scripts build: what they ask for is fetched as all else is, by the robots.txt of its host, with its pauses, one request at a
/// time, from public addresses alone.
/// </summary>
sealed partial class HostVisitor
{
    // Old ones are cleared when there are so many.
    const int MaxRequisiteHosts = 10_000;

    readonly RequisiteCache _requisites = new(clock);
    readonly ConcurrentDictionary<string, (RobotsRules Rules, long Until)> _requisiteRules = new(StringComparer.Ordinal);

    async Task<RenderedPage> RenderAsync(VisitOutcome outcome, PageToRender page, CancellationToken cancellationToken)
    {
        var optOuts = OptOut.None;
        var rendered = await browser!.RenderAsync(
            page,
            async (requisite, stop) =>
            {
                var answer = await FetchRequisiteAsync(outcome, page, requisite, stop);
                if (answer.Capture?.Response is { } response)
                {
                    // What an answer keeps from training is in the page then. That it is no page of its own to be found says nothing.
                    optOuts |= _judge.HeaderOptOuts(response) & (OptOut.NoAi | OptOut.Tdm | OptOut.NoTraining);
                }

                return answer;
            },
            cancellationToken);
        return rendered with { OptOuts = optOuts };
    }

    async Task<FetchAnswer> FetchRequisiteAsync(
        VisitOutcome outcome, PageToRender page, PageRequisite requisite, CancellationToken cancellationToken)
    {
        var url = requisite.Url;
        var address = url.ToString();
        if (requisite.IsScript && _requisites.Find(address) is { } known)
        {
            return known;
        }

        var origin = DiscoveredPage.OriginOf(url);
        var host = origin == outcome.Host.Origin
            ? outcome.Host : await FollowAsync(outcome, outcome.Host, url, cancellationToken);
        if (host is null || host.IsGivenUp)
        {
            return new FetchAnswer { Fault = "host is busy" };
        }

        if (!(await FindRulesAsync(outcome, host, cancellationToken)).IsAllowed(url.PathAndQuery))
        {
            return new FetchAnswer { Fault = "robots.txt", IsFinal = true };
        }

        await WaitForTurnAsync(host, cancellationToken);
        var entered = await EnterAsync(outcome, host, cancellationToken);
        var answer = await SendAsync(
            outcome, host, entered, url.PathAndQuery, options.MaxPageBytes, known: null, keeps: null, cancellationToken);
        if (answer.Capture is { } capture)
        {
            ArchiveRequisite(outcome, page, capture);
        }

        if (requisite.IsScript)
        {
            _requisites.Add(address, answer);
        }

        return answer;
    }

    Task WaitForTurnAsync(HostState host, CancellationToken cancellationToken) =>
        clock.DelayAsync(TimeSpan.FromMilliseconds(Math.Max(0, host.NextAt - clock.Now)), cancellationToken);

    /// <summary>The rules of a host that a page asks for something; asked for where they are not known.</summary>
    async Task<RobotsRules> FindRulesAsync(VisitOutcome outcome, HostState host, CancellationToken cancellationToken)
    {
        if (LoadRules(host) is { } rules)
        {
            return rules;
        }

        if (_requisiteRules.TryGetValue(host.Origin, out var known) && known.Until > clock.Now)
        {
            return known.Rules;
        }

        await WaitForTurnAsync(host, cancellationToken);
        var address = await EnterAsync(outcome, host, cancellationToken);
        var (kind, content) = await FetchRobotsAsync(outcome, host, address, cancellationToken);
        rules = RulesOf(new RobotsSnapshot(kind, content, 0));
        if (_requisiteRules.Count > MaxRequisiteHosts)
        {
            _requisiteRules.Clear();
        }

        // Where nobody answers nothing is fetched, and it is asked for again after a while.
        _requisiteRules[host.Origin] = (
            rules, clock.After(kind == RobotsKind.Unreachable ? options.RetryDelay : options.RobotsLifetime));
        if (rules.CrawlDelay is { } asked)
        {
            host.NextAt = Math.Max(host.NextAt, clock.After(asked));
        }

        return rules;
    }

    void ArchiveRequisite(VisitOutcome outcome, PageToRender page, Capture capture)
    {
        if ((_judge.HeaderOptOuts(capture.Response) & options.Honoured) != OptOut.None)
        {
            return;
        }

        var id = WarcRecordBuilder.NewId();
        var fields = new HeaderList();
        fields.Add("via", page.Address);
        fields.Add("role", WarcTypes.PageRequisite);
        outcome.Records.Add(WarcRecordBuilder.Response(
            id, capture, WarcDigest.Compute(capture.Response.Body.Span), options.Compression));
        outcome.Records.Add(WarcRecordBuilder.Request(id, capture, options.Compression));
        outcome.Records.Add(WarcRecordBuilder.Metadata(id, capture, fields, options.Compression));
    }
}
