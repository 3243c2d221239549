namespace Noos.Media.Speech;

/// <summary>
/// Probabilities of speech to spans: one begins where speech is likely, ends after a pause, and counts where it was long and likely enough.
/// Spans reach a little further than what was found, since words begin and end softly. Not thread-safe.
/// </summary>
sealed class SpeechSegmenter
{
    const float Begin = 0.5f;
    const float End = 0.35f;

    // Once in a span somebody must be heard beyond doubt, so often.
    const float Certain = 0.8f;
    const int MinCertainSteps = 3;
    const int PauseSteps = 6;
    const int StepsBefore = 5;
    const int StepsBehind = 6;

    readonly List<(long Start, long End)> _closed = [];
    long _step;
    long _begin = -1;
    long _lastLikely;
    int _certain;

    /// <summary>Spans that are over, in samples and in order; they may overlap by their margins. Who has used some removes them.</summary>
    public List<(long Start, long End)> Closed => _closed;

    /// <summary>The beginning of the span that is not over, in samples; null where it is not certain that somebody speaks.</summary>
    public long? OpenStart => _begin >= 0 && _certain >= MinCertainSteps ? StartOf(_begin) : null;

    /// <summary>No span that is not known yet begins before this sample.</summary>
    public long Settled => StartOf(_begin >= 0 ? _begin : _step);

    /// <summary>Takes the probability of the next step.</summary>
    public void Add(float probability)
    {
        if (_begin < 0)
        {
            if (probability >= Begin)
            {
                (_begin, _lastLikely, _certain) = (_step, _step, probability >= Certain ? 1 : 0);
            }
        }
        else if (probability >= End)
        {
            _lastLikely = _step;
            _certain += probability >= Certain ? 1 : 0;
        }
        else if (_step - _lastLikely >= PauseSteps)
        {
            Close();
        }

        _step++;
    }

    /// <summary>The recording is over.</summary>
    public void Complete() => Close();

    void Close()
    {
        if (_begin >= 0 && _certain >= MinCertainSteps)
        {
            _closed.Add((StartOf(_begin), (_lastLikely + 1 + StepsBehind) * SpeechDetector.StepLength));
        }

        _begin = -1;
    }

    static long StartOf(long step) => Math.Max(0, step - StepsBefore) * SpeechDetector.StepLength;
}
