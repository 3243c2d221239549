using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Noos.Server.Accounts;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Noos.Server.Monitoring;

/// <summary>
/// Metrics at <c>/metrics</c> for Prometheus, and metrics and traces to wherever OTEL_EXPORTER_OTLP_ENDPOINT says. What is measured is in
/// the <c>Telemetry.cs</c> of each project; nothing of it is text that somebody wrote.
/// </summary>
static class MetricsExport
{
    public const string Address = "/metrics";

    const string Ours = "Noos.*";

    // In seconds, from a pass of a small model to a long answer; the usual ones of OpenTelemetry are for milliseconds.
    static readonly double[] s_durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 300];

    static readonly string[] s_meters =
        [Ours, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    /// <param name="builder">The server.</param>
    /// <param name="settings">OTEL_* variables; empty where nothing is sent.</param>
    public static void AddTo(WebApplicationBuilder builder, IReadOnlyDictionary<string, string> settings)
    {
        // The libraries read them from the configuration of the host, which has no environment.
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        var version = typeof(MetricsExport).Assembly.GetName().Version!.ToString(3);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                settings.GetValueOrDefault("OTEL_SERVICE_NAME") ?? "noos", serviceVersion: version))
            .WithMetrics(metrics => metrics.AddMeter(s_meters).AddView(BoundariesOf).AddPrometheusExporter());
        if (settings.Count > 0)
        {
            telemetry.WithTracing(traces => traces.AddSource(Ours, "Microsoft.AspNetCore")).UseOtlpExporter();
        }
    }

    static ExplicitBucketHistogramConfiguration? BoundariesOf(Instrument instrument) =>
        instrument is Histogram<double> { Unit: "s" } && instrument.Meter.Name.StartsWith(Ours[..^1], StringComparison.Ordinal)
            ? new ExplicitBucketHistogramConfiguration { Boundaries = s_durations }
            : null;

    public static void Map(WebApplication app) =>
        app.MapPrometheusScrapingEndpoint(Address).RequireAccess(RouteAccess.For(Address));
}
