using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Kernel.Responses;
using Noos.Server;

namespace Noos.Cli.Chat;

/// <summary>
/// Options of <c>noos up</c>: how many responses of <c>/v1/responses</c> are kept for those that continue them, and how long.
/// </summary>
sealed class ResponseOptions
{
    // A limit that nobody needs, below which a date can still be told.
    const double MaxDays = 36_500;

    readonly Option<long?> _bytes = MemorySizeOption.Create(
        "--keep-responses",
        "Space for the responses (/v1/responses) of one user, which clients continue by their ids: on the disk, with --no-journal in "
        + "memory; 0 keeps none (default: 256M).");

    readonly Option<int?> _count = new Option<int?>("--max-responses")
    {
        Description = "Responses of one user that are kept; the oldest go first. 0 keeps none (default: 10000).",
        HelpName = "N",
    }.AtLeast(0);

    readonly Option<double?> _days = new Option<double?>("--response-days")
    {
        Description = "Days for which a response is kept; 0 for as long as there is room (default: 30).",
        HelpName = "DAYS",
    }.Between(0, MaxDays);

    public static ResponseOptions AddTo(Command command)
    {
        var options = new ResponseOptions();
        command.Options.Add(options._bytes);
        command.Options.Add(options._count);
        command.Options.Add(options._days);
        return options;
    }

    /// <summary>The options of the server with what the command line says.</summary>
    /// <param name="server">What they are otherwise.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="home">Whose journal keeps them; null for none.</param>
    public ServerOptions ApplyTo(ServerOptions server, ParseResult parsed, string? home)
    {
        var usual = new ResponseLimits();
        return server with
        {
            ResponseFolder = home,
            Responses = new ResponseLimits
            {
                MaxBytes = parsed.GetValue(_bytes) ?? usual.MaxBytes,
                MaxCount = parsed.GetValue(_count) ?? usual.MaxCount,
                MaxAge = parsed.GetValue(_days) is { } days ? TimeSpan.FromDays(days) : usual.MaxAge,
            },
        };
    }
}
