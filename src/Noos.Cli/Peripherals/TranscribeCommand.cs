using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Core.Storage;
using Noos.Peripherals.Ear;

namespace Noos.Cli.Peripherals;

/// <summary><c>noos transcribe FILE</c></summary>
static class TranscribeCommand
{
    public static Command Create(NoosSettings settings)
    {
        var file = new Argument<string>("file")
        {
            Description = "A recording: WAV, FLAC, MP3, Ogg (Opus or Vorbis) or WebM (Opus), whatever its name says.",
        };
        var format = new Option<string>("--format", "-f")
        {
            Description =
                "txt: a sentence a line; srt or vtt: subtitles; json: segments with times (default: what --out ends with, else txt).",
        };
        format.AcceptOnlyFromAmong("txt", "srt", "vtt", "json");
        var output = new Option<string?>("--out", "-o") { Description = "Write to this file, which appears whole or not at all." };
        var ear = EarOption.Create();
        var language = new Option<string?>("--language", "-l")
        {
            Description = "The language that is spoken, such as en or de (default: the ear finds out, if it hears several).",
        };
        var prompt = new Option<string?>("--prompt")
        {
            Description = "What was said before, or names as they are to be written: \"Noos, Raoul, Lisbeth\".",
        };
        var words = new Option<bool>("--words") { Description = "With --format json: when each word is spoken." };
        var translate = new Option<bool>("--translate") { Description = "Write English, whatever is spoken (multilingual ears)." };
        var everything = new Option<bool>("--no-vad")
        {
            Description = "Hear all of it, also what is no speech; noise and music may then become words.",
        };
        var threads = new Option<int?>("--threads") { Description = "Threads to compute with, 0 to choose." }.AtLeast(0);
        var command = new CommandWithExamples(
            "transcribe", "Turn a recording into text, with times.", "noos transcribe interview.mp3",
            "noos transcribe interview.mp3 --out interview.srt", "noos transcribe memo.ogg --format json --words",
            "noos transcribe call.wav --ear base.en --prompt \"Noos, Lisbeth\"");
        command.Arguments.Add(file);
        foreach (var option in (Option[])[format, output, ear, language, prompt, words, translate, everything, threads])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var chosen = Choose(parsed.GetValue(format), parsed.GetValue(output));
            if (parsed.GetValue(words) && chosen != TranscriptFormat.VerboseJson)
            {
                throw new NoosException("Only JSON has the times of words; give --format json, or leave out --words.");
            }

            var path = parsed.GetRequiredValue(file);
            RegularFile.Require(path);
            await using var recording = Open(path);
            using var ears = new EarSource(EarOption.Options(settings, parsed.GetValue(ear), parsed.GetValue(threads) ?? 0));
            var options = new TranscribeOptions
            {
                Language = parsed.GetValue(language),
                Prompt = parsed.GetValue(prompt),
                WantsWords = parsed.GetValue(words),
                IsTranslation = parsed.GetValue(translate),
                DetectsSpeech = !parsed.GetValue(everything),
            };
            await RunAsync(ears, recording, options, chosen, parsed.GetValue(output), cancellationToken);
            return 0;
        });
        return command;
    }

    static async Task RunAsync(
        EarSource ears, Stream recording, TranscribeOptions options, TranscriptFormat format, string? output,
        CancellationToken cancellationToken)
    {
        var hearing = await ears.OpenAsync(cancellationToken);
        var line = ProgressLine.OnError();
        var watch = Stopwatch.StartNew();
        var progress = new Observer(state => line.Show(Describe(state, watch.Elapsed)));
        Transcript transcript;
        try
        {
            transcript = await hearing.TranscribeAsync(recording, options, progress, cancellationToken);
        }
        finally
        {
            line.Clear();
        }

        var text = format == TranscriptFormat.Text ? Lines(transcript) : TranscriptWriter.Write(transcript, format, options.IsTranslation);
        if (output is null)
        {
            Console.Out.Write(text);
        }
        else
        {
            AtomicFile.Write(output, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        }

        var seconds = Math.Max(0.001, watch.Elapsed.TotalSeconds);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(transcript.Segments.Count == 0 ? "Nobody speaks in it" : "Heard")} by {hearing.Name}: "
            + $"{transcript.Duration.TotalSeconds:0.0} s of sound in {seconds:0.0} s"
            + $"{(output is null ? "" : $", written to {output}")}."));
    }

    /// <summary>A segment a line: a text of an hour in one line is for nobody.</summary>
    static string Lines(Transcript transcript) =>
        string.Concat(transcript.Segments
            .Select(segment => segment.Text.Trim()).Where(text => text.Length > 0).Select(text => text + "\n"));

    static ProgressState Describe(TranscriptionProgress state, TimeSpan elapsed)
    {
        var (done, total) = ((long)state.Heard.TotalSeconds, (long)(state.Duration?.TotalSeconds ?? 0));
        var speed = state.Heard.TotalSeconds / Math.Max(0.001, elapsed.TotalSeconds);
        return new ProgressState(
            Math.Min(done, total > 0 ? total : done), total,
            total > 0 ? $"{ProgressState.Format(state.Heard)} of {ProgressState.Format(state.Duration!.Value)}"
                : ProgressState.Format(state.Heard),
            string.Create(CultureInfo.InvariantCulture, $"{speed:0.0} times as fast as it was spoken"),
            ProgressState.EstimateTimeLeft(done, total, elapsed));
    }

    static TranscriptFormat Choose(string? format, string? output) => (format ?? Path.GetExtension(output ?? "").TrimStart('.')) switch
    {
        "srt" => TranscriptFormat.Srt,
        "vtt" => TranscriptFormat.Vtt,
        "json" => TranscriptFormat.VerboseJson,
        _ => TranscriptFormat.Text,
    };

    static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NoosException(ErrorKind.NotFound, $"There is no file '{path}'; check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(ErrorKind.Refused, $"The file '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Tells at once, on the thread of the work: Progress of the framework posts, and a line may come after the end.</summary>
    sealed class Observer(Action<TranscriptionProgress> show) : IProgress<TranscriptionProgress>
    {
        public void Report(TranscriptionProgress value) => show(value);
    }
}
