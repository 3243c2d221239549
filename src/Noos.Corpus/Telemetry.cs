using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Noos.Corpus;

/// <summary>What happens in this project, for OpenTelemetry: listen to the meter and the activity source named after it.</summary>
public static class Telemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Noos.Corpus";

    static readonly Meter s_meter = new(Name);

    internal static ActivitySource Activities { get; } = new(Name);

    internal static Counter<long> DocumentsRead { get; } =
        s_meter.CreateCounter<long>("noos.corpus.documents.read", "{document}", "Documents that readers gave, by source.");

    internal static Counter<long> DocumentsDropped { get; } = s_meter.CreateCounter<long>(
        "noos.corpus.documents.dropped", "{document}", "Documents left out of shards, by filter and reason.");

    internal static Counter<long> TokensWritten { get; } =
        s_meter.CreateCounter<long>("noos.corpus.tokens.written", "{token}", "Tokens in finished shards, by source.");

    internal static Counter<long> CrawlRequests { get; } =
        s_meter.CreateCounter<long>("noos.corpus.crawl.requests", "{request}", "Requests that crawls have sent.");

    internal static Counter<long> PagesFetched { get; } =
        s_meter.CreateCounter<long>("noos.corpus.crawl.pages", "{page}", "Pages that crawls have fetched.");
}
