namespace Noos.Core.Tools;

/// <summary>What a tool may use of the system while it runs a call.</summary>
public interface IToolContext
{
    /// <summary>On whose behalf it runs: the same for all calls of one answer.</summary>
    string ProcessId { get; }

    /// <summary>The clock. Tools that depend on the time can be replayed only with this one.</summary>
    TimeProvider TimeProvider { get; }
}
