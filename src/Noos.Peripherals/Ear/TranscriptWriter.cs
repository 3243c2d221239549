using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Inference.Speech;

namespace Noos.Peripherals.Ear;

/// <summary>Writes transcripts as OpenAI's API does, and as players of subtitles read them.</summary>
public static class TranscriptWriter
{
    // A line of text that looks like the arrow between two times would end its cue.
    const string Arrow = "-->";

    static readonly JsonWriterOptions s_json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The whole transcript.</summary>
    /// <param name="transcript">What was heard.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="isTranslation">It is the English of something else.</param>
    /// <param name="granularities">For <see cref="TranscriptFormat.VerboseJson"/>: whether segments, and whether words are listed.</param>
    public static string Write(
        Transcript transcript, TranscriptFormat format, bool isTranslation = false, (bool Segments, bool Words)? granularities = null)
    {
        ArgumentNullException.ThrowIfNull(transcript);
        return format switch
        {
            TranscriptFormat.Text => transcript.Text + "\n",
            TranscriptFormat.Srt => WriteCues(transcript, ',', isNumbered: true),
            TranscriptFormat.Vtt => "WEBVTT\n\n" + WriteCues(transcript, '.', isNumbered: false),
            TranscriptFormat.Json => WriteJson(writer =>
            {
                writer.WriteString("text", transcript.Text);
                WriteUsage(writer, transcript);
            }),
            TranscriptFormat.VerboseJson => WriteJson(writer => WriteVerbose(
                writer, transcript, isTranslation, granularities ?? (true, transcript.Segments.Any(segment => segment.Words.Count > 0)))),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "No such format."),
        };
    }

    /// <summary>The media type of a format.</summary>
    public static string MediaTypeOf(TranscriptFormat format) => format switch
    {
        TranscriptFormat.Text => "text/plain; charset=utf-8",
        TranscriptFormat.Srt => "application/x-subrip; charset=utf-8",
        TranscriptFormat.Vtt => "text/vtt; charset=utf-8",
        _ => "application/json; charset=utf-8",
    };

    static string WriteCues(Transcript transcript, char decimalMark, bool isNumbered)
    {
        var cues = new StringBuilder();
        var number = 1;
        foreach (var segment in transcript.Segments)
        {
            if (isNumbered)
            {
                cues.Append(CultureInfo.InvariantCulture, $"{number++}\n");
            }

            cues.Append(CultureInfo.InvariantCulture, $"{Time(segment.Start, decimalMark)} {Arrow} {Time(segment.End, decimalMark)}\n");
            cues.Append(segment.Text.Trim().ReplaceLineEndings(" ").Replace(Arrow, "->")).Append("\n\n");
        }

        return cues.ToString();
    }

    static string Time(TimeSpan time, char decimalMark) => string.Create(
        CultureInfo.InvariantCulture, $"{(int)time.TotalHours:D2}:{time.Minutes:D2}:{time.Seconds:D2}{decimalMark}{time.Milliseconds:D3}");

    static void WriteVerbose(
        Utf8JsonWriter writer, Transcript transcript, bool isTranslation, (bool Segments, bool Words) granularities)
    {
        writer.WriteString("task", isTranslation ? "translate" : "transcribe");
        writer.WriteString("language", WhisperLanguages.NameOf(transcript.Language ?? "en"));
        writer.WriteNumber("duration", Seconds(transcript.Duration));
        writer.WriteString("text", transcript.Text);
        if (granularities.Words)
        {
            writer.WriteStartArray("words");
            foreach (var word in transcript.Segments.SelectMany(segment => segment.Words))
            {
                writer.WriteStartObject();
                writer.WriteString("word", word.Text);
                writer.WriteNumber("start", Seconds(word.Start));
                writer.WriteNumber("end", Seconds(word.End));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (granularities.Segments)
        {
            writer.WriteStartArray("segments");
            for (var id = 0; id < transcript.Segments.Count; id++)
            {
                WriteSegment(writer, transcript.Segments[id], id);
            }

            writer.WriteEndArray();
        }

        WriteUsage(writer, transcript);
    }

    static void WriteSegment(Utf8JsonWriter writer, TranscriptSegment segment, int id)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", id);
        // In frames of 10 ms, as Whisper counts.
        writer.WriteNumber("seek", (int)(segment.Window.TotalSeconds * 100));
        writer.WriteNumber("start", Seconds(segment.Start));
        writer.WriteNumber("end", Seconds(segment.End));
        writer.WriteString("text", segment.Text);
        writer.WriteStartArray("tokens");
        foreach (var token in segment.Tokens)
        {
            writer.WriteNumberValue(token);
        }

        writer.WriteEndArray();
        writer.WriteNumber("temperature", Math.Round(segment.Temperature, 2));
        writer.WriteNumber("avg_logprob", Math.Round(segment.AverageLogProbability, 4));
        writer.WriteNumber("compression_ratio", Math.Round(segment.CompressionRatio, 4));
        writer.WriteNumber("no_speech_prob", Math.Round(segment.NoSpeechProbability, 6));
        writer.WriteEndObject();
    }

    static void WriteUsage(Utf8JsonWriter writer, Transcript transcript)
    {
        writer.WriteStartObject("usage");
        writer.WriteString("type", "duration");
        writer.WriteNumber("seconds", (int)Math.Ceiling(transcript.Duration.TotalSeconds));
        writer.WriteEndObject();
    }

    static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    static string WriteJson(Action<Utf8JsonWriter> write)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, s_json))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(json.ToArray()) + "\n";
    }
}
