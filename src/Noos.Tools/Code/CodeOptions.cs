using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Code;

/// <summary>How code of models is run.</summary>
public sealed record CodeOptions
{
    /// <summary>Which sandbox is used.</summary>
    public SandboxOptions Sandbox { get; init; } = new();

    /// <summary>
    /// The Python interpreter, for example of a virtual environment that has libraries; null for the system's. It and its libraries must
    /// lie where everybody may read them.
    /// </summary>
    public string? Python { get; init; }

    /// <summary>
    /// How long one call may run. The gate's own limit (<c>ToolLimits.Time</c>, 20 seconds) comes a little later, so that the model reads
    /// what the code had printed.
    /// </summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(18);

    /// <summary>Sessions that are not used so long are ended, and their variables forgotten.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>So many sessions of a language live at a time; the one that was not used for longest makes room.</summary>
    public int MaxSessions { get; init; } = 8;

    /// <summary>Characters of output that a result keeps: half of the beginning, half of the end.</summary>
    public int MaxOutput { get; init; } = 16_000;

    /// <summary>Characters after which a cell that prints without end is stopped.</summary>
    public long MaxPrinted { get; init; } = 16 << 20;

    /// <summary>What a Python process may use of the machine.</summary>
    public SandboxLimits Limits { get; init; } = new();

    /// <summary>
    /// How long an operation of JavaScript that looks at no limit while it goes on (multiplying long integers, copying a long string) may
    /// take beyond <see cref="Time"/>; then it is left to itself, and the session has ended.
    /// </summary>
    public TimeSpan ScriptGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that one call of JavaScript may allocate.</summary>
    public long ScriptMemory { get; init; } = 512 << 20;

    /// <summary>Statements that one call of JavaScript may execute.</summary>
    public int ScriptStatements { get; init; } = 50_000_000;
}
