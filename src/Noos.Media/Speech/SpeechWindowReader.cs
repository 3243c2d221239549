using Noos.Media.Audio;

namespace Noos.Media.Speech;

/// <summary>
/// The speech of a recording in windows for a recognizer: several sentences together up to a longest window, cut in pauses where there are
/// any. What is silence, noise or music is passed over. Holds no more than about a window in memory, however long the recording is. Not
/// thread-safe.
/// </summary>
public sealed class SpeechWindowReader : IDisposable
{
    // Longer ones part windows: a recognizer has nothing from hearing them.
    const int MaxPause = 2 * SpeechDetector.SampleRate;

    // A recording that begins to speak so soon is heard from its beginning.
    const int MaxLead = SpeechDetector.SampleRate;

    // Less than any word.
    const int MinSpeech = SpeechDetector.SampleRate / 5;
    const int BlockLength = SpeechDetector.SampleRate / 4;

    // Silence behind the end, by which the detector decides the last steps.
    const int FlushLength = SpeechDetector.SampleRate / 2;

    readonly MonoReader _source;
    readonly int _maxLength;
    readonly SpeechDetector? _detector;
    readonly SpeechSegmenter _segmenter = new();
    readonly List<float> _decided = [];
    readonly float[] _block = new float[BlockLength];

    // Samples from _first on; those from _kept on are still needed.
    float[] _samples = new float[BlockLength];
    int _count;
    long _first;
    long _kept;
    long _position;
    long _judged;
    bool _isAtEnd;

    /// <param name="source">At <see cref="SpeechDetector.SampleRate"/>; owned from now on.</param>
    /// <param name="maxLength">Longest window in samples.</param>
    /// <param name="detector">Finds the speech; null takes all of the recording for speech.</param>
    public SpeechWindowReader(MonoReader source, int maxLength, SpeechDetector? detector)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNotEqual(source.SampleRate, SpeechDetector.SampleRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxLength);
        (_source, _maxLength, _detector) = (source, maxLength, detector);
    }

    /// <summary>Samples that were decoded so far; at the end those of the recording.</summary>
    public long Length { get; private set; }

    /// <summary>The next window; null at the end.</summary>
    /// <param name="cancellationToken">Looked at every quarter of a second of sound.</param>
    /// <exception cref="Core.NoosException">The recording is damaged, or longer than may be.</exception>
    public SpeechWindow? Read(CancellationToken cancellationToken = default)
    {
        if (FindStart(cancellationToken) is not { } start)
        {
            return null;
        }

        _kept = start;
        var limit = start + _maxLength;
        var (end, endsInPause) = FindEnd(start, limit, cancellationToken);
        _position = Math.Min(end, Length);
        var samples = _samples.AsMemory((int)(start - _first), (int)(_position - start)).ToArray();
        return new SpeechWindow(start, samples, endsInPause);
    }

    /// <summary>Goes back to where the recognizer wants to go on.</summary>
    /// <param name="sample">Within the last window, counted from the beginning of the recording.</param>
    public void Rewind(long sample)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sample, _kept);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sample, _position);
        _position = sample;
    }

    public void Dispose() => _source.Dispose();

    long? FindStart(CancellationToken cancellationToken)
    {
        while (true)
        {
            var spans = _segmenter.Closed;
            // The margin of the last one may reach beyond the end.
            spans.RemoveAll(span => Math.Min(span.End, Length) - Math.Max(span.Start, _position) < MinSpeech);
            var open = _segmenter.OpenStart;
            if ((spans.Count > 0 ? spans[0].Start : IsLong(open) ? open : null) is { } first)
            {
                return WithLead(first);
            }

            _kept = WithLead(open ?? _segmenter.Settled);
            if (!Fill(cancellationToken) && spans.Count == 0)
            {
                return null;
            }
        }

        bool IsLong(long? begin) => begin is { } at && Length - Math.Max(at, _position) >= _maxLength;
    }

    /// <summary>Where a window begins whose first span does so at a sample.</summary>
    long WithLead(long begin) => _position == 0 && begin <= MaxLead ? 0 : Math.Max(begin, _position);

    /// <summary>The end of the last pause that the window reaches; where there is none, as much as it may hold.</summary>
    (long End, bool IsPause) FindEnd(long start, long limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = default(long?);
            var isDone = false;
            foreach (var span in _segmenter.Closed)
            {
                if (span.End > limit || (end is { } before && span.Start - before > MaxPause))
                {
                    isDone = true;
                    break;
                }

                end = Math.Max(end ?? start, span.End);
            }

            var next = _segmenter.OpenStart ?? _segmenter.Settled;
            isDone |= Length >= limit || (end is { } last && next - last > MaxPause);
            if (isDone || !Fill(cancellationToken))
            {
                return end is { } found ? (found, true) : (Math.Min(limit, Length), false);
            }
        }
    }

    /// <summary>Decodes and judges a little more; false where there was no more.</summary>
    bool Fill(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isAtEnd)
        {
            return false;
        }

        var read = _source.Read(_block);
        Forget();
        if (_count + read > _samples.Length)
        {
            Array.Resize(ref _samples, 2 * (_count + read));
        }

        _block.AsSpan(0, read).CopyTo(_samples.AsSpan(_count));
        _count += read;
        Length += read;
        Judge(_block.AsSpan(0, read));
        if (read == 0)
        {
            _isAtEnd = true;
            Judge(new float[FlushLength]);
            _segmenter.Complete();
        }

        return true;
    }

    void Judge(ReadOnlySpan<float> samples)
    {
        _decided.Clear();
        if (_detector is not null)
        {
            _detector.Process(samples, _decided);
        }
        else
        {
            for (; _judged < Length; _judged += SpeechDetector.StepLength)
            {
                _decided.Add(1);
            }
        }

        foreach (var probability in _decided)
        {
            _segmenter.Add(probability);
        }
    }

    /// <summary>
    /// Drops what is not needed any more, once it is half of what is held, so that a sample is moved once or twice at most.
    /// </summary>
    void Forget()
    {
        var dropped = (int)Math.Clamp(_kept - _first, 0, _count);
        if (dropped > 0 && dropped >= _count / 2)
        {
            Array.Copy(_samples, dropped, _samples, 0, _count - dropped);
            (_count, _first) = (_count - dropped, _first + dropped);
        }
    }
}
