using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Noos.Server.Hosting;

namespace Noos.Server;

/// <summary>The log of the host below the API.</summary>
public static class HostLoggingExtensions
{
    /// <summary>
    /// Lets warnings and errors of ASP.NET and Kestrel be told by the log of <see cref="Telemetry.Name"/>, in its form and without anything
    /// that people wrote, and by nobody else: as they are they tell of every client that goes away, and exceptions with their messages.
    /// </summary>
    public static ILoggingBuilder AddNoosHostLog(this ILoggingBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, HostLog>());

        // What is said of a provider goes before what is said of all.
        return builder.AddFilter(HostLog.Category, LogLevel.None).AddFilter<HostLog>(HostLog.Category, LogLevel.Warning);
    }
}
