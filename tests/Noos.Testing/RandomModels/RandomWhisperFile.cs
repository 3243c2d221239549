using System.Text;
using Noos.Language.Gguf;

namespace Noos.Testing.RandomModels;

/// <summary>
/// A tiny random Whisper in whisper.cpp's file format, and its logits in double precision from the published equations. Its windows have
/// two seconds.
/// </summary>
public sealed class RandomWhisperFile : IDisposable
{
    public const int AudioContext = 100;
    public const int TextContext = 64;
    public const int Width = 64;
    public const int Heads = 2;
    public const int Layers = 2;
    public const int Mels = 80;
    public const int Bins = 201;

    /// <summary>Bytes, a few words, and the end of the text.</summary>
    public const int TextTokens = 256 + 4;

    /// <summary>The text, the start, six special ones, and a time for each frame and the end.</summary>
    public const int Vocabulary = TextTokens + 7 + AudioContext + 1;

    readonly TemporaryFolder _folder = new();
    readonly Dictionary<string, (int[] Dimensions, float[] Values)> _tensors = [];
    readonly Random _random = new(3);

    /// <param name="type">How matrices are stored.</param>
    public RandomWhisperFile(GgufTensorType type = GgufTensorType.F32)
    {
        Filters = new float[Mels * Bins];
        for (var i = 0; i < Filters.Length; i++)
        {
            Filters[i] = _random.Next(12) == 0 ? (float)_random.NextDouble() * 0.02f : 0;
        }

        Add("encoder.positional_embedding", Width, AudioContext);
        Add("encoder.conv1.weight", 3, Mels, Width);
        Add("encoder.conv1.bias", 1, Width);
        Add("encoder.conv2.weight", 3, Width, Width);
        Add("encoder.conv2.bias", 1, Width);
        AddNorm("encoder.ln_post");
        Add("decoder.positional_embedding", Width, TextContext);
        Add("decoder.token_embedding.weight", Width, Vocabulary);
        AddNorm("decoder.ln");
        for (var layer = 0; layer < Layers; layer++)
        {
            AddBlock($"encoder.blocks.{layer}.", ["attn"]);
            AddBlock($"decoder.blocks.{layer}.", ["attn", "cross_attn"]);
        }

        Path = _folder.File("ggml-random.bin");
        File.WriteAllBytes(Path, Write(type));
    }

    public string Path { get; }

    /// <summary>[mels, bins]</summary>
    public float[] Filters { get; }

    public void Dispose() => _folder.Dispose();

    /// <summary>The spectrogram [frames][mels] of a recording with silence behind it.</summary>
    public double[][] Mel(float[] samples, int frames)
    {
        var padded = new double[200 + Math.Max(samples.Length, frames * 160) + 400];
        for (var i = 0; i < samples.Length; i++)
        {
            padded[200 + i] = samples[i];
        }

        for (var i = 1; i <= 200 && i < samples.Length; i++)
        {
            padded[200 - i] = samples[i];
        }

        var mel = new double[frames][];
        for (var frame = 0; frame < frames; frame++)
        {
            mel[frame] = new double[Mels];
            for (var bin = 0; bin < Bins; bin++)
            {
                var (re, im) = (0d, 0d);
                for (var i = 0; i < 400; i++)
                {
                    var value = padded[(frame * 160) + i] * (0.5 - (0.5 * Math.Cos(2 * Math.PI * i / 400)));
                    re += value * Math.Cos(2 * Math.PI * bin * i / 400);
                    im += value * Math.Sin(2 * Math.PI * bin * i / 400);
                }

                for (var band = 0; band < Mels; band++)
                {
                    mel[frame][band] += Filters[(band * Bins) + bin] * ((re * re) + (im * im));
                }
            }
        }

        var max = mel.Max(row => row.Max(value => Math.Log10(Math.Max(value, 1e-10))));
        return [.. mel.Select(row => Array.ConvertAll(row, value => (Math.Max(Math.Log10(Math.Max(value, 1e-10)), max - 8) + 4) / 4))];
    }

