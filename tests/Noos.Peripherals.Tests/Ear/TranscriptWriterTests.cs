using System.Text.Json;
using Noos.Peripherals.Ear;

namespace Noos.Peripherals.Tests.Ear;

/// <summary>Transcripts as players and clients read them.</summary>
public sealed class TranscriptWriterTests
{
    static readonly Transcript s_transcript = new(
        "whisper-tiny.en", "en", TimeSpan.FromSeconds(3725.5),
        [
            new TranscriptSegment(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(2.25), " Hello \u201cthere\u201d.")
            {
                Tokens = [1, 2], Words = [new TranscriptWord("Hello", TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.9))],
            },
            new TranscriptSegment(TimeSpan.FromSeconds(3723.004), TimeSpan.FromSeconds(3725), " It goes --> on."),
        ]);

    [Fact]
    public void Srt_is_numbered_and_has_commas() => Assert.Equal(
        """
        1
        00:00:00,500 --> 00:00:02,250
        Hello “there”.

        2
        01:02:03,004 --> 01:02:05,000
        It goes -> on.


        """,
        TranscriptWriter.Write(s_transcript, TranscriptFormat.Srt));

    [Fact]
    public void Vtt_begins_with_its_name_and_has_points() => Assert.Equal(
        """
        WEBVTT

        00:00:00.500 --> 00:00:02.250
        Hello “there”.

        01:02:03.004 --> 01:02:05.000
        It goes -> on.


        """,
        TranscriptWriter.Write(s_transcript, TranscriptFormat.Vtt));

    [Fact]
    public void Text_is_one_line() =>
        Assert.Equal("Hello “there”. It goes --> on.\n", TranscriptWriter.Write(s_transcript, TranscriptFormat.Text));

    [Fact]
    public void Json_has_text_segments_and_words()
    {
        var json = JsonElement.Parse(TranscriptWriter.Write(s_transcript, TranscriptFormat.VerboseJson));

        Assert.Equal(("transcribe", "english", 3725.5), (
            json.GetProperty("task").GetString(), json.GetProperty("language").GetString(), json.GetProperty("duration").GetDouble()));
        Assert.Equal([0.5, 3723.004], json.GetProperty("segments").EnumerateArray().Select(one => one.GetProperty("start").GetDouble()));
        Assert.Equal("Hello", json.GetProperty("words")[0].GetProperty("word").GetString());
        Assert.Equal(3726, json.GetProperty("usage").GetProperty("seconds").GetInt32());
        Assert.Equal(
            "Hello “there”. It goes --> on.",
            JsonElement.Parse(TranscriptWriter.Write(s_transcript, TranscriptFormat.Json)).GetProperty("text").GetString());
    }

    [Theory]
    [InlineData(TranscriptFormat.Text, "\n")]
    [InlineData(TranscriptFormat.Srt, "")]
    [InlineData(TranscriptFormat.Vtt, "WEBVTT\n\n")]
    public void Silence_has_a_transcript_too(TranscriptFormat format, string expected) => Assert.Equal(
        expected, TranscriptWriter.Write(new Transcript("ear", null, TimeSpan.FromSeconds(9), []), format));
}
