using Microsoft.Extensions.Logging;
using Noos.Kernel.Agents;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Cli.Chat;

/// <summary>A home that is gone with the server: for the page of one that keeps no processes.</summary>
sealed class PassingHome : IAsyncDisposable
{
    readonly string _folder;
    readonly Journal _journal;

    PassingHome(string folder, Journal journal, ProcessTable table) => (_folder, _journal, Table) = (folder, journal, table);

    public ProcessTable Table { get; }

    public static PassingHome Open(Assistant assistant, ILoggerFactory logging)
    {
        // Only this user may read it.
        var folder = Directory.CreateTempSubdirectory("noos-").FullName;
        var journal = Journal.Open(folder, logger: logging.CreateLogger<Journal>());
        return new PassingHome(folder, journal, new ProcessTable(
            journal, assistant.Cpu, assistant.Gate, assistant.Tools, logger: logging.CreateLogger<ProcessTable>(),
            options: new ProcessTableOptions { HasOptionalTools = assistant.HasOptionalTools }));
    }

    public async ValueTask DisposeAsync()
    {
        await Table.DisposeAsync();
        await _journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
