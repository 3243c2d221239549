using Microsoft.Extensions.Logging;
using Noos.Server;

namespace Noos.Cli.Chat;

/// <summary>How a server logs and stops.</summary>
/// <param name="Log">Its log.</param>
/// <param name="Grace">How long answers that have begun may take when it stops.</param>
sealed record OperationSettings(LogSettings Log, TimeSpan Grace);

/// <summary>The log of a server, on standard error: standard output belongs to the command.</summary>
/// <param name="Level">The least that is told of Noos itself; of the libraries below it, warnings.</param>
/// <param name="IsJson">A JSON object per line instead of text.</param>
sealed record LogSettings(LogLevel Level, bool IsJson)
{
    const string Ours = "Noos";

    public void AddTo(ILoggingBuilder builder)
    {
        // A start that fails is told by who starts, in one sentence.
        builder.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).AddFilter(Ours, Level)
            .AddNoosHostLog()
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        _ = IsJson
            ? builder.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"))
            : builder.AddSimpleConsole();
    }
}
