using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Server.Tests.Monitoring;

/// <summary>What an operator sees: logs, metrics and traces say what happened, and nothing of what was written.</summary>
public sealed class PrivateLogTests
{
    const string Secret = "xyzzy";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_that_people_or_models_write_is_in_a_log_a_trace_or_a_metric()
    {
        var log = new LogLines();
        var spans = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("Noos", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => spans.Enqueue(
                $"{span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects)} {string.Join(' ', span.Events)}"),
        };
        ActivitySource.AddActivityListener(listener);
        var cpu = new ScriptedCpu(
            [new TextDelta($"{Secret} said the model.")], [ScriptedCpu.Call("1", "fail", $$"""{"text": "{{Secret}}"}""")],
            [new TextDelta($"{Secret} again.")]);
        await using var home = await RunningHome.StartAsync(
            cpu, tools: [new ScriptedTool("fail", _ => throw new InvalidOperationException($"No {Secret} here."))],
            options: options => options with { HasMetrics = true }, hasMemory: true,
            services: builder =>
            {
                builder.Services.AddSingleton<ILoggerProvider>(log);
                builder.Logging.AddFilter("Noos", LogLevel.Debug);
            });
        const string Question = $$"""{"messages": [{"role": "user", "content": "{{Secret}}"}]}""";

        // An answer, a tool that fails, a model that fails in three ways, files, a search, facts, and requests that are wrong.
        await home.PostAsync("v1/chat/completions", Question);
        await home.PostAsync("v1/chat/completions", Question);
        foreach (var failure in (Exception[])
            [
                new InvalidOperationException(Secret), new NoosException(ErrorKind.Unavailable, $"It said {Secret}."),
                new InvalidOperationException("outer", new FormatException(Secret)),
            ])
        {
            cpu.Failure = failure;
            Assert.InRange((await home.SendAsync("POST", "v1/chat/completions", Question)).Status, 500, 599);
        }

        var process = await home.SpawnAsync($$"""{"title": "{{Secret}}", "message": "{{Secret}}"}""");
        await home.GetAsync($"api/processes/{process}/wait");
        await home.PostAsync($"api/processes/{process}/files?name={Secret}.txt", Secret);
        await home.GetAsync($"api/search?q={Secret}");
        await home.PostAsync("api/facts", $$"""{"text": "{{Secret}}"}""");
        await home.SendAsync("GET", $"api/{Secret}");
        await home.SendAsync("POST", "v1/chat/completions", $$"""{"{{Secret}}": "{{Secret}}"}""");
        await home.SendAsync("GET", $"api/processes/{process}/files/{Secret}");
        var metrics = await home.Http.GetStringAsync("metrics", Token);

        Assert.NotEmpty(log.Lines);
        Assert.NotEmpty(spans);
        Assert.Contains("gen_ai_server_request_duration", metrics, StringComparison.Ordinal);
        Assert.Matches("gen_ai_server_request_duration_seconds_bucket\\{[^}]*le=\"0.25\"", metrics);
        Assert.Contains("http_server_request_duration", metrics, StringComparison.Ordinal);
        Assert.All([.. log.Lines, .. spans, metrics], text => Assert.DoesNotContain(Secret, text, StringComparison.OrdinalIgnoreCase));
    }
}
