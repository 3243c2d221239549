using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Server.Tests.Monitoring;

/// <summary>Traces and metrics as a collector of OpenTelemetry gets them (OTLP over HTTP).</summary>
public sealed class TelemetryExportTests
{
    const string Secret = "xyzzy";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collector_gets_the_trace_and_the_metrics_of_an_answer_and_nothing_that_was_said()
    {
        var received = new ConcurrentQueue<(string Path, string Body)>();
        await using var collector = await CollectAsync(received);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "noos-of-a-test",
        };
        var server = await RunningServer.StartAsync(
            new ScriptedCpu([new TextDelta($"{Secret} said the model.")]), options: options => options with
            {
                HasMetrics = true,
                OpenTelemetry = settings,
            });
        using (var response = await server.PostAsync($$"""{"messages": [{"role": "user", "content": "{{Secret}}"}]}"""))
        {
            Assert.True(response.IsSuccessStatusCode);
        }

        // What is left is sent at the end.
        await server.DisposeAsync();

        var traces = string.Concat(received.Where(one => one.Path == "/v1/traces").Select(one => one.Body));
        var metrics = string.Concat(received.Where(one => one.Path == "/v1/metrics").Select(one => one.Body));
        Assert.Contains("noos-of-a-test", traces, StringComparison.Ordinal);
        Assert.Contains("chat scripted", traces, StringComparison.Ordinal);
        Assert.Contains("gen_ai.server.request.duration", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, traces + metrics, StringComparison.Ordinal);
    }

    /// <summary>Takes whatever is sent; names stand in protobuf messages as they are.</summary>
    static async Task<WebApplication> CollectAsync(ConcurrentQueue<(string Path, string Body)> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            received.Enqueue((http.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        await app.StartAsync(Token);
        return app;
    }
}
