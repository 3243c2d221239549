namespace Noos.Peripherals.Call;

/// <summary>
/// Who speaks when, in a call: finds the end of a turn, lets a person interrupt, and keeps what the loudspeaker says from becoming a
/// message. A pure state machine over steps of 50 ms: it hears levels, decisions of a detector and words, and says what is to be done.
/// While the voice sounds, only what is louder than its echo interrupts it, and what comes back as its own words is no turn.
/// Not thread-safe.
/// </summary>
public sealed class TurnTaking
{
    /// <summary>Steps that a <see cref="Noos.Media.Speech.SpeechDetector"/> is late.</summary>
    public const int DetectorLag = 7;

    const float Likely = 0.5f;
    const float Unlikely = 0.35f;

    // An interruption is this much louder than the echo, for so many steps: 150 ms. With the way to the page it is silent within 300.
    const float InterruptionMargin = 6;
    const int InterruptionSteps = 3;
    const float MinInterruptionLevel = -50;

    // After an interruption somebody must be found to speak, else it was a door.
    const int ConfirmationSteps = DetectorLag + 8;
    const int MinSpeechSteps = 3;

    // Quiet before the ear is asked, and before a turn ends whose words do not end a sentence; the lag comes on top.
    const int AskingPause = 6;
    const int LongPause = 18;

    // Longer than this nobody is listened to at once.
    const int MaxTurnSteps = 60 * 20;

    // Words begin softly.
    const int StepsBefore = 6;

    // The room goes on for a while when the voice has ended.
    const int EchoTail = DetectorLag + 6;
    const float EchoDecay = 0.02f;

    readonly SpokenWords _spoken = new();
    readonly List<CallAction> _actions = [];
    Phase _phase = Phase.Quiet;
    bool _isVoiceOn;
    bool _isPaused;
    long _step;
    long _voiceUntil = -1000;
    long _turnStart;
    long _turnBegan;
    long _lastSpeech;
    long _askedAt = -1;
    string? _heard;
    bool _mayBeEcho;
    float _echo = MinInterruptionLevel;
    float _loudest;
    int _loudSteps;
    int _speechSteps;

    enum Phase
    {
        /// <summary>Nobody speaks, or the voice alone.</summary>
        Quiet,

        /// <summary>The voice was interrupted by something loud; perhaps somebody speaks.</summary>
        Interrupted,

        /// <summary>A person speaks, or has just paused.</summary>
        Speaking,
    }

    /// <summary>Steps up to now.</summary>
    public long Steps => _step;

    /// <summary>The first step of which the ear may still be asked: what was before may be forgotten.</summary>
    public long FirstNeeded => _phase == Phase.Quiet ? Math.Max(0, _step - DetectorLag - StepsBefore - InterruptionSteps) : _turnStart;

    /// <summary>A person is speaking.</summary>
    public bool IsPersonSpeaking => _phase == Phase.Speaking;

    /// <summary>Takes the next 50 ms.</summary>
    /// <param name="level">Of this step, in decibels relative to full scale.</param>
    /// <param name="speech">Probability that somebody spoke <see cref="DetectorLag"/> steps ago.</param>
    /// <param name="sounding">The sentence that the loudspeaker says; null where it is silent.</param>
    /// <returns>What is to be done, in this order; valid until the next call.</returns>
    public IReadOnlyList<CallAction> Step(float level, float speech, string? sounding)
    {
        _actions.Clear();
        Listen(sounding);
        switch (_phase)
        {
            case Phase.Quiet:
                LookForSpeech(level, speech);
                break;
            case Phase.Interrupted:
                Confirm(level, speech);
                break;
            default:
                Follow(level, speech);
                break;
        }

        _step++;
        return _actions;
    }

    /// <summary>Takes the words of the ear that was asked last.</summary>
    /// <param name="text">Empty where nobody spoke.</param>
    /// <returns>What is to be done; valid until the next call.</returns>
    public IReadOnlyList<CallAction> Hear(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _actions.Clear();
        if (_phase == Phase.Speaking && _askedAt >= 0 && _lastSpeech <= _askedAt)
        {
            _heard = text.Trim();
            Decide();
        }

        // Otherwise somebody went on speaking meanwhile, and the ear is asked for the whole turn again.
        return _actions;
    }

