using Noos.Core;
using Noos.Kernel.Agents;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Hosting;

namespace Noos.Pages.Monitoring;

/// <summary>What whoever looks at a page may do to processes: to their own, and the owner of the machine to all.</summary>
sealed class ProcessControl(PageProcesses processes, RequestTable requests, Assistant assistant, PageVisitor visitor)
{
    /// <summary>Those of a look that the visitor may see.</summary>
    public IEnumerable<T> Visible<T>(IEnumerable<T> all, Func<T, ProcessRecord?> processOf)
    {
        var principal = visitor.Principal;
        return all.Where(one => principal.IsAdministrator || (processOf(one) is { } process && principal.MaySee(process)));
    }

    /// <summary>Ends a process; what it has written stays.</summary>
    /// <exception cref="NoosException">There is none of this visitor (NotFound), or the journal cannot be written.</exception>
    public Task KillAsync(long process) =>
        Require(process).Kind == ProcessKind.Request ? requests.KillAsync(process) : processes.Table.KillAsync(process);

    /// <summary>Stops the answer under way; a request of the API is nothing else, and ends.</summary>
    /// <inheritdoc cref="KillAsync"/>
    public Task StopAsync(long process) =>
        Require(process).Kind == ProcessKind.Request ? requests.KillAsync(process) : processes.Table.StopAsync(process);

    /// <summary>Gives a process another priority.</summary>
    /// <inheritdoc cref="KillAsync"/>
    public async Task NiceAsync(long process, ProcessPriority priority)
    {
        if (Require(process).Kind == ProcessKind.Request)
        {
            requests.Nice(process, priority);
            assistant.Cpu.SetPriority(process, priority);
            return;
        }

        await processes.Table.NiceAsync(process, priority);
    }

    /// <summary>Answers a question that waits.</summary>
    /// <inheritdoc cref="KillAsync"/>
    public Task DecideAsync(JournalEntry asked, bool isGranted)
    {
        _ = Require(asked.Process);
        return processes.Table.DecideAsync(
            asked.Process, isGranted ? Approval.Granted : Approval.Refused, ((ApprovalAsked)asked.Event).Call.CallId);
    }

    ProcessRecord Require(long process)
    {
        var found = requests.Find(process) is { } request
            ? visitor.Principal.MaySee(request) ? request : null
            : processes.Exist ? visitor.Find(process) : null;
        return found ?? throw new NoosException(ErrorKind.NotFound, $"There is no process {process} any more.");
    }
}
