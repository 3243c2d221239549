using Microsoft.Extensions.Logging;

namespace Noos.Training;

/// <summary>What an operator wants to hear of training.</summary>
static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Training starts in {Folder}: {Steps} steps, settings {Hash}")]
    public static partial void RunStarted(ILogger logger, string folder, long steps, string hash);

    [LoggerMessage(Level = LogLevel.Information, Message = "Training in {Folder} resumes at step {Step} of {Steps}")]
    public static partial void RunResumed(ILogger logger, string folder, long step, long steps);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Checkpoint of step {Step} written to {Folder}")]
    public static partial void CheckpointWritten(ILogger logger, string folder, long step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Message}")]
    public static partial void CheckpointTrouble(ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Update of step {Step} skipped as an outlier: loss {Loss}, gradient norm {Norm}")]
    public static partial void OutlierSkipped(ILogger logger, long step, double loss, double norm);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Rolled back from step {From} to step {To}: loss {Loss}, gradient norm {Norm}")]
    public static partial void RolledBack(ILogger logger, long from, long to, double loss, double norm);

    [LoggerMessage(Level = LogLevel.Information, Message = "Training in {Folder} is done after {Step} steps and {Tokens} tokens")]
    public static partial void RunDone(ILogger logger, string folder, long step, long tokens);

    [LoggerMessage(Level = LogLevel.Information, Message = "Training in {Folder} stopped and saved at step {Step}")]
    public static partial void RunStopped(ILogger logger, string folder, long step);
}
