namespace Noos.Kernel.Processes;

/// <summary>
/// What people read of a process: the same words in commands and on pages. Programs read the names of the API
/// (<c>waiting_for_person</c>).
/// </summary>
public static class ProcessLabels
{
    /// <param name="state">Where it stands.</param>
    /// <param name="asks">It waits for a permission, and not only for its person to say something.</param>
    /// <param name="call">The tool that it waits for; null where nobody knows.</param>
    public static string For(ProcessState state, bool asks = false, string? call = null) => state switch
    {
        ProcessState.Ready => "waits its turn",
        ProcessState.Running => "at work",
        ProcessState.WaitingForCall => call is null ? "calls" : $"calls {call}",
        ProcessState.WaitingForPerson => asks ? "asks you" : "idle",
        ProcessState.Sleeping => "sleeps",
        ProcessState.Swapped => "idle, on disk",
        ProcessState.Done => "done",
        ProcessState.Failed => "failed",
        _ => "killed",
    };
}
