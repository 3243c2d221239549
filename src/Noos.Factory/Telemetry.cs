using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Noos.Factory;

/// <summary>Measurements of the factory for OpenTelemetry: meter and activity source "Noos.Factory".</summary>
static class Telemetry
{
    const string Name = "Noos.Factory";

    static readonly Meter s_meter = new(Name);

    /// <summary>One activity per stage that is run.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Seconds that a stage ran; tags <c>noos.stage</c>, and <c>error.type</c> if it did not complete.</summary>
    public static Histogram<double> StageDuration { get; } =
        s_meter.CreateHistogram<double>("noos.factory.stage.duration", "s", "Time that a stage of a recipe ran.");
}
