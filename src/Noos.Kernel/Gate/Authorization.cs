using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>What the gate has decided on a call: it may run, it is refused, or a person has yet to answer.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Call">The call.</param>
/// <param name="Caller">Who makes it.</param>
/// <param name="Effects">What it will do: no more than this.</param>
public sealed record Authorization(ITool Tool, ToolCallPart Call, Caller Caller, IReadOnlyList<Effect> Effects)
{
    /// <summary>Why it may not run, for the model; null if it may.</summary>
    public string? Refusal { get; init; }

    /// <summary>A person was asked and has not answered.</summary>
    public bool IsPending { get; init; }

    /// <summary>On what ground the effects are allowed, one sentence each; for the journal.</summary>
    public IReadOnlyList<string> Grounds { get; init; } = [];

    /// <summary>Addresses whose redirects may lead to other sites: nothing of what the process has read can be in them.</summary>
    internal IReadOnlyList<string> FreeRedirects { get; init; } = [];
}
