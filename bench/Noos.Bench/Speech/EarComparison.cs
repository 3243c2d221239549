using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Inference.Speech;

namespace Noos.Bench.Speech;

/// <summary>What an ear hears in recordings with known text: word errors, and how much time it takes.</summary>
static class EarComparison
{
    /// <param name="model">A file of whisper.cpp.</param>
    /// <param name="speech">The folder with the archives of recordings.</param>
    /// <param name="expected">JSON lines with "file", "heard" or "text".</param>
    /// <param name="options">"max=N", "padding=SECONDS", "nst" for annotations too, "quiet", "threads=N".</param>
    public static async Task RunAsync(string model, string speech, string expected, IReadOnlyList<string> options)
    {
        var max = (int)(Number("max") ?? 100_000);
        var rows = File.ReadLines(expected).Select(line => JsonElement.Parse(line)).Select(row => (
            File: row.GetProperty("file").GetString()!,
            Text: (row.TryGetProperty("heard", out var heard) ? heard : row.GetProperty("text")).GetString()!))
            .DistinctBy(row => row.File).ToArray();
        rows = [.. rows.Where((_, index) => index % Math.Max(1, rows.Length / max) == 0).Take(max)];
        var wanted = rows.ToDictionary(row => row.File, row => row.Text);
        using var whisper = WhisperModel.Load(
            model, new Noos.Inference.InferenceOptions { Threads = (int)(Number("threads") ?? 0) });
        var how = new WhisperOptions
        {
            SuppressesNonSpeech = !options.Contains("nst"),
            Padding = Number("padding") is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        var (errors, words, sound, time) = (0, 0, 0d, TimeSpan.Zero);
        foreach (var archive in Directory.EnumerateFiles(speech, "*.tar").Order(StringComparer.Ordinal))
        {
            foreach (var (name, content) in SpeechRecordings.Files(archive))
            {
                if (!wanted.TryGetValue(name, out var text))
                {
                    continue;
                }

                var samples = SpeechRecordings.Decode(content);
                var start = Stopwatch.GetTimestamp();
                var window = await whisper.TranscribeAsync(samples, how);
                var elapsed = Stopwatch.GetElapsedTime(start);
                var heard = string.Concat(window.Segments.Select(segment => segment.Text));
                var (distance, length) = (Distance(Words(text), Words(heard)), Words(text).Length);
                (errors, words) = (errors + distance, words + length);
                (sound, time) = (sound + ((double)samples.Length / 16_000), time + elapsed);
                if (distance > 0 && !options.Contains("quiet"))
                {
                    Console.WriteLine($"{name}: {distance} of {length}\n  expected: {text}\n  heard:    {heard.Trim()}");
                }
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{errors} of {words} words other ({100.0 * errors / words:0.0}%); {sound:0} s of sound in {time.TotalSeconds:0.00} s: "
            + $"real-time factor {time.TotalSeconds / sound:0.000}"));

        double? Number(string name) =>
            options.FirstOrDefault(option => option.StartsWith(name + "=", StringComparison.Ordinal)) is { } given
            ? double.Parse(given[(name.Length + 1)..], CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>Words without case and punctuation.</summary>
    static string[] Words(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text.ToLowerInvariant())
        {
            plain.Append(char.IsLetterOrDigit(c) || c == '\'' ? c : ' ');
        }

        return plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Words that are missing, added or others (Levenshtein).</summary>
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
}
