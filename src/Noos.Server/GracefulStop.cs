using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Noos.Kernel.Processes;

namespace Noos.Server;

/// <summary>
/// Stops a server without cutting anybody off in silence. New connections are not taken any more; requests that wait for the model are told
/// to come back (503 with Retry-After); answers that have begun may end; those that have not when the time is over are ended with the same
/// sentence, a stream with an event.
/// </summary>
public static class GracefulStop
{
    // What was told must still be sent.
    static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    /// <param name="app">The server.</param>
    /// <param name="grace">How long answers that have begun may take.</param>
    public static async Task StopGracefullyAsync(this WebApplication app, TimeSpan grace)
    {
        ArgumentNullException.ThrowIfNull(app);
        var time = app.Services.GetRequiredService<TimeProvider>();
        using var end = new CancellationTokenSource();
        var stopped = app.StopAsync(end.Token);
        if (!await IsDoneAsync(stopped, grace, time))
        {
            app.Services.GetRequiredService<RequestTable>().TurnAllAway();
            _ = await IsDoneAsync(stopped, s_farewell, time);
        }

        await end.CancelAsync();
        await stopped;
    }

    static async Task<bool> IsDoneAsync(Task stopped, TimeSpan patience, TimeProvider time)
    {
        try
        {
            await stopped.WaitAsync(patience, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
