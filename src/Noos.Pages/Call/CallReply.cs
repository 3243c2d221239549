namespace Noos.Pages.Call;

/// <summary>What the page does after a piece of a call.</summary>
/// <param name="Actions">In this order.</param>
/// <param name="IsSpeaking">A person is speaking.</param>
/// <param name="Problem">Why the call cannot go on, in a sentence; null for no reason.</param>
public sealed record CallReply(IReadOnlyList<CallOrder> Actions, bool IsSpeaking, string? Problem);

/// <param name="Kind">Pause, Resume or Send.</param>
/// <param name="Text">The message.</param>
public sealed record CallOrder(string Kind, string Text);
