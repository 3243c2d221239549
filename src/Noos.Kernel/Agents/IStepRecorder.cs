namespace Noos.Kernel.Agents;

/// <summary>
/// Told of every step of an answer before and after it; the loop waits until it is done, so what is written here is on the disk before the
/// world changes, and before the next step builds on it. A failure stops the answer.
/// </summary>
public interface IStepRecorder
{
    /// <summary>The step is about to begin; nothing has happened yet.</summary>
    ValueTask BeforeAsync(AgentStep step, CancellationToken cancellationToken);

    /// <summary>The step is over. Not told of a step that was cancelled or failed.</summary>
    ValueTask AfterAsync(AgentStep step, AgentStepOutcome outcome, CancellationToken cancellationToken);
}
