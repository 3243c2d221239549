using System.Buffers.Binary;
using Noos.Core;
using Noos.Media.Encoders;
using Noos.Media.Speech;
using Noos.Peripherals.Ear;

namespace Noos.Peripherals.Call;

/// <summary>
/// One call: samples of a microphone to what is to be done. Keeps no more sound than the turn under way. Calls come one after the other;
/// the ear hears on another thread, and its words are taken with the next sound.
/// </summary>
/// <param name="microphone">Hears the turns.</param>
/// <param name="owner">Whose call it is.</param>
public sealed class CallSession(MicrophoneDevice microphone, string owner) : IDisposable
{
    // A page that was asleep sends much at once; more is not taken.
    const int MaxSamples = SpeechDetector.SampleRate * 60;

    readonly TurnTaking _turns = new();
    readonly SpeechDetector _detector = new();
    readonly Queue<float> _decided = new();
    readonly List<float> _kept = [];
    readonly List<float> _steps = [];
    readonly CancellationTokenSource _end = new();
    long _firstKept;
    int _taken;
    Task<string>? _hearing;

    /// <summary>A person is speaking.</summary>
    public bool IsPersonSpeaking => _turns.IsPersonSpeaking;

    /// <summary>Takes the next sound.</summary>
    /// <param name="pcm">16-bit samples at 16 kHz, little-endian.</param>
    /// <param name="sounding">What the loudspeaker says meanwhile; null where it is silent.</param>
    /// <returns>What the page is to do: <see cref="CallActionKind.Transcribe"/> is done here.</returns>
    /// <exception cref="NoosException">The ear cannot hear.</exception>
    public async Task<IReadOnlyList<CallAction>> HearAsync(ReadOnlyMemory<byte> pcm, string? sounding)
    {
        List<CallAction> actions = [];
        Take(pcm.Span);
        while (_kept.Count - _taken >= SpeechDetector.StepLength)
        {
            Apply(Step(sounding), actions);
        }

        if (_hearing is { IsCompleted: true } heard)
        {
            _hearing = null;
            Apply(_turns.Hear(await heard), actions);
        }

        Forget();
        return actions;
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    void Take(ReadOnlySpan<byte> pcm)
    {
        var count = Math.Min(pcm.Length / sizeof(short), MaxSamples);
        for (var i = 0; i < count; i++)
        {
            _kept.Add(BinaryPrimitives.ReadInt16LittleEndian(pcm[(i * sizeof(short))..]) / 32768f);
        }
    }

    IReadOnlyList<CallAction> Step(string? sounding)
    {
        var samples = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_kept).Slice(_taken, SpeechDetector.StepLength);
        _taken += SpeechDetector.StepLength;
        var power = 1e-12f;
        foreach (var sample in samples)
        {
            power += sample * sample / SpeechDetector.StepLength;
        }

        _steps.Clear();
        _detector.Process(samples, _steps);
        _steps.ForEach(_decided.Enqueue);

        // One decision a step, as soon as there is one: the first come late.
        return _turns.Step(10 * MathF.Log10(power), _decided.TryDequeue(out var speech) ? speech : 0, sounding);
    }

    void Apply(IReadOnlyList<CallAction> wanted, List<CallAction> actions)
    {
        foreach (var action in wanted)
        {
            if (action.Kind != CallActionKind.Transcribe)
            {
                actions.Add(action);
                continue;
            }

            var first = (int)Math.Clamp((action.FirstStep * SpeechDetector.StepLength) - _firstKept, 0, _taken);
            var turn = _kept[first.._taken].ToArray();

            // The ear is asked again when somebody has gone on speaking; what it heard before is of no use then.
            _hearing = HearTurnAsync(turn, _hearing);
        }
    }

    async Task<string> HearTurnAsync(float[] turn, Task<string>? before)
    {
        if (before is not null)
        {
            await ((Task)before).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var encoder = new WavEncoder(SpeechDetector.SampleRate, turn.Length);
        using var recording = new MemoryStream([.. encoder.Encode(turn), .. encoder.Finish()]);
        return await microphone.HearAsync(owner, recording, _end.Token);
    }

    void Forget()
    {
        var needed = (int)Math.Clamp((_turns.FirstNeeded * SpeechDetector.StepLength) - _firstKept, 0, _taken);
        _kept.RemoveRange(0, needed);
        _taken -= needed;
        _firstKept += needed;
    }
}
