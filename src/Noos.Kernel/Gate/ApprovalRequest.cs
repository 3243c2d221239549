using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>A question to a person: may this call do this?</summary>
/// <param name="Caller">Which process wants it.</param>
/// <param name="Call">The call, all of it.</param>
/// <param name="Effects">What of it is not allowed yet; one answer for all.</param>
public sealed record ApprovalRequest(Caller Caller, ToolCallPart Call, IReadOnlyList<AskedEffect> Effects)
{
    /// <summary>The question in one line.</summary>
    public string Sentence => string.Join("; ", Effects.Select(asked => $"{asked.Effect.Sentence} ({asked.Reason})"));

    /// <summary>The decisions to remember if the answer is to hold longer than this call.</summary>
    public IReadOnlyList<PermissionRule> Remember(Approval approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        return approval.Scope == ApprovalScope.Once
            ? []
            : [.. Effects.Select(asked => PermissionRule.From(asked, approval, Caller.Owner, Caller.Conversation))];
    }
}

/// <summary>One effect that a person is asked for.</summary>
/// <param name="Effect">It is shown whole: sentence, target, content.</param>
/// <param name="Reason">Why it is asked for.</param>
/// <param name="Target">
/// What a lasting answer covers: this exact target (and content), or the links of a source; null for the whole kind of its capability.
/// </param>
public sealed record AskedEffect(Effect Effect, string Reason, string? Target);
