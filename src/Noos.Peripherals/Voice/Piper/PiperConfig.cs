using System.Text.Json;
using Noos.Core;

namespace Noos.Peripherals.Voice.Piper;

/// <summary>The JSON file beside a Piper voice: its sample rate, phonemes and usual noise.</summary>
sealed record PiperConfig
{
    const int MaxLength = 4 << 20;

    public int SampleRate { get; private init; }

    /// <summary>espeak-ng's name of the language whose phonemes the voice was trained on, such as "en-us".</summary>
    public string EspeakVoice { get; private init; } = "en-us";

    /// <summary>Such as "en_US"; espeak-ng's name where the file does not say.</summary>
    public string Language { get; private init; } = "";

    /// <summary>Letters instead of phonemes are read.</summary>
    public bool ReadsLetters { get; private init; }

    public float NoiseScale { get; private init; }

    public float LengthScale { get; private init; }

    public float NoiseWidth { get; private init; }

    public int Speakers { get; private init; }

    /// <summary>Phoneme (one code point) to the numbers that stand for it.</summary>
    public IReadOnlyDictionary<string, long[]> Ids { get; private init; } = new Dictionary<string, long[]>(StringComparer.Ordinal);

    /// <exception cref="NoosException">The file is absent (NotFound) or no such file (Damaged).</exception>
    public static PiperConfig Open(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Length > MaxLength ? throw Damaged(path, "it is too long", null) : Parse(File.ReadAllBytes(path), path);
        }
        catch (IOException e)
        {
            throw new NoosException(
                ErrorKind.NotFound,
                $"The voice needs the file '{path}' beside it, which cannot be read; download both files of the voice.", e);
        }
    }

    /// <param name="json">The file.</param>
    /// <param name="name">What a refusal calls it.</param>
    /// <exception cref="NoosException">It is no such file (Damaged).</exception>
    public static PiperConfig Parse(ReadOnlyMemory<byte> json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var espeak = Text(root, "espeak", "voice") ?? "en-us";
            var config = new PiperConfig
            {
                SampleRate = root.GetProperty("audio").GetProperty("sample_rate").GetInt32(),
                EspeakVoice = espeak,
                Language = Text(root, "language", "code") ?? espeak,
                ReadsLetters = root.TryGetProperty("phoneme_type", out var type) && type.GetString() == "text",
                NoiseScale = Number(root, "noise_scale", 0.667f),
                LengthScale = Number(root, "length_scale", 1),
                NoiseWidth = Number(root, "noise_w", 0.8f),
                Speakers = root.TryGetProperty("num_speakers", out var speakers) ? speakers.GetInt32() : 1,
                Ids = root.GetProperty("phoneme_id_map").EnumerateObject().DistinctBy(entry => entry.Name).ToDictionary(
                    entry => entry.Name, entry => entry.Value.EnumerateArray().Select(id => id.GetInt64()).ToArray(),
                    StringComparer.Ordinal),
            };
            return config.SampleRate is >= 4000 and <= 192_000 && config.Ids.ContainsKey("_") && config.Ids.ContainsKey("^")
                && config.Ids.ContainsKey("$") && config.LengthScale is > 0 and <= 100
                    ? config
                    : throw Damaged(name, "its sample rate, pace, or first phonemes are missing", null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Damaged(name, "it is not the JSON of a Piper voice", e);
        }
    }

    static string? Text(JsonElement root, string group, string name) =>
        root.TryGetProperty(group, out var inner) && inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty(name, out var text)
            && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    static float Number(JsonElement root, string name, float otherwise) =>
        root.TryGetProperty("inference", out var inner) && inner.TryGetProperty(name, out var number) && number.TryGetSingle(out var value)
            && float.IsFinite(value) ? value : otherwise;

    static NoosException Damaged(string name, string why, Exception? inner) => inner is null
        ? new NoosException(ErrorKind.Damaged, $"'{name}' does not describe a voice: {why}; download it again.")
        : new NoosException(ErrorKind.Damaged, $"'{name}' does not describe a voice: {why}; download it again.", inner);
}
