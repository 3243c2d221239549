using Microsoft.Extensions.Logging;

namespace Noos.Inference.Diagnostics;

/// <summary>What an operator wants to see of the engine.</summary>
static partial class Log
{
    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Information,
        Message = "Loaded '{Model}' ({Architecture}, {Parameters:N0} parameters, {Bytes:N0} bytes of weights) for {Threads} threads "
            + "and {Kernels} kernels in {Elapsed}")]
    public static partial void ModelLoaded(
        ILogger logger, string model, string architecture, long parameters, long bytes, int threads, string kernels, TimeSpan elapsed);

    [LoggerMessage(
        EventId = 2, Level = LogLevel.Information, Message = "Loaded the adapter '{Adapter}' for '{Model}': {Matrices} matrices")]
    public static partial void AdapterLoaded(ILogger logger, string adapter, string model, int matrices);

    [LoggerMessage(
        EventId = 3, Level = LogLevel.Information, Message = "Saved the keys and values of {Tokens:N0} tokens of '{Model}' to '{Path}'")]
    public static partial void KeyValuesSaved(ILogger logger, int tokens, string model, string path);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information,
        Message = "Restored the keys and values of {Tokens:N0} tokens of '{Model}' from '{Path}'")]
    public static partial void KeyValuesRestored(ILogger logger, int tokens, string model, string path);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "Refused the keys and values in '{Path}' for '{Model}': {Reason}")]
    public static partial void KeyValuesRefused(ILogger logger, string path, string model, string reason);

    [LoggerMessage(EventId = 6, Level = LogLevel.Error, Message = "A forward pass for {Sequences} sequences failed")]
    public static partial void PassFailed(ILogger logger, int sequences, Exception exception);

    [LoggerMessage(EventId = 7, Level = LogLevel.Error,
        Message = "{Policy} could not plan a pass, or planned one of sequences or tokens that are not there; the usual policy planned it")]
    public static partial void PlanRefused(ILogger logger, string policy, Exception? exception);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning, Message = "Passed over in the file of '{Model}': {Fault}")]
    public static partial void MetadataIgnored(ILogger logger, string model, string fault);
}
