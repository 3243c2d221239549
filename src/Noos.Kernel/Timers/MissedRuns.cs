using System.Text.Json.Serialization;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Timers;

/// <summary>What becomes of the runs of a timer whose time came while the system was off.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<MissedRuns>))]
public enum MissedRuns
{
    /// <summary>However many there were, one run makes up for them.</summary>
    Once,

    /// <summary>They are noted in the log of the timer, and do not run.</summary>
    Skip,
}
