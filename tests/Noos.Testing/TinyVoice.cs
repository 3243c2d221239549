using Noos.Language.Onnx;

namespace Noos.Testing;

/// <summary>
/// A stand-in for a Piper voice with the published names of inputs and outputs: every phoneme hums for 64 samples. It shows that files and
/// phonemes arrive, not how speech sounds.
/// </summary>
public static class TinyVoice
{
    /// <summary>Samples per phoneme.</summary>
    public const int Step = 64;

    const string Config = """
        {
          "audio": { "sample_rate": 16000, "quality": "x_low" },
          "espeak": { "voice": "en-us" },
          "inference": { "noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8 },
          "phoneme_id_map": {
            "_": [0], "^": [1], "$": [2], " ": [3], ".": [4], "ə": [5], "h": [6], "l": [7], "ˈ": [8], "o": [9], "ʊ": [10], "ð": [11]
          },
          "num_symbols": 12, "num_speakers": 1, "language": { "code": "en_US" }
        }
        """;

    /// <summary>Writes NAME.onnx and NAME.onnx.json; returns the path of the first.</summary>
    public static string Write(string folder, string name = "tiny")
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name + ".onnx");
        File.WriteAllBytes(path, OnnxWriter.Write(Model()));
        File.WriteAllText(path + ".json", Config);
        return path;
    }

    static OnnxModel Model() => new(
        new OnnxGraph
        {
            Inputs = ["input", "input_lengths", "scales"],
            Outputs = ["output"],
            Constants =
            [
                OnnxTensor.From("one", [1], [1L]), OnnxTensor.From("zero", [1], [0L]), OnnxTensor.From("quiet", [1], [0.001f]),
                OnnxTensor.From("hum", [1, 1, Step], [.. Enumerable.Range(0, Step).Select(i => 0.1f * MathF.Sin(i * MathF.PI / 8))]),
            ],
            Nodes =
            [
                new("Cast", ["input"], ["numbers"]) { Attributes = [new("to") { IntegerValue = 1 }] },
                new("Unsqueeze", ["numbers", "one"], ["channel"]),
                new("ConvTranspose", ["channel", "hum"], ["hummed"]) { Attributes = [new("strides") { Integers = [Step] }] },
                new("Tanh", ["hummed"], ["soft"]),

                // Noise as the voice is asked for it, so that the seed can be heard.
                new("RandomNormalLike", ["soft"], ["noise"]), new("Gather", ["scales", "zero"], ["loud"]),
                new("Mul", ["noise", "loud"], ["hiss"]), new("Mul", ["hiss", "quiet"], ["faint"]), new("Add", ["soft", "faint"], ["sound"]),
                new("Unsqueeze", ["sound", "one"], ["output"]),
            ],
        },
        15);
}
