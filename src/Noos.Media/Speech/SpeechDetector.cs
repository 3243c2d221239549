namespace Noos.Media.Speech;

/// <summary>
/// Voice activity detection: finds who speaks in a stream of sound at 16 kHz, so that silence, noise and music never reach a recognizer
/// that would hear words in them. Decides 50 ms at a time, a third of a second late. Not thread-safe.
/// </summary>
public sealed class SpeechDetector
{
    /// <summary>Samples per second of what it hears.</summary>
    public const int SampleRate = FrameAnalyzer.SampleRate;

    /// <summary>Samples that one decision is about: 50 ms.</summary>
    public const int StepLength = FramesPerStep * FrameAnalyzer.Hop;

    const int FramesPerStep = 5;

    // Quieter than any microphone that somebody speaks into.
    const float MinLevel = -66;

    // The floor of the noise is the quietest frame of about the last six seconds.
    const int FloorBlocks = 4;
    const int FramesPerFloorBlock = 160;

    readonly FrameAnalyzer _analyzer = new();
    readonly SpeechClassifier _classifier;
    readonly float[] _samples = new float[FrameAnalyzer.Length];
    readonly SpeechFrame[] _frames = new SpeechFrame[ContextFeatures.Frames];
    readonly Queue<float> _floors = new();
    readonly float[] _features = new float[ContextFeatures.Count];
    float _floor = float.PositiveInfinity;
    int _filled;
    long _frameCount;

    public SpeechDetector()
        : this(SpeechClassifier.Default)
    {
    }

    internal SpeechDetector(SpeechClassifier classifier)
    {
        _classifier = classifier;
        // Before the beginning there was silence; the first frame is centred on the first sample.
        _filled = FrameAnalyzer.Length / 2;
        var silence = _analyzer.Analyze(_samples);
        Array.Fill(_frames, silence);
    }

    /// <summary>
    /// Hears more sound and says what is decided by now: for each whole 50 ms, from the beginning on, whether somebody speaks.
    /// </summary>
    /// <param name="samples">In -1 .. 1; at the end some silence flushes what is still undecided.</param>
    /// <param name="decided">Receives a probability per step.</param>
    public void Process(ReadOnlySpan<float> samples, ICollection<float> decided)
    {
        ArgumentNullException.ThrowIfNull(decided);
        ProcessFeatures(samples, (features, level) => decided.Add(level < MinLevel ? 0 : _classifier.Classify(features)));
    }

    /// <summary>The same, but shows what the decisions would be made by.</summary>
    /// <param name="samples">In -1 .. 1</param>
    /// <param name="see">Is shown the features of a step, and its level in decibels.</param>
    internal void ProcessFeatures(ReadOnlySpan<float> samples, FeatureWatcher see)
    {
        while (!samples.IsEmpty)
        {
            var taken = Math.Min(samples.Length, FrameAnalyzer.Length - _filled);
            samples[..taken].CopyTo(_samples.AsSpan(_filled));
            samples = samples[taken..];
            _filled += taken;
            if (_filled == FrameAnalyzer.Length)
            {
                Add(_analyzer.Analyze(_samples), see);
                _samples.AsSpan(FrameAnalyzer.Hop).CopyTo(_samples);
                _filled -= FrameAnalyzer.Hop;
            }
        }
    }

    void Add(SpeechFrame frame, FeatureWatcher see)
    {
        Array.Copy(_frames, 1, _frames, 0, _frames.Length - 1);
        _frames[^1] = frame;
        _floor = MathF.Min(_floor, frame.Level);
        _frameCount++;
        if (_frameCount % FramesPerFloorBlock == 0)
        {
            _floors.Enqueue(_floor);
            _floor = float.PositiveInfinity;
            while (_floors.Count > FloorBlocks)
            {
                _floors.Dequeue();
            }
        }

        // The middle of the context is the middle of a step.
        var middle = _frameCount - (ContextFeatures.Frames / 2);
        if (middle >= 0 && middle % FramesPerStep == FramesPerStep / 2)
        {
            var floor = MathF.Min(_floor, _floors.Count == 0 ? float.PositiveInfinity : _floors.Min());
            ContextFeatures.Compute(_frames, floor, _features);
            see(_features, Loudest());
        }
    }

    float Loudest()
    {
        var level = float.NegativeInfinity;
        for (var i = _frames.Length / 4; i < _frames.Length * 3 / 4; i++)
        {
            level = MathF.Max(level, _frames[i].Level);
        }

        return level;
    }

    /// <param name="features">Of a step; valid during the call.</param>
    /// <param name="level">The loudest frame around it, in decibels.</param>
    internal delegate void FeatureWatcher(ReadOnlySpan<float> features, float level);
}
