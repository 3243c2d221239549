using Microsoft.Extensions.Logging;

namespace Noos.Factory;

static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Stage {Stage} of {Recipe} starts")]
    public static partial void StageStarted(ILogger logger, string stage, string recipe);

    [LoggerMessage(Level = LogLevel.Information, Message = "libtorch is missing and will be downloaded")]
    public static partial void DownloadingLibtorch(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stage {Stage} of {Recipe} is up to date")]
    public static partial void StageUpToDate(ILogger logger, string stage, string recipe);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stage {Stage} of {Recipe} is done in {Duration}")]
    public static partial void StageDone(ILogger logger, string stage, string recipe, TimeSpan duration);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stage {Stage} of {Recipe} was stopped after {Duration}")]
    public static partial void StageStopped(ILogger logger, string stage, string recipe, TimeSpan duration);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stage {Stage} of {Recipe} failed after {Duration}")]
    public static partial void StageFailed(ILogger logger, Exception exception, string stage, string recipe, TimeSpan duration);
}
