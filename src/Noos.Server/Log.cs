using Microsoft.Extensions.Logging;

namespace Noos.Server;

/// <summary>
/// What the operator of a server sees; the category is <see cref="Telemetry.Name"/>. Nothing in it is what somebody wrote: addresses are
/// given as their routes, and of exceptions there is no message (<see cref="Core.ExceptionTrace"/>).
/// </summary>
static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Model} is served at {Addresses}")]
    public static partial void ServerStarted(ILogger logger, string model, string addresses);

    [LoggerMessage(2, LogLevel.Information, "The server of {Model} stops")]
    public static partial void ServerStopping(ILogger logger, string model);

    [LoggerMessage(3, LogLevel.Error, "{Method} {Route} failed: {Trace}")]
    public static partial void RequestFailed(ILogger logger, string method, string route, string trace);

    [LoggerMessage(4, LogLevel.Warning, "{Method} {Route} was answered with {Status}: {Reason}")]
    public static partial void RequestNotServed(ILogger logger, string method, string route, int status, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{Method} {Path} was refused: it came for the host '{Host}' from the origin '{Origin}'")]
    public static partial void OriginRefused(ILogger logger, string method, string path, string host, string origin);

    [LoggerMessage(EventId = 7, Message = "The host ({Source}, {Name}): {Sentence}{Trace}")]
    public static partial void HostEvent(ILogger logger, LogLevel level, string source, string name, string sentence, string trace);

    [LoggerMessage(6, LogLevel.Debug, "{Method} {Route}: the client went away before the answer was complete")]
    public static partial void ClientLeft(ILogger logger, string method, string route);
}
