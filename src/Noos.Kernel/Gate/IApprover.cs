namespace Noos.Kernel.Gate;

/// <summary>
/// Asks a person: at the terminal, on the page, or nobody. What it shows is the exact effect, and the answer is for it alone.
/// </summary>
public interface IApprover
{
    /// <summary>Asks.</summary>
    /// <returns>
    /// The answer; null if it comes later: the answer of the model then stops before the call, and goes on when its process is told.
    /// </returns>
    ValueTask<Approval?> AskAsync(ApprovalRequest request, CancellationToken cancellationToken);
}
