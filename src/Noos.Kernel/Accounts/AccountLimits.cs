namespace Noos.Kernel.Accounts;

/// <summary>What a person may use. Those of the owner are not looked at: the machine is the owner's.</summary>
public sealed record AccountLimits
{
    /// <summary>
    /// What tools of members may do unless the owner says otherwise: nothing that reaches the owner's own files or services.
    /// </summary>
    public static IReadOnlyList<string> UsualCapabilities { get; } = ["net", "code", "memory", "spawn"];

    /// <summary>Requests per minute; null for what the server allows everybody.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Prompt and answer tokens per day (UTC); null for no limit.</summary>
    public long? TokensPerDay { get; init; }

    /// <summary>Bytes of all files of the person's conversations; null for no limit.</summary>
    public long? FileBytes { get; init; }

    /// <summary>
    /// The capabilities that the person's processes may use, by name; others are closed to them, whoever would grant them.
    /// </summary>
    public IReadOnlyList<string> Capabilities { get; init; } = UsualCapabilities;
}
