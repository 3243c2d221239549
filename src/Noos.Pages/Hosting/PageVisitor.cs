using Noos.Kernel.Processes;

namespace Noos.Pages.Hosting;

/// <summary>Who looks at a page: the one place where the pages learn whose processes may be seen and touched.</summary>
sealed class PageVisitor(PageProcesses processes, PagesOptions options)
{
    /// <summary>On whose behalf the page asks. A machine with one person alone: all processes are that person's.</summary>
    public Principal Principal { get; } = new(options.Owner, IsAdministrator: true);

    /// <summary>A process of this visitor; null where there is none with this id, or it is another's.</summary>
    public ProcessRecord? Find(long process)
    {
        try
        {
            return processes.Table.Get(process, Principal);
        }
        catch (Core.NoosException e) when (e.Kind == Core.ErrorKind.NotFound)
        {
            return null;
        }
    }
}
