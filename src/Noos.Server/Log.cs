using Microsoft.Extensions.Logging;

namespace Noos.Server;

static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed")]
    public static partial void Failed(ILogger logger, Exception exception);
}
