namespace Noos.Peripherals.Ear;

/// <summary>How a transcript is written; OpenAI's formats.</summary>
public enum TranscriptFormat
{
    /// <summary>{"text": ...}</summary>
    Json,

    /// <summary>The text alone.</summary>
    Text,

    /// <summary>SubRip subtitles.</summary>
    Srt,

    /// <summary>WebVTT subtitles.</summary>
    Vtt,

    /// <summary>JSON with segments, and words where they were asked for.</summary>
    VerboseJson,
}
