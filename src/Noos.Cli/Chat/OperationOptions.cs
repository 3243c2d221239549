using System.CommandLine;
using Microsoft.Extensions.Logging;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Server;

namespace Noos.Cli.Chat;

/// <summary>The options of <c>noos up</c> for whoever operates it: log, metrics, and how it stops.</summary>
sealed class OperationOptions
{
    readonly Option<string> _level = new("--log-level")
    {
        Description = "The least that is logged to standard error: debug, information, warning, error, none. Never what people wrote.",
        DefaultValueFactory = _ => "warning",
    };

    readonly Option<string> _format = new("--log-format")
    {
        Description = "How: text, or json (an object per line).",
        DefaultValueFactory = _ => "text",
    };

    readonly Option<bool> _hasNoMetrics = new("--no-metrics")
    {
        Description = "Serve no metrics at /metrics, and send none where OTEL_EXPORTER_OTLP_ENDPOINT says.",
    };

    readonly Option<double> _grace = new("--grace")
    {
        Description = "When the server stops, answers that have begun may take so many seconds to end.",
        DefaultValueFactory = _ => 10,
    };

    public static OperationOptions AddTo(Command command)
    {
        var options = new OperationOptions();
        options._level.AcceptOnlyFromAmong("debug", "information", "warning", "error", "none");
        options._format.AcceptOnlyFromAmong("text", "json");
        options._grace.Validators.Add(result =>
        {
            if (result.TryGetValue<double>(out var seconds) && !(seconds is >= 0 and <= 3600))
            {
                result.AddError("The seconds of --grace must be from 0 to 3600.");
            }
        });
        foreach (var option in (Option[])[options._level, options._format, options._hasNoMetrics, options._grace])
        {
            command.Options.Add(option);
        }

        return options;
    }

    public ServerOptions ApplyTo(ServerOptions server, ParseResult parsed, NoosSettings settings) => server with
    {
        HasMetrics = !parsed.GetValue(_hasNoMetrics),
        OpenTelemetry = settings.OpenTelemetry,
    };

    public OperationSettings Read(ParseResult parsed) => new(
        new LogSettings(
            Enum.Parse<LogLevel>(parsed.GetRequiredValue(_level), ignoreCase: true), parsed.GetRequiredValue(_format) == "json"),
        TimeSpan.FromSeconds(parsed.GetValue(_grace)));
}