    /// <summary>The scores after each token.</summary>
    /// <param name="mel">[2 * frames][mels]</param>
    /// <param name="tokens">From the beginning of the sequence.</param>
    public double[][] Logits(double[][] mel, int[] tokens)
    {
        var first = Convolve(mel, "encoder.conv1", stride: 1);
        var audio = Convolve(first, "encoder.conv2", stride: 2);
        Add(audio, "encoder.positional_embedding");
        for (var layer = 0; layer < Layers; layer++)
        {
            var prefix = $"encoder.blocks.{layer}.";
            AddTo(audio, Attend(Norm(audio, prefix + "attn_ln"), null, prefix + "attn", isCausal: false));
            AddTo(audio, FeedForward(Norm(audio, prefix + "mlp_ln"), prefix));
        }

        audio = Norm(audio, "encoder.ln_post");
        var embedding = _tensors["decoder.token_embedding.weight"].Values;
        double[][] text =
            [.. tokens.Select(token => Enumerable.Range(0, Width).Select(i => (double)embedding[(token * Width) + i]).ToArray())];
        Add(text, "decoder.positional_embedding");
        for (var layer = 0; layer < Layers; layer++)
        {
            var prefix = $"decoder.blocks.{layer}.";
            AddTo(text, Attend(Norm(text, prefix + "attn_ln"), null, prefix + "attn", isCausal: true));
            AddTo(text, Attend(Norm(text, prefix + "cross_attn_ln"), audio, prefix + "cross_attn", isCausal: false));
            AddTo(text, FeedForward(Norm(text, prefix + "mlp_ln"), prefix));
        }

        return [.. Norm(text, "decoder.ln").Select(row => Enumerable.Range(0, Vocabulary)
            .Select(token => Enumerable.Range(0, Width).Sum(i => row[i] * embedding[(token * Width) + i])).ToArray())];
    }

    /// <summary>The file.</summary>
    public byte[] Write(GgufTensorType type)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write(0x67676D6C);
        foreach (var number in (int[])[Vocabulary, AudioContext, Width, Heads, Layers, TextContext, Width, Heads, Layers, Mels, 1])
        {
            writer.Write(number);
        }

        writer.Write(Mels);
        writer.Write(Bins);
        Array.ForEach(Filters, writer.Write);
        writer.Write(TextTokens);
        foreach (var token in Enumerable.Range(0, 256).Select(value => new[] { (byte)value })
            .Concat(new[] { " yes", " no", " (", "<|endoftext|>" }.Select(Encoding.UTF8.GetBytes)))
        {
            writer.Write(token.Length);
            writer.Write(token);
        }

        foreach (var (name, (dimensions, values)) in _tensors)
        {
            // Only matrices are quantized, as whisper.cpp does.
            var stored = dimensions.Length == 2 && dimensions[0] % 32 == 0 && name.EndsWith("weight", StringComparison.Ordinal)
                ? type
                : GgufTensorType.F32;
            writer.Write(dimensions.Length);
            var bytes = Encoding.UTF8.GetBytes(name);
            writer.Write(bytes.Length);
            writer.Write((int)stored);
            Array.ForEach(dimensions, writer.Write);
            writer.Write(bytes);
            var data = new byte[GgufTensorLayout.For(stored).BytesOf(values.Length)];
            Quantization.Quantize(stored, values, data);
            writer.Write(data);
        }

