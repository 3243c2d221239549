namespace Noos.Kernel.Processes;

/// <summary>On whose behalf something is asked of the <see cref="ProcessTable"/>.</summary>
/// <param name="Owner">Whose processes are one's own.</param>
/// <param name="IsAdministrator">All processes are; so are they where a machine has one person alone.</param>
public sealed record Principal(string Owner, bool IsAdministrator = false)
{
    /// <summary>The rule: one's own, or everybody's for an administrator.</summary>
    public bool MaySee(ProcessRecord process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return IsAdministrator || process.Owner == Owner;
    }
}
