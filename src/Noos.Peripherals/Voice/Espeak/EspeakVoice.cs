using System.Buffers.Binary;
using Noos.Core;
using Noos.Kernel.Speech;

namespace Noos.Peripherals.Voice.Espeak;

/// <summary>The program espeak-ng as a voice: more than a hundred languages, at once and robotic.</summary>
sealed class EspeakVoice(EspeakProgram program, string name, string language) : IVoice
{
    const int WordsPerMinute = 170;
    const int HeaderLength = 44;

    public VoiceInfo Info { get; } = new(name, language) { Kind = "espeak-ng" };

    public IEnumerable<SpokenSentence> Speak(SpeechRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var pace = (int)Math.Clamp(WordsPerMinute * request.Speed, 80, 450);
        foreach (var sentence in SentenceSplitter.Split(SpokenMarkdown.Strip(request.Text)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wav = program.Run(
                sentence, "--stdout", "--stdin", "-v", language, "-s", pace.ToString(System.Globalization.CultureInfo.InvariantCulture));
            yield return Read(sentence, wav);
        }
    }

    public void Dispose()
    {
    }

    // The program writes WAV with 16-bit samples of one channel, and a header of fixed length.
    static SpokenSentence Read(string sentence, byte[] wav)
    {
        if (wav.Length < HeaderLength || !wav.AsSpan().StartsWith("RIFF"u8))
        {
            throw new NoosException(ErrorKind.Unavailable, "The program espeak-ng gave no sound; choose another voice.");
        }

        var rate = BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(24));
        var samples = new float[(wav.Length - HeaderLength) / sizeof(short)];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(HeaderLength + (i * sizeof(short)))) / 32768f;
        }

        return new SpokenSentence(sentence, samples, Math.Clamp(rate, 8000, 48_000));
    }
}
