using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Inference.Speech;
using Noos.Peripherals.Ear;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Peripherals.Tests.Ear;

/// <summary>Recordings to text: with Whisper tiny.en where it lies beside the repository, else with a random model and silence.</summary>
public sealed class SpeechTranscriberTests(SpeechTranscriberTests.SharedEar shared) : IClassFixture<SpeechTranscriberTests.SharedEar>
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The words that whisper.cpp hears in the same recordings with the same file.</summary>
    [Fact]
    public async Task Words_are_those_of_whisper_cpp()
    {
        var (errors, words) = (0, 0);
        foreach (var row in shared.Expected)
        {
            var transcript = await shared.Ear.TranscribeAsync(shared.Open(row.File), cancellationToken: Token);
            var expected = Words(row.Text);
            errors += Distance(expected, Words(transcript.Text));
            words += expected.Length;
        }

        Assert.Equal(24, shared.Expected.Count);
        Assert.True(errors <= 0.02 * words, $"{errors} of {words} words are others.");
    }

    [Fact]
    public async Task Long_recording_is_heard_window_by_window_with_times_of_the_whole()
    {
        var rows = shared.Expected.Take(12).ToArray();
        var pause = new float[2 * 16_000];
        var parts = new List<float>();
        var starts = new List<double>();
        foreach (var row in rows)
        {
            starts.Add(parts.Count / 16_000.0);
            parts.AddRange(shared.Samples(row.File));
            parts.AddRange(pause);
        }

        var reports = new List<TranscriptionProgress>();
        var transcript = await shared.Ear.TranscribeAsync(
            new MemoryStream(Wav(parts)), new TranscribeOptions { WantsWords = true }, new Report(reports.Add), Token);

        var expected = rows.SelectMany(row => Words(row.Text)).ToArray();
        Assert.True(Distance(expected, Words(transcript.Text)) <= 0.1 * expected.Length, transcript.Text);
        Assert.Equal(parts.Count / 16_000.0, transcript.Duration.TotalSeconds, 0.01);
        Assert.Equal(transcript.Segments.OrderBy(segment => segment.Start), transcript.Segments);
        Assert.Equal(reports.OrderBy(report => report.Heard), reports);
        var spoken = transcript.Segments.SelectMany(segment => segment.Words).ToArray();
        Assert.Equal(spoken.OrderBy(word => word.Start), spoken);
        // "danger" of the first sentence, "supper" of the second: within a fifth of a second of where they are spoken.
        Assert.Contains(spoken, word => word.Text.StartsWith("danger", StringComparison.Ordinal) && word.End.TotalSeconds < starts[1]);
        Assert.Contains(
            spoken, word => word.Text.StartsWith("supper", StringComparison.Ordinal) && word.Start.TotalSeconds > starts[1]
                && word.End.TotalSeconds < starts[2]);
    }

    /// <summary>Half a minute of each kind of sound: Whisper alone hears "(phone ringing)" and worse in them.</summary>
    [Fact]
    public async Task Nothing_is_heard_where_nobody_speaks()
    {
        foreach (var kind in SyntheticSound.Kinds)
        {
            var sound = SyntheticSound.Create(kind, 30, seed: 2000);
            var transcript = await shared.Ear.TranscribeAsync(new MemoryStream(Wav(sound)), cancellationToken: Token);
            Assert.True(transcript.Segments.Count == 0, $"{kind}: {transcript.Text}");
        }
    }

    [Fact]
    public async Task Client_of_the_framework_gets_text_and_updates()
    {
        using var client = new EarSpeechToTextClient(shared.Source);
        var row = shared.Expected[0];

        var response = await client.GetTextAsync(shared.Open(row.File), cancellationToken: Token);
        var streamed = await client.GetStreamingTextAsync(shared.Open(row.File), cancellationToken: Token)
            .ToSpeechToTextResponseAsync(Token);

        Assert.Equal(Words(row.Text), Words(response.Text));
        Assert.Equal(response.Text, streamed.Text.Trim());
        Assert.Equal("whisper-tiny.en-q5_1", response.ModelId);
        Assert.NotNull(client.GetService<SpeechToTextClientMetadata>());
    }

    [Fact]
    public async Task Silence_has_no_words_and_a_broken_recording_a_sentence()
    {
        using var file = new RandomWhisperFile();
        using var ear = new SpeechTranscriber(WhisperModel.Load(file.Path));

        var transcript = await ear.TranscribeAsync(new MemoryStream(Wav(new float[40_000])), cancellationToken: Token);
        var refusal = await Assert.ThrowsAsync<NoosException>(
            () => ear.TranscribeAsync(new MemoryStream("no sound"u8.ToArray()), cancellationToken: Token));

        Assert.Empty(transcript.Segments);
        Assert.Equal(2.5, transcript.Duration.TotalSeconds, 0.001);
        Assert.Equal(ErrorKind.Invalid, refusal.Kind);
    }

    static byte[] Wav(IReadOnlyList<float> samples)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("RIFF"u8);
        writer.Write(36 + (samples.Count * 2));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(16_000);
        writer.Write(32_000);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(samples.Count * 2);
        foreach (var sample in samples)
        {
            writer.Write((short)Math.Clamp(Math.Round(sample * 32767), -32768, 32767));
        }

        return file.ToArray();
    }

    static string[] Words(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text.ToLowerInvariant())
        {
            plain.Append(char.IsLetterOrDigit(c) || c == '\'' ? c : ' ');
        }

        return plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Words that are missing, added or others.</summary>
    static int Distance(string[] expected, string[] heard)
    {
        var row = Enumerable.Range(0, heard.Length + 1).ToArray();
        for (var i = 1; i <= expected.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= heard.Length; j++)
            {
                (diagonal, row[j]) = (
                    row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (expected[i - 1] == heard[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }

    sealed class Report(Action<TranscriptionProgress> report) : IProgress<TranscriptionProgress>
    {
        void IProgress<TranscriptionProgress>.Report(TranscriptionProgress value) => report(value);
    }

    /// <summary>The real ear and its recordings; whoever asks for them is skipped where they are not there.</summary>
    public sealed class SharedEar : IDisposable
    {
        readonly Lazy<Dictionary<string, byte[]>> _recordings = new(Load);
        readonly Lazy<SpeechTranscriber> _ear;

        public SharedEar()
        {
            Source = new EarSource(new EarOptions { Name = SharedFiles.Find("data", "models", "ggml-tiny.en-q5_1.bin"), Folders = [] });
            _ear = new Lazy<SpeechTranscriber>(() => Source.OpenAsync().GetAwaiter().GetResult());
        }

        public EarSource Source { get; }

        public SpeechTranscriber Ear
        {
            get
            {
                Require();
                return _ear.Value;
            }
        }

        public IReadOnlyList<(string File, string Text)> Expected
        {
            get
            {
                Require();
                return [.. File.ReadLines(SharedFiles.Find("conformance", "speech", "whisper-tiny.en-q5_1.jsonl")!)
                    .Select(line => JsonElement.Parse(line))
                    .Select(row => (row.GetProperty("file").GetString()!, row.GetProperty("heard").GetString()!))];
            }
        }

        public MemoryStream Open(string file) => new(_recordings.Value[file]);

        public float[] Samples(string file)
        {
            using var mono = new Noos.Media.Audio.MonoReader(Noos.Media.Audio.AudioFile.Open(Open(file)), 16_000);
            var samples = new float[16_000 * 60];
            return samples[..mono.Read(samples)];
        }

        public void Dispose() => Source.Dispose();

        static void Require() => Assert.SkipWhen(
            SharedFiles.Find("data", "models", "ggml-tiny.en-q5_1.bin") is null
                || SharedFiles.Find("conformance", "speech", "whisper-tiny.en-q5_1.jsonl") is null
                || SharedFiles.Find("data", "speech", "kathleen.tar") is null,
            "The shared Whisper and its recordings are not there.");

        static Dictionary<string, byte[]> Load()
        {
            var recordings = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var name in (string[])["kathleen.tar", "ljspeech.tar"])
            {
                using var tar = new TarReader(File.OpenRead(SharedFiles.Find("data", "speech", name)!));
                while (tar.GetNextEntry(copyData: true) is { } entry)
                {
                    if (entry.DataStream is { } data)
                    {
                        using var copy = new MemoryStream();
                        data.CopyTo(copy);
                        recordings[entry.Name] = copy.ToArray();
                    }
                }
            }

            return recordings;
        }
    }
}
