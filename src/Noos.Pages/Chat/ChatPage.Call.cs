using Microsoft.JSInterop;
using Noos.Core;
using Noos.Pages.Call;
using Noos.Peripherals.Call;

namespace Noos.Pages.Chat;

/// <summary>What the microphone of a browser needs of its page; called by its script.</summary>
public sealed partial class ChatPage
{
    CallSession? _call;

    /// <summary>Makes the ear ready.</summary>
    /// <returns>Why nothing can be heard, in a sentence; null for no reason.</returns>
    [JSInvokable]
    public async Task<string?> OpenMicrophoneAsync()
    {
        try
        {
            await Microphone.OpenAsync(Visitor.Principal.Owner);
            return null;
        }
        catch (NoosException e)
        {
            return e.Message;
        }
    }

    /// <summary>A call begins; one that was there is over.</summary>
    [JSInvokable]
    public async Task BeginCallAsync()
    {
        EndCall();
        _call = await Task.Run(() => new CallSession(Microphone, Visitor.Principal.Owner));
    }

    /// <summary>Hears a piece of a call.</summary>
    /// <param name="pcm">16-bit samples at 16 kHz.</param>
    /// <param name="sounding">The sentence that is read aloud meanwhile; null for none.</param>
    [JSInvokable]
    public async Task<CallReply> HearCallAsync(byte[] pcm, string? sounding)
    {
        ArgumentNullException.ThrowIfNull(pcm);
        if (_call is not { } call)
        {
            return new CallReply([], false, "The call has ended; begin it again.");
        }

        try
        {
            // Away from the thread of the page, which draws.
            var actions = await Task.Run(() => call.HearAsync(pcm, sounding));
            return new CallReply(
                [.. actions.Select(action => new CallOrder(action.Kind.ToString(), action.Text))], call.IsPersonSpeaking, null);
        }
        catch (NoosException e)
        {
            return new CallReply([], false, e.Message);
        }
    }

    [JSInvokable]
    public void EndCall()
    {
        _call?.Dispose();
        _call = null;
    }

    /// <summary>The number of the last turn; 0 for none.</summary>
    [JSInvokable]
    public long LatestTurn() => _view?.Path is [.., var last] ? last.Id : 0;
}
