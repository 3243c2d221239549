namespace Noos.Kernel.Gate;

/// <summary>Where no person can be asked: refuses, and says so.</summary>
public sealed class NobodyApprover : IApprover
{
    public static readonly NobodyApprover Instance = new();

    public ValueTask<Approval?> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ValueTask.FromResult<Approval?>(new Approval(IsGranted: false, Reason:
            $"This needs the permission of a person, and nobody is there to ask: {request.Sentence}."));
    }
}
