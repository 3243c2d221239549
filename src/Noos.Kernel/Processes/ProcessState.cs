using System.Text.Json.Serialization;

namespace Noos.Kernel.Processes;

/// <summary>Where a process stands.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ProcessState>))]
public enum ProcessState
{
    /// <summary>It has something to do and waits for its turn.</summary>
    Ready,

    /// <summary>The model runs for it.</summary>
    Running,

    /// <summary>It waits for a call, of a tool or of a sub-agent.</summary>
    WaitingForCall,

    /// <summary>It waits for a person: an answer, an approval.</summary>
    WaitingForPerson,

    /// <summary>It waits for a time.</summary>
    Sleeping,

    /// <summary>Its keys and values are on the disk; it goes on as if they were not.</summary>
    Swapped,

    /// <summary>It has done what it was for. A conversation is done when its person says so.</summary>
    Done,

    /// <summary>It ended with an error; the reason stands beside.</summary>
    Failed,

    /// <summary>Somebody ended it.</summary>
    Killed,
}

/// <summary>Who goes first when the machine is full; within a class the owners share it.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ProcessPriority>))]
public enum ProcessPriority
{
    /// <summary>A person waits for the first word.</summary>
    Interactive,

    /// <summary>An answer that goes on after the result of a tool.</summary>
    Continuation,

    /// <summary>A sub-agent.</summary>
    Agent,

    /// <summary>Titles, summaries, scheduled jobs.</summary>
    Background,
}

/// <summary>What kind of process.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ProcessKind>))]
public enum ProcessKind
{
    /// <summary>A person talks to it; it is done when that person says so.</summary>
    Conversation,

    /// <summary>A sub-agent: done with its answer.</summary>
    Agent,

    /// <summary>Begun by a timer: done with its answer.</summary>
    Job,

    /// <summary>Titles, summaries: done with its answer.</summary>
    Housekeeping,

    /// <summary>Sleeps until its time, and then begins jobs: see <see cref="Timers.TimerTable"/>.</summary>
    Timer,

    /// <summary>A request of the API: in memory only, gone with its answer.</summary>
    Request,
}
