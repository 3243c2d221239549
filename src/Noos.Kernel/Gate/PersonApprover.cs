using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>
/// A person has asked for code to be run: that is the answer to the question whether it may, for this once. Whatever else a call would do
/// is asked for where its model makes it.
/// </summary>
public sealed class PersonApprover : IApprover
{
    public static PersonApprover Instance { get; } = new();

    public ValueTask<Approval?> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ValueTask.FromResult<Approval?>(
            request.Effects.All(asked => asked.Effect.Capability == Capability.RunCode) ? Approval.Granted : Approval.Refused);
    }
}
