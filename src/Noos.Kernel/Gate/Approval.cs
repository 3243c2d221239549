namespace Noos.Kernel.Gate;

/// <summary>What a person decided.</summary>
/// <param name="IsGranted">The call may run.</param>
/// <param name="Scope">How long that holds.</param>
/// <param name="Reason">Why it was refused, for the model; null for a refusal by a person.</param>
public sealed record Approval(bool IsGranted, ApprovalScope Scope = ApprovalScope.Once, string? Reason = null)
{
    public static readonly Approval Granted = new(IsGranted: true);

    public static readonly Approval Refused = new(IsGranted: false);
}
