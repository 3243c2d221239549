namespace Noos.Peripherals.Call;

/// <summary>What whoever holds a call does next.</summary>
/// <param name="Kind">What.</param>
/// <param name="Text">The message; empty for all but <see cref="CallActionKind.Send"/>.</param>
/// <param name="FirstStep">Of what the ear is to hear; 0 for all but <see cref="CallActionKind.Transcribe"/>.</param>
public sealed record CallAction(CallActionKind Kind, string Text = "", long FirstStep = 0);

/// <summary>Kinds of <see cref="CallAction"/>.</summary>
public enum CallActionKind
{
    /// <summary>The voice falls silent at once, and may go on.</summary>
    Pause,

    /// <summary>The voice goes on: it was only itself, or a noise.</summary>
    Resume,

    /// <summary>The ear hears what was said since a step, and its words come to <see cref="TurnTaking.Hear"/>.</summary>
    Transcribe,

    /// <summary>A turn is over: voice and answer end, and its words are a message.</summary>
    Send,
}
