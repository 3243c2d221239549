using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Noos.Training;

/// <summary>Metrics and traces of training; costs nothing while nobody listens.</summary>
static class Telemetry
{
    const string Name = "Noos.Training";

    static readonly Meter s_meter = new(Name);

    /// <summary>Spans: a whole run, an evaluation, a checkpoint.</summary>
    public static readonly ActivitySource Activities = new(Name);

    public static readonly Counter<long> Tokens = s_meter.CreateCounter<long>("noos.training.tokens", "{token}", "Tokens trained on.");

    public static readonly Counter<long> Steps = s_meter.CreateCounter<long>(
        "noos.training.steps", "{step}", "Updates done, skipped ones included.");

    public static readonly Gauge<double> Loss = s_meter.CreateGauge<double>(
        "noos.training.loss", "nat", "Loss of the last update per unit of weight.");

    public static readonly Histogram<double> StepDuration =
        s_meter.CreateHistogram<double>(
            "noos.training.step.duration", "s", "Time of one update, from reading its rows to the new weights.");
}
