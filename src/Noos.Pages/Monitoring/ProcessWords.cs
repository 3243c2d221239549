using System.Globalization;
using Noos.Kernel.Processes;

namespace Noos.Pages.Monitoring;

/// <summary>What is said of processes.</summary>
static class ProcessWords
{
    public static string TitleOf(ProcessRecord process) => process switch
    {
        { Title: { Length: > 0 } title } => title,
        { Kind: ProcessKind.Request } => "Request",
        { Program.Name: { Length: > 0 } name and not "page" } => name,
        _ => string.Create(CultureInfo.InvariantCulture, $"Process {process.Id}"),
    };

    public static string KindOf(ProcessRecord process) => process.Kind switch
    {
        ProcessKind.Conversation => "chat",
        ProcessKind.Agent => "agent",
        ProcessKind.Job => "job",
        ProcessKind.Housekeeping => "housekeeping",
        ProcessKind.Timer => "timer",
        _ => "API",
    };

    /// <param name="watched">The process.</param>
    /// <param name="asks">It waits for a permission.</param>
    public static string StateOf(WatchedProcess watched, bool asks) =>
        watched is { Process: { State: ProcessState.Running, Usage.TokensOut: > 0 }, TokensPerSecond: > 0 }
            ? "writes"
            : ProcessLabels.For(watched.Process.State, asks, watched.Call);

    /// <summary>The picture of it: a colour.</summary>
    public static string ClassOf(WatchedProcess watched, bool asks) => watched.Process.State switch
    {
        ProcessState.Running => "on",
        ProcessState.WaitingForCall => "on call",
        ProcessState.Ready => "due",
        _ => asks ? "asks" : "off",
    };

    public static string NameOf(ProcessPriority priority) => priority switch
    {
        ProcessPriority.Interactive => "interactive",
        ProcessPriority.Continuation => "continuation",
        ProcessPriority.Agent => "agent",
        _ => "background",
    };
}
