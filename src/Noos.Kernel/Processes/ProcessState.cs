namespace Noos.Kernel.Processes;

/// <summary>Where a process stands.</summary>
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
public enum ProcessKind
{
    Conversation,
    Agent,
    Job,
    Housekeeping,
}
