using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Noos.Server;

/// <summary>
/// Measurements and traces of the server, named by OpenTelemetry's conventions for generative AI
/// (https://opentelemetry.io/docs/specs/semconv/gen-ai); those of HTTP itself come from ASP.NET.
/// </summary>
static class Telemetry
{
    public const string Name = "Noos.Server";

    public const string Operation = "gen_ai.operation.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string ErrorType = "error.type";

    static readonly Meter s_meter = new(Name);

    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Seconds from the request to the last byte of the answer.</summary>
    public static Histogram<double> RequestDuration { get; } = s_meter.CreateHistogram<double>(
        "gen_ai.server.request.duration", "s", "Time of a request to the model, the whole answer included.");

    /// <summary>Requests to the model whose answer is not complete.</summary>
    public static UpDownCounter<long> ActiveRequests { get; } = s_meter.CreateUpDownCounter<long>(
        "noos.server.active_requests", "{request}", "Requests to the model that are being answered.");
}
