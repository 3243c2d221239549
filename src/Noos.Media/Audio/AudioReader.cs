namespace Noos.Media.Audio;

/// <summary>A recording that is decoded as it is read, from its beginning to its end. Not thread-safe.</summary>
public abstract class AudioReader : IDisposable
{
    /// <summary>What it is, for people: "WAV", "Ogg Opus".</summary>
    public abstract string Format { get; }

    /// <summary>Samples per second of each channel.</summary>
    public abstract int SampleRate { get; }

    public abstract int ChannelCount { get; }

    /// <summary>What the header promises; null where it says nothing. It may be wrong.</summary>
    public virtual TimeSpan? Duration => null;

    /// <summary>Decodes the next samples.</summary>
    /// <param name="samples">
    /// Receives them, those of all channels side by side, mostly in -1 .. 1; as long as one sample of each at least.
    /// </param>
    /// <returns>How many, a multiple of <see cref="ChannelCount"/>; 0 at the end.</returns>
    /// <exception cref="Core.NoosException">The file is damaged (Damaged).</exception>
    public abstract int Read(Span<float> samples);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
