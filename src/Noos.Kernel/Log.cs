using Microsoft.Extensions.Logging;

namespace Noos.Kernel;

static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The tool {Tool} failed: {Trace}")]
    public static partial void ToolFailed(ILogger logger, string tool, string trace);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tool {Tool} was given up after {Limit}")]
    public static partial void ToolTimedOut(ILogger logger, string tool, TimeSpan limit);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "An answer used its {Rounds} rounds of tools; the model must answer without them")]
    public static partial void RoundsExhausted(ILogger logger, int rounds);

    [LoggerMessage(Level = LogLevel.Information, Message = "The model {Model} is open")]
    public static partial void ModelOpened(ILogger logger, string model);

    [LoggerMessage(Level = LogLevel.Information, Message = "The idle model {Model} is closed, to make room for {Other}")]
    public static partial void ModelClosed(ILogger logger, string model, string other);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model} does not answer, {Other} does; the journal says why")]
    public static partial void FailedOver(ILogger logger, string model, string other);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What process {Process} had read is read again: {Reason}")]
    public static partial void SwapRefused(ILogger logger, long process, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What process {Process} has read could not be moved to the disk: {Reason}")]
    public static partial void SwapFailed(ILogger logger, long process, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What leaves the window of process {Process} has no summary: {Reason}")]
    public static partial void SummaryFailed(ILogger logger, long process, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "An event could not be written: {Reason}")]
    public static partial void JournalFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Timer {Timer} has missed {Missed} runs since {Since}")]
    public static partial void TimerMissed(ILogger logger, long timer, int missed, DateTimeOffset since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Timer {Timer} was due and did not run: {Reason}")]
    public static partial void TimerSkipped(ILogger logger, long timer, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Timer {Timer} is tried again, since it cannot run: {Reason}")]
    public static partial void TimerFailed(ILogger logger, long timer, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock was set back since timer {Timer} was due at {Due}")]
    public static partial void ClockSetBack(ILogger logger, long timer, DateTimeOffset due);

    [LoggerMessage(Level = LogLevel.Error, Message = "Timers are tried again, since they cannot run: {Trace}")]
    public static partial void TimersFailed(ILogger logger, string trace);
}
