using System.CommandLine;
using Noos.Cli.Terminal;

namespace Noos.Cli.Factory;

/// <summary>A training that stops by itself after some minutes, as Ctrl-C would stop it.</summary>
static class TimeLimit
{
    // A month: longer than any training, and short enough for a timer.
    const double MaxMinutes = 31 * 24 * 60;

    public static Option<double?> Option() =>
        new Option<double?>("--minutes") { Description = "Stop after so many minutes; the next call goes on from there." }
            .Between(0, MaxMinutes);

    public static CancellationTokenSource After(double? minutes, CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (minutes is { } limit)
        {
            source.CancelAfter(TimeSpan.FromMinutes(limit));
        }

        return source;
    }
}
