using System.Diagnostics.Metrics;

namespace Noos.Cpus;

/// <summary>Measurements of models that run here, named as OpenTelemetry's conventions for generative AI name them.</summary>
static class Telemetry
{
    static readonly Meter s_meter = new("Noos.Cpus");

    /// <summary>From the request to the first token, the wait for a free place included.</summary>
    public static Histogram<double> TimeToFirstToken { get; } =
        s_meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "Time until the first token");

    /// <summary>Answers that repeated themselves and were cut.</summary>
    public static Counter<long> Loops { get; } = s_meter.CreateCounter<long>("noos.loops", "{answer}", "Answers cut because they repeat");
}
