using System.Diagnostics;
using System.Text.Json;
using Noos.Kernel.Speech;
using Noos.Testing;
using Noos.Peripherals.Voice.English;
using Noos.Peripherals.Voice.Piper;

namespace Noos.Peripherals.Tests.Voice;

/// <summary>A real Piper voice, beside what Piper itself makes of the same sentences.</summary>
/// <remarks>Alone: the processors of the whole program are counted.</remarks>
[Collection(nameof(Alone))]
public sealed class RealVoiceTests(ITestOutputHelper output)
{
    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;

    // Of one step of the voice's frames.
    const int FrameLength = 256;

    // Where the samples stand that the file of expected values has.
    const int GivenAt = 2000;

    static readonly Lazy<PiperVoice?> s_voice = new(() =>
        SharedFiles.Find("data", "models", "en_US-joe-medium.onnx.zst") is { } path ? PiperVoice.Open(path) : null);

    [Fact]
    public void Lengths_and_samples_without_noise_are_those_of_piper()
    {
        var voice = Voice();
        foreach (var sentence in Sentences())
        {
            for (var part = 0; part < sentence.Ids.Length; part++)
            {
                var samples = voice.Synthesize(sentence.Ids[part], 1, 0, noise: 0, TestContext.Current.CancellationToken);
                Assert.InRange(samples.Length, sentence.Samples[part] - (2 * FrameLength), sentence.Samples[part] + (2 * FrameLength));
                var loudness = Math.Sqrt(samples.Average(sample => (double)sample * sample));
                Assert.InRange(loudness, sentence.Rms[part] * 0.98, sentence.Rms[part] * 1.02);
                if (part == 0 && samples.Length == sentence.Samples[part])
                {
                    Assert.All(sentence.First.Zip(samples.Skip(GivenAt)), pair => Assert.Equal(pair.First, pair.Second, 0.002));
                }
            }
        }
    }

    [Fact]
    public void Sounds_agree_with_those_of_espeak()
    {
        var phonemizer = new EnglishPhonemizer();
        var (wrong, all) = (0, 0);
        foreach (var sentence in Sentences())
        {
            var expected = string.Join(' ', sentence.Phonemes);
            var made = phonemizer.Phonemize(sentence.Text);
            wrong += Distance(expected, made);
            all += expected.Length;
            output.WriteLine($"{expected}\n{made}\n");
        }

        output.WriteLine($"{wrong} of {all} characters differ");
        Assert.InRange((double)wrong / all, 0, 0.25);
    }

    [Fact]
    public void Same_seed_gives_the_same_samples()
    {
        var voice = Voice();
        var (one, two) = (Speak(1), Speak(1));

        Assert.Equal(one, two);
        Assert.NotEqual(one, Speak(2));

        float[] Speak(int seed) => voice.Speak(
            new SpeechRequest("Good morning.") { Seed = seed }, TestContext.Current.CancellationToken).Single().Samples;
    }

    [Fact]
    public void Speech_is_made_faster_than_it_is_heard()
    {
        var voice = Voice();
        var request = new SpeechRequest("The quick brown fox jumps over the lazy dog. It costs twelve dollars, and nobody knows why.");
        _ = voice.Speak(request, TestContext.Current.CancellationToken).Sum(sentence => sentence.Samples.Length);
        var clock = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var samples = voice.Speak(request, TestContext.Current.CancellationToken).Sum(sentence => sentence.Samples.Length);
        var seconds = (double)samples / voice.Info.SampleRate;
        var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        output.WriteLine($"{seconds:F2} s of speech in {clock.Elapsed.TotalSeconds:F3} s, {used.TotalSeconds:F3} s of processors");

        // Generous: other work may go on beside the test. The bar of 0.1 is measured by the benchmark.
        Assert.InRange(used.TotalSeconds / seconds, 0, 1);
    }

    static PiperVoice Voice()
    {
        Assert.SkipWhen(s_voice.Value is null, "The voice in ../shared/data/models is not here.");
        return s_voice.Value!;
    }

    static List<Expected> Sentences()
    {
        var path = SharedFiles.Find("conformance", "speech", "piper-en_US-joe-medium.jsonl");
        Assert.SkipWhen(path is null, "The expected sentences in ../shared/conformance/speech are not here.");
        return [.. File.ReadLines(path!).Select(line => JsonSerializer.Deserialize<Expected>(line, JsonSerializerOptions.Web)!)];
    }

    static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }

    sealed record Expected(string Text, string[] Phonemes, long[][] Ids, int[] Samples, double[] Rms, double[] First);
}
