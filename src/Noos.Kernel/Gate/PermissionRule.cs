using System.Text.Json.Serialization;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>
/// A decision of a person that is remembered: for one conversation or for all of an owner, for a capability or for one exact effect.
/// </summary>
/// <param name="Id">Of its row in the journal; 0 where there is none yet.</param>
/// <param name="Owner">Who decided, and for whom it holds.</param>
/// <param name="Process">The conversation in which it holds, sub-agents included; null for all of the owner's.</param>
/// <param name="Capability">What was asked for.</param>
/// <param name="Kind">What kind of effect.</param>
/// <param name="Target">The exact target; null for any.</param>
/// <param name="ContentDigest">SHA-256 of the exact content; null for none, or any.</param>
/// <param name="IsGranted">False for "never".</param>
/// <param name="Sentence">What the person read.</param>
public sealed record PermissionRule(
    long Id, string Owner, long? Process, Capability Capability, EffectKind Kind, string? Target, string? ContentDigest,
    [property: JsonPropertyName("granted")] bool IsGranted, string Sentence)
{
    /// <summary>The process whose question was answered.</summary>
    public long? DecidedIn { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>Since when it holds no more; null while it does.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>It covers one exact effect, not a whole capability.</summary>
    [JsonIgnore]
    public bool IsExact => Target is not null;

    /// <summary>The lasting part of an answer.</summary>
    public static PermissionRule From(AskedEffect asked, Approval approval, string owner, long? conversation)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(approval);
        return new PermissionRule(
            0, owner, approval.Scope == ApprovalScope.Always ? null : conversation, asked.Effect.Capability, asked.Effect.Kind,
            asked.Target, asked.Target is null ? null : asked.Effect.ContentDigest, approval.IsGranted, asked.Effect.Sentence);
    }

    /// <summary>Whether it speaks of an effect of a caller.</summary>
    internal bool Covers(Caller caller, Effect effect, string target) =>
        Revoked is null && Owner == caller.Owner && (Process is null || Process == caller.Conversation) && Capability == effect.Capability
            && Kind == effect.Kind && (Target is null || (Target == target && ContentDigest == effect.ContentDigest));
}
