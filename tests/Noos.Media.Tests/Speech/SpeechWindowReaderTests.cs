using Noos.Media.Audio;
using Noos.Media.Speech;
using Noos.Media.Tests.Audio;
using Noos.Testing;

namespace Noos.Media.Tests.Speech;

/// <summary>What a recognizer gets to hear of a recording.</summary>
public sealed class SpeechWindowReaderTests
{
    const int Second = SpeechDetector.SampleRate;

    public static TheoryData<string> Kinds => [.. SyntheticSound.Kinds];

    /// <summary>
    /// Ten minutes in all, of seeds that the detector was not trained with: once in half a minute of a kind it may be wrong for a moment
    /// (two of these sixty sounds have one), in which the recognizer must hear nothing.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nobody_speaks_in_silence_noise_and_music(string kind)
    {
        var windows = Enumerable.Range(1000, 3)
            .SelectMany(seed => ReadAll(SyntheticSound.Create(kind, 10, seed), new SpeechDetector())).ToList();

        Assert.True(windows.Count <= 1, $"{kind}: {string.Join(", ", windows.Select(window => window.Start / (double)Second))}");
        Assert.True(windows.Sum(window => window.Samples.Length) < 2 * Second);
    }

    [Fact]
    public void Without_a_detector_all_is_heard_window_by_window()
    {
        var samples = SampleSounds.Tone(Second, 25);
        var windows = ReadAll(samples, detector: null, maxSeconds: 10);

        Assert.Equal([0, 10L * Second, 20L * Second], windows.Select(window => window.Start));
        Assert.Equal(samples.Length, windows.Sum(window => window.Samples.Length));
        Assert.Equal([false, false, true], windows.Select(window => window.EndsInPause));
    }

    [Fact]
    public void Recognizer_can_go_back_within_its_window()
    {
        using var reader = Reader(SampleSounds.Tone(Second, 25), detector: null, maxSeconds: 10);
        var starts = new List<double>();
        while (reader.Read(TestContext.Current.CancellationToken) is { } window)
        {
            starts.Add((double)window.Start / Second);
            if (!window.EndsInPause)
            {
                reader.Rewind(window.Start + (8 * Second));
            }
        }

        Assert.Equal([0, 8, 16], starts);
    }

    [Fact]
    public void Recording_of_an_hour_takes_the_memory_of_a_window()
    {
        using var source = new MonoReader(new EndlessTone(TimeSpan.FromHours(1)), Second);
        using var reader = new SpeechWindowReader(source, 30 * Second, detector: null);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var seconds = 0d;
        while (reader.Read(TestContext.Current.CancellationToken) is { } window)
        {
            seconds += (double)window.Samples.Length / Second;
        }

        Assert.Equal(3600, seconds, 0.1);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 20 << 20);
        GC.KeepAlive(reader);
    }

    static List<SpeechWindow> ReadAll(float[] samples, SpeechDetector? detector, int maxSeconds = 30)
    {
        using var reader = Reader(samples, detector, maxSeconds);
        var windows = new List<SpeechWindow>();
        while (reader.Read(TestContext.Current.CancellationToken) is { } window)
        {
            windows.Add(window);
        }

        return windows;
    }

    static SpeechWindowReader Reader(float[] samples, SpeechDetector? detector, int maxSeconds) => new(
        new MonoReader(AudioFile.Open(new MemoryStream(SampleSounds.Wav(samples, Second))), Second), maxSeconds * Second, detector);

    /// <summary>A long recording that takes no memory.</summary>
    sealed class EndlessTone(TimeSpan length) : AudioReader
    {
        long _left = (long)(length.TotalSeconds * Second);

        public override string Format => "tone";

        public override int SampleRate => Second;

        public override int ChannelCount => 1;

        public override int Read(Span<float> samples)
        {
            var count = (int)Math.Min(samples.Length, _left);
            samples[..count].Fill(0.25f);
            _left -= count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
