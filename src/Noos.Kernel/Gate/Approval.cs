namespace Noos.Kernel.Gate;

/// <summary>What a person decided.</summary>
/// <param name="IsGranted">The call may run.</param>
/// <param name="Scope">How long that holds.</param>
/// <param name="Reason">Why it was refused, for the model; null for a refusal by a person.</param>
public sealed record Approval(bool IsGranted, ApprovalScope Scope = ApprovalScope.Once, string? Reason = null)
{
    /// <summary>Who asked has remembered it already, in the journal; else the gate does, in memory.</summary>
    public bool IsRecorded { get; init; }

    public static readonly Approval Granted = new(IsGranted: true);

    public static readonly Approval Refused = new(IsGranted: false);
}
