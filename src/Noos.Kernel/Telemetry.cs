using System.Diagnostics;
using System.Diagnostics.Metrics;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;

namespace Noos.Kernel;

/// <summary>
/// Spans and measurements of model runs and tool calls, named as OpenTelemetry's conventions for generative AI name them.
/// </summary>
static class Telemetry
{
    const string Name = "Noos.Kernel";

    static readonly ActivitySource s_source = new(Name);
    static readonly Meter s_meter = new(Name);
    static readonly Histogram<long> s_tokens = s_meter.CreateHistogram<long>(
        "gen_ai.client.token.usage", "{token}", "Tokens of a model run");
    static readonly Histogram<double> s_toolSeconds = s_meter.CreateHistogram<double>("noos.tool.duration", "s", "Time of a tool call");

    public static Activity? StartRun(string model) =>
        s_source.StartActivity($"chat {model}", ActivityKind.Client)?.SetTag("gen_ai.operation.name", "chat")
            .SetTag("gen_ai.request.model", model);

    public static void EndRun(Activity? span, string model, RunFinished run)
    {
        span?.SetTag("gen_ai.usage.input_tokens", run.Usage.PromptTokens)
            .SetTag("gen_ai.usage.output_tokens", run.Usage.GeneratedTokens)
            .SetTag("gen_ai.response.finish_reasons", (string[])[run.FinishReason]);
        if (s_tokens.Enabled)
        {
            s_tokens.Record(run.Usage.PromptTokens, new("gen_ai.request.model", model), new("gen_ai.token.type", "input"));
            s_tokens.Record(run.Usage.GeneratedTokens, new("gen_ai.request.model", model), new("gen_ai.token.type", "output"));
        }
    }

    public static Activity? StartTool(ToolCallPart call) => s_source.StartActivity($"execute_tool {call.Name}")
        ?.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", call.Name).SetTag("gen_ai.tool.call.id", call.CallId);

    public static void EndTool(Activity? span, ToolOutcome outcome)
    {
        if (outcome.Result.IsError)
        {
            span?.SetTag("error.type", "tool_error").SetStatus(ActivityStatusCode.Error);
        }

        if (s_toolSeconds.Enabled)
        {
            s_toolSeconds.Record(outcome.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("gen_ai.tool.name", outcome.Call.Name));
        }
    }
}
