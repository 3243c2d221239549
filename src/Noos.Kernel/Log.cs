using Microsoft.Extensions.Logging;

namespace Noos.Kernel;

static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The tool {Tool} failed")]
    public static partial void ToolFailed(ILogger logger, string tool, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tool {Tool} was given up after {Limit}")]
    public static partial void ToolTimedOut(ILogger logger, string tool, TimeSpan limit);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "An answer used its {Rounds} rounds of tools; the model must answer without them")]
    public static partial void RoundsExhausted(ILogger logger, int rounds);

    [LoggerMessage(Level = LogLevel.Error, Message = "An event could not be written: {Reason}")]
    public static partial void JournalFailed(ILogger logger, string reason);
}
