using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Noos.Server.Tests.Monitoring;

/// <summary>Keeps what is logged under whatever name, whole: text, values and exceptions.</summary>
sealed class LogLines : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    // Neither of our formats writes scopes, in which the host has the address of a request.
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{logLevel}: {formatter(state, exception)}{exception}";
        if (!IsOfBusyMachine(line))
        {
            Lines.Enqueue(line);
        }
    }

    /// <summary>Kestrel tells when its own clock is late; that is of the machine, and not of the requests of a test.</summary>
    public static bool IsOfBusyMachine(string line) =>
        line.Contains("(Microsoft.AspNetCore.Server.Kestrel, HeartbeatSlow)", StringComparison.Ordinal);

    public void Dispose()
    {
    }
}
