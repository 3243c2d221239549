namespace Noos.Media.Speech;

/// <summary>What a few milliseconds of sound are like. A value type that is filled in place: there are a hundred in a second.</summary>
struct SpeechFrame
{
    /// <summary>Decibels relative to full scale.</summary>
    public float Level;

    /// <summary>Height of the first peak of the normalized autocorrelation in the range of voices: 1 for a periodic sound.</summary>
    public float Harmonicity;

    /// <summary>Logarithm of the period in samples that the peak is at.</summary>
    public float LogPeriod;

    /// <summary>Of the spectrum: 0 for a single line, 1 for white noise.</summary>
    public float Entropy;

    /// <summary>Decibels of each band.</summary>
    public SpeechBands Bands;
}

/// <summary>A number for each of <see cref="FrameAnalyzer.BandCount"/> bands.</summary>
[System.Runtime.CompilerServices.InlineArray(FrameAnalyzer.BandCount)]
struct SpeechBands
{
    float _first;
}
