using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Noos.Kernel.Cpu;
using Noos.Server.Accounts;
using Noos.Testing;

namespace Noos.Server.Tests.Monitoring;

/// <summary>What Kestrel and ASP.NET have to say of themselves reaches the operator, and what people wrote does not.</summary>
public sealed class HostLogTests : IDisposable
{
    const string Secret = "xyzzy";
    const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";

    readonly LogLines _log = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Fault_of_the_host_is_told_with_its_place_and_without_its_message()
    {
        await using var home = await StartAsync(app => app.MapGet("/fault", new RequestDelegate(http =>
        {
            // After the answer: nothing of ours is around it any more.
            http.Response.OnCompleted(() => throw new InvalidOperationException(Secret));
            return http.Response.WriteAsync("ok");
        })).RequireAccess(RouteAccess.Anyone));

        Assert.Equal("ok", await home.Http.GetStringAsync("fault", Token));
        while (_log.Lines.IsEmpty)
        {
            await Task.Delay(10, Token);
        }

        var line = Assert.Single(_log.Lines);
        Assert.StartsWith($"Error: The host ({Kestrel}, ApplicationError): Connection id", line, StringComparison.Ordinal);
        Assert.Contains("System.InvalidOperationException", line, StringComparison.Ordinal);
        Assert.Contains(nameof(HostLogTests), line, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_are_told_and_texts_are_not_and_clients_that_leave_are_no_news()
    {
        await using var home = await StartAsync();
        var logger = home.Services.GetRequiredService<ILoggerFactory>().CreateLogger(Kestrel + ".Connections");

#pragma warning disable CA1848, CA1873 // As the host does it.
        logger.LogWarning(new EventId(22, "HeartbeatSlow"), "The heartbeat of {Name} took {Interval} s.", Secret, 1.5);
        logger.LogInformation("Nobody needs {Name}.", Secret);
        logger.LogError(new OperationCanceledException(Secret), "It left.");
        logger.LogError(new ConnectionResetException(Secret), "It left.");
        logger.LogError(new IOException(Secret), "Gone.");
#pragma warning restore CA1848, CA1873

        Assert.Equal(2, _log.Lines.Count);
        Assert.Equal(
            $"Warning: The host ({Kestrel}.Connections, HeartbeatSlow): The heartbeat of {{Name}} took 1.5 s.", _log.Lines.First());
        Assert.StartsWith("Error: ", _log.Lines.Last(), StringComparison.Ordinal);
        Assert.All(_log.Lines, line => Assert.DoesNotContain(Secret, line, StringComparison.Ordinal));
    }

    Task<RunningHome> StartAsync(Action<WebApplication>? map = null) => RunningHome.StartAsync(
        new ScriptedCpu([new TextDelta("never")]), services: builder => builder.Services.AddSingleton<ILoggerProvider>(_log), map: map);
}
