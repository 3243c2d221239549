using Noos.Core;
using Noos.Kernel.Speech;

namespace Noos.Testing;

/// <summary>A voice that hums a tenth of a second for every sentence, and remembers what it was given.</summary>
public sealed class ToneVoice : IVoice, IVoiceSource
{
    readonly List<string> _read = [];

    public VoiceInfo Info { get; } = new("tone", "en") { Kind = "test", SampleRate = 24_000 };

    /// <summary>How long a sentence sounds at speed 1, in seconds.</summary>
    public double Seconds { get; init; } = 0.1;

    /// <summary>The sentences that were read, in order.</summary>
    public IReadOnlyList<string> Read
    {
        get
        {
            lock (_read)
            {
                return [.. _read];
            }
        }
    }

    public IReadOnlyList<VoiceInfo> List() => [Info];

    public IVoice Open(string? name) => name is null or "tone" or "alloy" or "nova" ? this
        : throw new NoosException(ErrorKind.NotFound, $"There is no voice '{name}'; there are: tone.");

    public IEnumerable<SpokenSentence> Speak(SpeechRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        foreach (var sentence in SentenceSplitter.Split(request.Text))
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_read)
            {
                _read.Add(sentence);
            }

            var samples = new float[(int)(Seconds * Info.SampleRate / request.Speed)];
            for (var i = 0; i < samples.Length; i++)
            {
                samples[i] = 0.2f * MathF.Sin(2 * MathF.PI * 440 * i / Info.SampleRate);
            }

            yield return new SpokenSentence(sentence, samples, Info.SampleRate);
        }
    }

    public void Dispose()
    {
    }
}
