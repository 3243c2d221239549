using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Core.Storage;
using Noos.Kernel.Speech;
using Noos.Media.Encoders;
using Noos.Peripherals.Voice;
using Noos.Peripherals.Voice.English;

namespace Noos.Cli.Peripherals;

/// <summary><c>noos speak TEXT</c></summary>
static class SpeakCommand
{
    // What plays samples from standard input on Linux and macOS, the first that is there.
    static readonly (string Program, string Arguments)[] s_players =
        [("paplay", ""), ("pw-play", "-"), ("aplay", "-q -"), ("ffplay", "-nodisp -autoexit -loglevel quiet -")];

    public static Command Create(NoosSettings settings)
    {
        var text = new Argument<string[]>("text")
        {
            Description = "What to read aloud; several words need no quotes. Without it, standard input is read.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var file = new Option<string?>("--out", "-o")
        {
            Description = "Write a file, .wav, .mp3 or .pcm, instead of playing it; - writes WAV to standard output.",
            HelpName = "FILE",
        };
        var voice = new Option<string?>("--voice")
        {
            Description = "A voice of --list, or the .onnx file of a Piper voice (default: NOOS_VOICE, else the first of the list).",
        };
        var speed = new Option<double>("--speed")
        {
            Description = "How fast, from 0.25 to 4.",
            DefaultValueFactory = _ => 1,
        };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same sound." };
        var sounds = new Option<bool>("--phonemes") { Description = "Write the sounds (IPA) of each sentence and say nothing." };
        var list = new Option<bool>("--list") { Description = "List the voices of this machine." };
        var command = new CommandWithExamples(
            "speak", "Read a text aloud.", "noos speak \"Good morning.\"", "noos speak \"It costs $3.50.\" --out price.wav",
            "noos ask \"Tell me a story.\" | noos speak --out story.mp3", "noos speak --list");
        command.Arguments.Add(text);
        foreach (var option in (Option[])[file, voice, speed, seed, sounds, list])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var voices = VoiceLibrary.From(settings, parsed.GetValue(voice));
            if (parsed.GetValue(list))
            {
                foreach (var known in voices.List())
                {
                    Console.Out.WriteLine($"{known.Name,-32} {known.Language,-8} {known.Kind}");
                }

                return 0;
            }

            var words = parsed.GetValue(text) is { Length: > 0 } given ? string.Join(' ', given)
                : Console.IsInputRedirected ? await Console.In.ReadToEndAsync(cancellationToken) : "";
            if (string.IsNullOrWhiteSpace(words))
            {
                throw new NoosException("There is nothing to read aloud; write it in quotes after 'noos speak', or pipe it in.");
            }

            if (parsed.GetValue(sounds))
            {
                WriteSounds(words);
                return 0;
            }

            if (!(parsed.GetValue(speed) is >= SpeechRequest.MinSpeed and <= SpeechRequest.MaxSpeed))
            {
                throw new NoosException("The speed must be from 0.25 to 4; 1 is the voice's own pace.");
            }

            var request = new SpeechRequest(words) { Speed = parsed.GetValue(speed), Seed = parsed.GetValue(seed) };
            var sentences = voices.Open(null).Speak(request, cancellationToken);
            if (parsed.GetValue(file) is { } path)
            {
                Write(path, sentences);
            }
            else
            {
                Play(sentences, cancellationToken);
            }

            return 0;
        });
        return command;
    }

    static void WriteSounds(string words)
    {
        var phonemizer = new EnglishPhonemizer();
        foreach (var sentence in SentenceSplitter.Split(SpokenMarkdown.Strip(words)))
        {
            Console.Out.WriteLine(phonemizer.Phonemize(sentence));
        }
    }

    static void Write(string path, IEnumerable<SpokenSentence> sentences)
    {
        if (path == "-")
        {
            using var output = Console.OpenStandardOutput();
            Encode(sentences, AudioFormat.Wav, output.Write);
            return;
        }

        var format = AudioFormat.Parse(Path.GetExtension(path) is { Length: > 1 } extension ? extension : AudioFormat.Wav.Name);
        using var bytes = new MemoryStream();
        var clock = Stopwatch.StartNew();

        // Whole, so that a WAV file can say how long it is.
        var spoken = sentences.ToList();
        var seconds = spoken.Sum(sentence => (double)sentence.Samples.Length / sentence.SampleRate);
        Encode(spoken, format, bytes.Write, spoken.Sum(sentence => (long)sentence.Samples.Length));
        AtomicFile.Write(path, target => target.Write(bytes.GetBuffer(), 0, (int)bytes.Length));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{path}: {seconds:F1} s of speech, made in {clock.Elapsed.TotalSeconds:F1} s."));
    }

    static void Play(IEnumerable<SpokenSentence> sentences, CancellationToken cancellationToken)
    {
        var found = Array.Find(s_players, player =>
            ((string[])["/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"]).Any(folder => File.Exists(folder + player.Program)));
        if (found.Program is null)
        {
            throw new NoosException(
                ErrorKind.Unavailable,
                "No program that plays sound is here (paplay, pw-play, aplay or ffplay); install one, or write a file with --out.");
        }

        using var process = Process.Start(
            new ProcessStartInfo(found.Program, found.Arguments) { RedirectStandardInput = true, UseShellExecute = false })!;
        using var stop = cancellationToken.Register(() => process.Kill());
        try
        {
            Encode(sentences, AudioFormat.Wav, bytes =>
            {
                process.StandardInput.BaseStream.Write(bytes);
                process.StandardInput.BaseStream.Flush();
            });
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The player has gone; what it said stands above.
        }

        process.WaitForExit();
    }

    static void Encode(IEnumerable<SpokenSentence> sentences, AudioFormat format, WriteBytes write, long? length = null)
    {
        IAudioEncoder? encoder = null;
        foreach (var sentence in sentences)
        {
            encoder ??= AudioEncoder.Create(format, sentence.SampleRate, length);
            write(encoder.Encode(sentence.Samples));
        }

        write((encoder ?? throw new NoosException("There is nothing in the text that can be read aloud; give words.")).Finish());
    }

    delegate void WriteBytes(ReadOnlySpan<byte> bytes);
}
