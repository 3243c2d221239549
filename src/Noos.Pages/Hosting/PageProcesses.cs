using Noos.Core;
using Noos.Kernel.Processes;

namespace Noos.Pages.Hosting;

/// <summary>The processes that the pages show.</summary>
/// <param name="table">Theirs; null where the server keeps none.</param>
sealed class PageProcesses(ProcessTable? table)
{
    public bool Exist => table is not null;

    /// <exception cref="NoosException">The server keeps none (Refused).</exception>
    public ProcessTable Table => table ?? throw new NoosException(
        ErrorKind.Refused, "This server keeps no conversations; start it with a home ('noos up' without --no-journal).");
}