    void Listen(string? sounding)
    {
        _isVoiceOn = sounding is not null;
        if (sounding is not null)
        {
            _spoken.Add(sounding);
            _voiceUntil = _step;
        }
    }

    void LookForSpeech(float level, float speech)
    {
        if (_isVoiceOn)
        {
            var isLoud = level > MathF.Max(_echo + InterruptionMargin, MinInterruptionLevel);
            _loudSteps = isLoud ? _loudSteps + 1 : 0;
            _loudest = isLoud ? MathF.Max(_loudest, level) : float.NegativeInfinity;
            _echo = isLoud ? _echo : MathF.Max(level, _echo - EchoDecay);
            if (_loudSteps >= InterruptionSteps)
            {
                Begin(Phase.Interrupted, _step - InterruptionSteps - StepsBefore);
                (_isPaused, _mayBeEcho) = (true, true);
                _actions.Add(new CallAction(CallActionKind.Pause));
            }
        }
        else if (speech >= Likely && _step - _voiceUntil > EchoTail)
        {
            Begin(Phase.Speaking, _step - DetectorLag - StepsBefore);
        }
        else
        {
            _loudSteps = 0;
        }
    }

    void Begin(Phase phase, long start)
    {
        (_phase, _turnStart, _turnBegan, _lastSpeech) = (phase, Math.Max(0, start), _step, _step);
        (_askedAt, _heard, _speechSteps, _loudSteps, _mayBeEcho) = (-1, null, 0, 0, false);
    }

    void Confirm(float level, float speech)
    {
        _loudest = MathF.Max(_loudest, level);

        // Decisions about the time before the voice fell silent are about the voice.
        _speechSteps += speech >= Likely && _step - _turnBegan >= DetectorLag - InterruptionSteps ? 1 : 0;
        if (_speechSteps >= MinSpeechSteps)
        {
            (_phase, _lastSpeech) = (Phase.Speaking, _step);
        }
        else if (_step - _turnBegan >= ConfirmationSteps)
        {
            GoOn();
        }
    }

    void Follow(float level, float speech)
    {
        _loudest = MathF.Max(_loudest, level);
        if (speech >= Unlikely)
        {
            _lastSpeech = _step;
            _heard = null;
        }

        var pause = _step - _lastSpeech;
        var isTooLong = _step - _turnBegan >= MaxTurnSteps;
        if ((pause >= AskingPause || isTooLong) && _askedAt < _lastSpeech)
        {
            _askedAt = _step;
            _lastSpeech = isTooLong ? _step : _lastSpeech;
            _actions.Add(new CallAction(CallActionKind.Transcribe, FirstStep: _turnStart));
        }
        else if (_heard is not null)
        {
            Decide();
        }
    }

    /// <summary>The words of the whole turn are known, and nobody has spoken since.</summary>
    void Decide()
    {
        if (_heard!.Length == 0)
        {
            GoOn();
        }
        else if (_mayBeEcho && _spoken.Contain(_heard))
        {
            // So loud comes the voice back.
            _echo = MathF.Max(_echo, _loudest);
            GoOn();
        }
        else if (IsComplete(_heard) || _step - _lastSpeech >= LongPause || _step - _turnBegan >= MaxTurnSteps)
        {
            _actions.Add(new CallAction(CallActionKind.Send, _heard));
            (_phase, _heard, _isPaused) = (Phase.Quiet, null, false);
            _spoken.Clear();
        }
    }

    /// <summary>It was no turn.</summary>
    void GoOn()
    {
        (_phase, _heard) = (Phase.Quiet, null);
        _voiceUntil = _step;
        if (_isPaused)
        {
            _isPaused = false;
            _actions.Add(new CallAction(CallActionKind.Resume));
        }
    }

    static bool IsComplete(string text) => text[^1] is '.' or '?' or '!' && !text.EndsWith("...", StringComparison.Ordinal);
}
