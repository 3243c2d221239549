using Noos.Core;
using Noos.Inference.Graphs.Tensors;
using Noos.Inference.Graphs;
using Noos.Kernel.Speech;
using Noos.Language.Onnx;
using Noos.Peripherals.Voice.English;
using Noos.Peripherals.Voice.Espeak;
using ZstdSharp;

namespace Noos.Peripherals.Voice.Piper;

/// <summary>
/// A Piper voice (https://github.com/rhasspy/piper): VITS (Kim et al. 2021) as an ONNX file, run by our own engine, with phonemes of our
/// own for English. Thread-safe; texts of several threads follow each other sentence by sentence.
/// </summary>
public sealed class PiperVoice : IVoice
{
    // Piper's own voices are raw; at this factor speech comes to about -20 dB, as other programs play it.
    const float Gain = 1.6f;
    const float Ceiling = 0.97f;
    const double SentencePause = 0.2;

    // A longer chunk would need much memory; nobody notices a break at a comma after so long.
    const int MaxPhonemes = 400;

    readonly GraphModel _model;
    readonly PiperConfig _config;
    readonly IPhonemizer _phonemizer;

    PiperVoice(string name, GraphModel model, PiperConfig config, IPhonemizer phonemizer)
    {
        (_model, _config, _phonemizer) = (model, config, phonemizer);
        Info = new VoiceInfo(name, config.Language) { Kind = "Piper", SampleRate = config.SampleRate };
    }

    public VoiceInfo Info { get; }

    /// <summary>Opens a voice.</summary>
    /// <param name="path">Of its ONNX file, also packed as .onnx.zst; its JSON lies beside it.</param>
    /// <param name="options">How it computes.</param>
    /// <exception cref="NoosException">A file is missing or damaged, or nobody here can pronounce its language.</exception>
    public static PiperVoice Open(string path, GraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var isPacked = path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase);
        var plain = isPacked ? path[..^".zst".Length] : path;
        var config = PiperConfig.Open(plain + ".json");
        return Create(Path.GetFileNameWithoutExtension(plain), config, isPacked ? Unpack(path) : OnnxModel.Open(path), options);
    }

    internal static PiperVoice Create(string name, PiperConfig config, OnnxModel onnx, GraphOptions? options)
    {
        IPhonemizer phonemizer = config.ReadsLetters ? new LetterPhonemizer()
            : config.EspeakVoice.StartsWith("en", StringComparison.OrdinalIgnoreCase) ? new EnglishPhonemizer()
            : new EspeakPhonemizer(EspeakProgram.Find() ?? throw new NoosException(
                ErrorKind.Unavailable,
                $"The voice '{name}' speaks {config.Language}, for which the program espeak-ng is needed; install it, or take an English "
                + "voice."), config.EspeakVoice);
        return new PiperVoice(name, GraphModel.Create(onnx, name, options), config, phonemizer);
    }

    public IEnumerable<SpokenSentence> Speak(SpeechRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var index = 0;
        foreach (var sentence in SentenceSplitter.Split(SpokenMarkdown.Strip(request.Text)))
        {
            var samples = new List<float>();
            foreach (var phonemes in Chunk(_phonemizer.Phonemize(sentence)))
            {
                // Sentences of one text differ in their noise, or they would all sound alike.
                var made = Synthesize(Encode(phonemes), request.Speed, unchecked(request.Seed + (index++ * 7919)), 1, cancellationToken);
                Soften(made);
                samples.AddRange(made);
            }

            if (samples.Count > 0)
            {
                samples.AddRange(new float[(int)(SentencePause * _config.SampleRate / request.Speed)]);
                yield return new SpokenSentence(sentence, [.. samples], _config.SampleRate);
            }
        }
    }

    public void Dispose() => _model.Dispose();

    /// <summary>The samples of a sequence of phoneme numbers, as the network gives them.</summary>
    /// <param name="ids">With those of begin, end and padding.</param>
    /// <param name="speed">1 for the voice's own.</param>
    /// <param name="seed">Of the noise.</param>
    /// <param name="noise">Factor of the voice's usual noise; 0 for none.</param>
    /// <param name="cancellationToken">Looked at between operators.</param>
    internal float[] Synthesize(long[] ids, double speed, int seed, float noise, CancellationToken cancellationToken = default)
    {
        var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["input"] = Tensor.From(ids, 1, ids.Length),
            ["input_lengths"] = Tensor.From([(long)ids.Length], 1),
            ["scales"] = Tensor.From(
                [noise * _config.NoiseScale, (float)(_config.LengthScale / speed), noise * _config.NoiseWidth], 3),
        };
        if (_model.Inputs.Contains("sid"))
        {
            inputs["sid"] = Tensor.From([0L], 1);
        }

        var outputs = _model.Run(inputs, seed, cancellationToken);
        return outputs.Values.First().Singles.ToArray();
    }

    /// <summary>
    /// Numbers of phonemes: begin, then each followed by padding, then end. Phonemes that the voice does not know are left out.
    /// </summary>
    internal long[] Encode(string phonemes)
    {
        var ids = new List<long>(_config.Ids["^"]);
        ids.AddRange(_config.Ids["_"]);
        foreach (var rune in phonemes.EnumerateRunes())
        {
            if (_config.Ids.TryGetValue(rune.ToString(), out var known))
            {
                ids.AddRange(known);
                ids.AddRange(_config.Ids["_"]);
            }
        }

        ids.AddRange(_config.Ids["$"]);
        return [.. ids];
    }

    /// <summary>A long sentence in parts that end at a comma where there is one, else between words.</summary>
    static IEnumerable<string> Chunk(string phonemes)
    {
        while (phonemes.Length > MaxPhonemes)
        {
            var cut = phonemes.AsSpan(0, MaxPhonemes).LastIndexOfAny(',', ';', ':');
            cut = cut > MaxPhonemes / 3 ? cut : phonemes.LastIndexOf(' ', MaxPhonemes);
            cut = cut > 0 ? cut + 1 : MaxPhonemes;
            yield return phonemes[..cut].Trim();
            phonemes = phonemes[cut..].Trim();
        }

        if (phonemes.Length > 0)
        {
            yield return phonemes;
        }
    }

    /// <summary>Brings the samples to the usual loudness; peaks are bent instead of cut, which would crackle.</summary>
    static void Soften(Span<float> samples)
    {
        foreach (ref var sample in samples)
        {
            var value = float.IsFinite(sample) ? sample * Gain : 0;
            var size = Math.Abs(value);
            sample = size <= 0.7f ? value : MathF.CopySign(0.7f + ((Ceiling - 0.7f) * MathF.Tanh((size - 0.7f) / (Ceiling - 0.7f))), value);
        }
    }

    static OnnxModel Unpack(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var stream = new DecompressionStream(file);
            return OnnxModel.Read(stream, path);
        }
        catch (Exception e) when (e is ZstdException or IOException or UnauthorizedAccessException)
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' cannot be unpacked; download it again.", e);
        }
    }
}
