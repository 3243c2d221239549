using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;

namespace Noos.Server.Hosting;

/// <summary>
/// Warnings and errors of the host below the API (ASP.NET, Kestrel), told again by our own log: with what happened, numbers, and where an
/// exception came from, but without texts and messages of exceptions, which may quote what people wrote. Clients that go away in the middle
/// are none. Thread-safe.
/// </summary>
/// <param name="services">With the log that is told; asked for it late, since the log holds its providers.</param>
[ProviderAlias("NoosHost")]
sealed class HostLog(IServiceProvider services) : ILoggerProvider
{
    /// <summary>Whose events are told again.</summary>
    public const string Category = "Microsoft.AspNetCore";

    // Of a client that left while the rest of its request was read: Kestrel makes no exception of that.
    const string LeftWhileDraining = "RequestBodyDrainBodyReaderInvalidState";

    readonly Lazy<ILogger> _logger = new(() => services.GetRequiredService<ILoggerFactory>().CreateLogger(Telemetry.Name));

    public ILogger CreateLogger(string categoryName)
    {
        ArgumentNullException.ThrowIfNull(categoryName);
        return categoryName.StartsWith(Category, StringComparison.Ordinal) ? new Relay(categoryName, _logger) : NullLogger.Instance;
    }

    public void Dispose()
    {
    }

    sealed class Relay(string category, Lazy<ILogger> logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && !IsOfClient(exception) && eventId.Name != LeftWhileDraining)
            {
                Server.Log.HostEvent(
                    logger.Value, logLevel, category, eventId.Name ?? eventId.Id.ToString(CultureInfo.InvariantCulture), Describe(state),
                    exception is null ? "" : "\n" + ExceptionTrace.Describe(exception));
            }
        }

        /// <summary>It has gone away, or sent what is no request: that is nobody's fault here.</summary>
        static bool IsOfClient(Exception? exception) => exception is OperationCanceledException or ConnectionAbortedException
            or ConnectionResetException or BadHttpRequestException or IOException { InnerException: System.Net.Sockets.SocketException };

        /// <summary>The sentence as it was written, with its numbers and times; its texts stay the names that they have there.</summary>
        static string Describe<TState>(TState state)
        {
            if (state is not IReadOnlyList<KeyValuePair<string, object?>> values
                || values.FirstOrDefault(value => value.Key == "{OriginalFormat}").Value is not string sentence)
            {
                return "";
            }

            foreach (var (name, value) in values)
            {
                if (value is IFormattable number and not Enum)
                {
                    sentence = sentence.Replace(
                        $"{{{name}}}", number.ToString(format: null, CultureInfo.InvariantCulture), StringComparison.Ordinal);
                }
            }

            return sentence;
        }
    }
}
