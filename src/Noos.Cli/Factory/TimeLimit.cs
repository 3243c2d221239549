using System.CommandLine;

namespace Noos.Cli.Factory;

/// <summary>A training that stops by itself after some minutes, as Ctrl-C would stop it.</summary>
static class TimeLimit
{
    public static Option<double?> Option() =>
        new("--minutes") { Description = "Stop after so many minutes; the next call goes on from there." };

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
