using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Kernel.Processes;

namespace Noos.Peripherals.Ear;

/// <summary>
/// The microphone's side of the operating system: whoever is listened to is a process, listed and killed like every other request, and a
/// person can refuse the microphone for good. Nothing of what is heard is kept. Thread-safe.
/// </summary>
/// <param name="ear">Hears; null where there is none.</param>
/// <param name="requests">Where it is listed while it hears.</param>
/// <param name="gate">Knows what is refused.</param>
public sealed class MicrophoneDevice(ISpeechToTextClient? ear, RequestTable requests, ToolGate gate)
{
    /// <summary>Seconds of one recording: more than anybody says in one message.</summary>
    public const int MaxSeconds = 300;

    ISpeechToTextClient Ear => ear ?? throw new NoosException(
        ErrorKind.NotFound, "This server has no ear; start it with 'noos up', and get one with 'noos pull ggerganov/whisper.cpp'.");

    /// <summary>Makes the ear ready, so that what is missing is said before somebody speaks.</summary>
    /// <exception cref="NoosException">The microphone is refused (Refused), or no ear is installed (NotFound).</exception>
    public async Task OpenAsync(string owner, CancellationToken cancellationToken = default)
    {
        Require(owner);
        if (Ear.GetService(typeof(EarSource)) is EarSource source)
        {
            await source.OpenAsync(cancellationToken);
        }
    }

    /// <summary>What somebody says.</summary>
    /// <param name="owner">Whose process it is.</param>
    /// <param name="recording">Any format that is read.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <returns>Empty where nobody speaks.</returns>
    /// <exception cref="NoosException">
    /// The microphone is refused, no ear is installed, the recording cannot be heard, or the process was killed.
    /// </exception>
    public async Task<string> HearAsync(string owner, Stream recording, CancellationToken cancellationToken = default)
    {
        Require(owner);
        using var process = requests.Begin(
            owner, new ProcessProgram { Name = "microphone" }, "Listens to the microphone", ProcessPriority.Interactive,
            cancellationToken);
        process.Run();
        try
        {
            return (await Ear.GetTextAsync(recording, cancellationToken: process.Token)).Text.Trim();
        }
        catch (OperationCanceledException) when (process.IsKilled)
        {
            throw process.ToException();
        }
    }

    void Require(string owner)
    {
        if (gate.FindRefusal(Effect.Listen(), new Caller("microphone") { Owner = owner }) is { } refusal)
        {
            throw new NoosException(ErrorKind.Refused, $"{refusal} The page Permissions says what is refused.");
        }
    }
}