        return file.ToArray();
    }

    void AddBlock(string prefix, string[] attentions)
    {
        foreach (var attention in attentions)
        {
            AddNorm($"{prefix}{attention}_ln");
            Add($"{prefix}{attention}.query.weight", Width, Width);
            Add($"{prefix}{attention}.query.bias", Width);
            Add($"{prefix}{attention}.key.weight", Width, Width);
            Add($"{prefix}{attention}.value.weight", Width, Width);
            Add($"{prefix}{attention}.value.bias", Width);
            Add($"{prefix}{attention}.out.weight", Width, Width);
            Add($"{prefix}{attention}.out.bias", Width);
        }

        AddNorm(prefix + "mlp_ln");
        Add(prefix + "mlp.0.weight", Width, 4 * Width);
        Add(prefix + "mlp.0.bias", 4 * Width);
        Add(prefix + "mlp.2.weight", 4 * Width, Width);
        Add(prefix + "mlp.2.bias", Width);
    }

    void AddNorm(string name)
    {
        Add(name + ".weight", Width);
        Add(name + ".bias", Width);
        var values = _tensors[name + ".weight"].Values;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] += 1;
        }
    }

    void Add(string name, params int[] dimensions)
    {
        var values = new float[dimensions.Aggregate(1, (product, dimension) => product * dimension)];
        var inputs = dimensions.Length > 1 ? values.Length / dimensions[^1] : 100;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)((_random.NextDouble() - 0.5) * 3.4 / Math.Sqrt(inputs));
        }

        _tensors[name] = (dimensions, values);
    }

    double[][] Convolve(double[][] input, string name, int stride)
    {
        var (weights, bias) = (_tensors[name + ".weight"], _tensors[name + ".bias"].Values);
        var (inputs, outputs) = (weights.Dimensions[1], weights.Dimensions[2]);
        var result = new double[input.Length / stride][];
        for (var frame = 0; frame < result.Length; frame++)
        {
            result[frame] = new double[outputs];
            for (var output = 0; output < outputs; output++)
            {
                var sum = (double)bias[output];
                for (var tap = 0; tap < 3; tap++)
                {
                    var at = (frame * stride) + tap - 1;
                    for (var i = 0; i < inputs && at >= 0 && at < input.Length; i++)
                    {
                        sum += input[at][i] * weights.Values[(((output * inputs) + i) * 3) + tap];
                    }
                }

                result[frame][output] = Gelu(sum);
            }
        }

        return result;
    }

    double[][] Attend(double[][] input, double[][]? audio, string name, bool isCausal)
    {
        const int Length = Width / Heads;
        var queries = Multiply(input, name + ".query");
        var keys = Multiply(audio ?? input, name + ".key");
        var values = Multiply(audio ?? input, name + ".value");
        var result = new double[input.Length][];
        for (var row = 0; row < input.Length; row++)
        {
            result[row] = new double[Width];
            var seen = isCausal ? row + 1 : keys.Length;
            for (var head = 0; head < Heads; head++)
            {
                var scores = Enumerable.Range(0, seen).Select(other => Enumerable.Range(head * Length, Length)
                    .Sum(i => queries[row][i] * keys[other][i]) / Math.Sqrt(Length)).ToArray();
                var max = scores.Max();
                var weights = Array.ConvertAll(scores, score => Math.Exp(score - max));
                for (var i = head * Length; i < (head + 1) * Length; i++)
                {
                    result[row][i] = Enumerable.Range(0, seen).Sum(other => weights[other] * values[other][i]) / weights.Sum();
                }
            }
        }

        return Multiply(result, name + ".out");
    }

    double[][] FeedForward(double[][] input, string prefix) => Multiply(
        [.. Multiply(input, prefix + "mlp.0").Select(row => Array.ConvertAll(row, Gelu))], prefix + "mlp.2");

    double[][] Multiply(double[][] input, string name)
    {
        var weights = _tensors[name + ".weight"];
        var bias = _tensors.TryGetValue(name + ".bias", out var found) ? found.Values : null;
        var (columns, rows) = (weights.Dimensions[0], weights.Dimensions[1]);
        return [.. input.Select(vector => Enumerable.Range(0, rows)
            .Select(row => (bias?[row] ?? 0) + Enumerable.Range(0, columns).Sum(i => vector[i] * weights.Values[(row * columns) + i]))
            .ToArray())];
    }

    double[][] Norm(double[][] input, string name)
    {
        var (weight, bias) = (_tensors[name + ".weight"].Values, _tensors[name + ".bias"].Values);
        return [.. input.Select(row =>
        {
            var mean = row.Average();
            var scale = 1 / Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + 1e-5);
            return row.Select((value, i) => ((value - mean) * scale * weight[i]) + bias[i]).ToArray();
        })];
    }

    void Add(double[][] rows, string positions)
    {
        var values = _tensors[positions].Values;
        for (var row = 0; row < rows.Length; row++)
        {
            for (var i = 0; i < Width; i++)
            {
                rows[row][i] += values[(row * Width) + i];
            }
        }
    }

    static void AddTo(double[][] rows, double[][] others)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            for (var i = 0; i < Width; i++)
            {
                rows[row][i] += others[row][i];
            }
        }
    }

    /// <summary>With the error function by its series, which is exact enough everywhere it is needed.</summary>
    static double Gelu(double x)
    {
        var z = Math.Abs(x) / Math.Sqrt(2);
        var (sum, term) = (z, z);
        for (var n = 1; n < 200 && z < 6; n++)
        {
            term *= -z * z / n;
            sum += term / ((2 * n) + 1);
        }

        var erf = z >= 6 ? 1 : 2 / Math.Sqrt(Math.PI) * sum;
        return x * (1 + (x < 0 ? -erf : erf)) / 2;
    }
}
