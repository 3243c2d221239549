using Noos.Core;
using Noos.Media.Audio;

namespace Noos.Media.Tests.Audio;

/// <summary>
/// Thousands of damaged recordings: each is decoded to its end, or refused in a sentence, in bounded time and memory; nothing else happens.
/// </summary>
public sealed class AudioFuzzTests
{
    const int Mutations = 1250;

    // Decoded sound of one file: whatever a header promises, a few kilobytes cannot hold more.
    static readonly AudioLimits s_limits = new() { MaxDuration = TimeSpan.FromMinutes(10) };

    public static TheoryData<string> Samples =>
        ["pcm.wav", "mulaw.wav", "tone.flac", "noise.flac", "tone.mp3", "tone.ogg", "opus.ogg", "opus.webm"];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Damaged_recording_is_decoded_or_refused(string name)
    {
        var original = Content(name);
        var random = new Random(name.Length);
        for (var mutation = 0; mutation < Mutations; mutation++)
        {
            var file = Mutate(original, random);
            try
            {
                using var mono = new MonoReader(AudioFile.Open(new MemoryStream(file), s_limits), 16_000);
                var block = new float[4096];
                while (mono.Read(block) > 0)
                {
                    Assert.All(block, sample => Assert.True(float.IsFinite(sample)));
                }
            }
            catch (NoosException refusal)
            {
                Assert.EndsWith(".", refusal.Message);
            }
        }
    }

    static byte[] Content(string name)
    {
        var tone = SampleSounds.Tone(48_000, 0.2);
        return name switch
        {
            "pcm.wav" => SampleSounds.Wav(SampleSounds.Tone(8000, 0.1), 8000),
            "mulaw.wav" => SampleSounds.Wav(7, 8, 8000, 1, new byte[400]),
            "opus.ogg" => SampleSounds.OggOpus(SampleSounds.OpusPackets(tone, 1), 1, 9000),
            "opus.webm" => SampleSounds.Webm(SampleSounds.OpusPackets(tone, 1), 1),
            _ => SampleSounds.Resource(name),
        };
    }

    /// <summary>
    /// A few changed bytes, mostly in the header, where most can go wrong; or a part is missing, twice there, or of zeros.
    /// </summary>
    static byte[] Mutate(byte[] original, Random random)
    {
        var file = (byte[])original.Clone();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(3) == 0 ? random.Next(file.Length) : random.Next(Math.Min(100, file.Length));
            file[at] = random.Next(4) switch
            {
                0 => (byte)(file[at] ^ (1 << random.Next(8))),
                1 => 0xFF,
                2 => 0,
                _ => (byte)random.Next(256),
            };
        }

        var (from, to) = (random.Next(file.Length), random.Next(file.Length));
        (from, to) = (Math.Min(from, to), Math.Max(from, to));
        return random.Next(6) switch
        {
            0 => file[..to],
            1 => [.. file[..from], .. file[to..]],
            2 => [.. file[..to], .. file[from..]],
            _ => file,
        };
    }
}
