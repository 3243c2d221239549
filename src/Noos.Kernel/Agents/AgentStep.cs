using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;

namespace Noos.Kernel.Agents;

/// <summary>The next step of an answer: a call of a tool, or a run of the model.</summary>
/// <param name="State">Before the step: what to go on from if it comes to nothing.</param>
/// <param name="Call">The call; null where the model is run.</param>
public sealed record AgentStep(AgentState State, ToolCallPart? Call)
{
    /// <summary>What the gate has decided on the call; null where the model is run, or there is no such tool.</summary>
    public Authorization? Authorization { get; init; }

    /// <summary>What the model is asked, where it is run.</summary>
    public Turn? Turn { get; init; }
}

/// <summary>What a step came to: one of the two.</summary>
/// <param name="State">After the step.</param>
/// <param name="Run">How the run of the model ended.</param>
/// <param name="Tool">What the tool answered.</param>
public sealed record AgentStepOutcome(AgentState State, RunFinished? Run = null, ToolOutcome? Tool = null)
{
    /// <summary>What the run made; nothing where it made nothing. Of one that goes on with a message only what follows that.</summary>
    public IReadOnlyList<Part> Parts { get; init; } = [];
}
