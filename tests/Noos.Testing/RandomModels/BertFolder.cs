using System.Globalization;
using System.Text.Json.Nodes;
using Noos.Language.HuggingFace;
using Noos.Language.Models;
using Noos.Language.Safetensors;

namespace Noos.Testing.RandomModels;

/// <summary>A random BERT encoder as Hugging Face keeps one, and its states in double precision from the published equations.</summary>
public sealed class BertFolder : IDisposable
{
    public const int Blocks = 2;
    public const int Width = 64;
    public const int Heads = 2;
    public const int Hidden = 96;
    public const int Context = 48;
    public const double Epsilon = 1e-12;

    static readonly string[] s_tokens =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "the", "fox", "##es", "##a", "##b", "sn", "##ow", "."];

    readonly TemporaryFolder _folder = new();
    readonly Dictionary<string, float[]> _tensors = new(StringComparer.Ordinal);
    readonly Dictionary<string, long[]> _shapes = new(StringComparer.Ordinal);
    readonly Random _random = new(7);
    readonly string _root;

    /// <param name="poolsFirst">A vector is the state of the first token; else the mean of all.</param>
    /// <param name="ranks">It is a cross-encoder with a head of one score.</param>
    public BertFolder(bool poolsFirst = false, bool ranks = false)
    {
        _root = ranks ? "bert." : "";
        if (ranks)
        {
            Add("pooler.dense.weight", Width, Width);
            Add("pooler.dense.bias", Width, 0);
            Add("classifier.weight", 1, Width);
            Add("classifier.bias", 1, 0);
        }

        Add("embeddings.word_embeddings.weight", s_tokens.Length, Width);
        Add("embeddings.position_embeddings.weight", Context, Width);
        Add("embeddings.token_type_embeddings.weight", 2, Width);
        AddNorm("embeddings.LayerNorm");
        for (var block = 0; block < Blocks; block++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"encoder.layer.{block}.");
            foreach (var (name, rows, columns) in (IEnumerable<(string, int, int)>)[
                ("attention.self.query", Width, Width), ("attention.self.key", Width, Width), ("attention.self.value", Width, Width),
                ("attention.output.dense", Width, Width), ("intermediate.dense", Hidden, Width), ("output.dense", Width, Hidden)])
            {
                Add($"{prefix}{name}.weight", rows, columns);
                Add($"{prefix}{name}.bias", rows, 0);
            }

            AddNorm($"{prefix}attention.output.LayerNorm");
            AddNorm($"{prefix}output.LayerNorm");
        }

        SafetensorsWriter.Write(_folder.File("model.safetensors"), Entries());
        Write("config.json", new JsonObject
        {
            ["architectures"] = new JsonArray(ranks ? "BertForSequenceClassification" : "BertModel"),
            ["num_labels"] = 1,
            ["model_type"] = "bert",
            ["hidden_size"] = Width,
            ["num_hidden_layers"] = Blocks,
            ["num_attention_heads"] = Heads,
            ["intermediate_size"] = Hidden,
            ["hidden_act"] = "gelu",
            ["max_position_embeddings"] = Context,
            ["type_vocab_size"] = 2,
            ["vocab_size"] = s_tokens.Length,
            ["layer_norm_eps"] = Epsilon,
        });
        File.WriteAllLines(_folder.File("vocab.txt"), s_tokens);
        Directory.CreateDirectory(_folder.File("1_Pooling"));
        Write("1_Pooling/config.json", new JsonObject
        {
            ["pooling_mode_cls_token"] = poolsFirst,
            ["pooling_mode_mean_tokens"] = !poolsFirst,
        });
    }

    public string Path => _folder.Path;

    public string Output => _folder.File("bert.gguf");

    /// <summary>Writes it as a GGUF file.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="mix">How it is stored.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public void Convert(string path, string mix, CancellationToken cancellationToken) =>
        HuggingFaceConverter.Run(_folder.Path, path, QuantizationMix.Parse(mix), 1, progress: null, cancellationToken);

    /// <summary>Random texts, their first and last token those of the vocabulary.</summary>
    public int[][] Texts(params int[] lengths) =>
        Array.ConvertAll(
            lengths, length => (int[])[2, .. Enumerable.Range(0, length - 2).Select(_ => _random.Next(5, s_tokens.Length)), 3]);

    /// <summary>The hidden states [tokens][width] (Devlin et al., arXiv:1810.04805; Vaswani et al., arXiv:1706.03762).</summary>
    public double[][] States(int[] tokens) => States(tokens, tokens.Length);

    /// <summary>The score of a pair: the pooler's tanh of the first state, and the classifier.</summary>
    public double Score(int[] tokens, int secondStart) =>
        Linear("classifier", Array.ConvertAll(Linear("pooler.dense", States(tokens, secondStart)[0]), Math.Tanh))[0];

    double[][] States(int[] tokens, int secondStart)
    {
        var states = tokens.Select((token, position) => Norm("embeddings.LayerNorm", [.. Enumerable.Range(0, Width).Select(column =>
            (double)_tensors["embeddings.word_embeddings.weight"][(token * Width) + column]
            + _tensors["embeddings.position_embeddings.weight"][(position * Width) + column]
            + _tensors["embeddings.token_type_embeddings.weight"][(position < secondStart ? 0 : Width) + column])])).ToArray();
        for (var block = 0; block < Blocks; block++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"encoder.layer.{block}.");
            var attended = Attend(
                Array.ConvertAll(states, state => Linear($"{prefix}attention.self.query", state)),
                Array.ConvertAll(states, state => Linear($"{prefix}attention.self.key", state)),
                Array.ConvertAll(states, state => Linear($"{prefix}attention.self.value", state)));
            for (var token = 0; token < states.Length; token++)
            {
                var state = Norm(
                    $"{prefix}attention.output.LayerNorm", Sum(Linear($"{prefix}attention.output.dense", attended[token]), states[token]));
                var hidden = Array.ConvertAll(Linear($"{prefix}intermediate.dense", state), Gelu);
                states[token] = Norm($"{prefix}output.LayerNorm", Sum(Linear($"{prefix}output.dense", hidden), state));
            }
        }

        return states;
    }

    public void Dispose() => _folder.Dispose();

    static double[][] Attend(double[][] queries, double[][] keys, double[][] values)
    {
        var length = Width / Heads;
        var output = Array.ConvertAll(queries, _ => new double[Width]);
        for (var head = 0; head < Heads; head++)
        {
            var columns = Enumerable.Range(head * length, length).ToArray();
            for (var token = 0; token < queries.Length; token++)
            {
                var scores = keys.Select(key => columns.Sum(column => queries[token][column] * key[column]) / Math.Sqrt(length)).ToArray();
                var weights = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                foreach (var column in columns)
                {
                    output[token][column] = weights.Zip(values, (weight, value) => weight * value[column]).Sum() / weights.Sum();
                }
            }
        }

        return output;
    }

    double[] Linear(string name, double[] input)
    {
        var (weight, bias) = (_tensors[$"{name}.weight"], _tensors[$"{name}.bias"]);
        return
        [
            .. bias.Select((start, row) =>
                start + input.Select((value, column) => value * weight[(row * input.Length) + column]).Sum()),
        ];
    }

    double[] Norm(string name, double[] input)
    {
        var (weight, bias, mean) = (_tensors[$"{name}.weight"], _tensors[$"{name}.bias"], input.Average());
        var deviation = Math.Sqrt(input.Average(value => (value - mean) * (value - mean)) + Epsilon);
        return [.. input.Select((value, column) => ((value - mean) / deviation * weight[column]) + bias[column])];
    }

    static double[] Sum(double[] one, double[] other) => [.. one.Zip(other, (left, right) => left + right)];

    // The error function by its Taylor series, which converges fast enough for what stands in a layer.
    static double Gelu(double x)
    {
        var z = x / Math.Sqrt(2);
        var (term, sum) = (z, z);
        for (var n = 1; n < 200; n++)
        {
            term *= -z * z / n;
            sum += term / ((2 * n) + 1);
        }

        return x * (1 + (2 / Math.Sqrt(Math.PI) * sum)) / 2;
    }

    IEnumerable<SafetensorsEntry> Entries() =>
        _tensors.Select(tensor => new SafetensorsEntry(
            (tensor.Key.StartsWith("classifier", StringComparison.Ordinal) ? "" : _root) + tensor.Key, _shapes[tensor.Key], tensor.Value));

    void Add(string name, int rows, int columns)
    {
        _shapes[name] = columns == 0 ? [rows] : [rows, columns];
        var scale = columns == 0 ? 0.1 : 1.5 / Math.Sqrt(columns);
        var values = Enumerable.Range(0, rows * Math.Max(1, columns)).Select(_ => (float)((_random.NextDouble() - 0.5) * 2 * scale));
        _tensors[name] = [.. values];
    }

    void AddNorm(string name)
    {
        Add($"{name}.weight", Width, 0);
        Add($"{name}.bias", Width, 0);
        _tensors[$"{name}.weight"] = [.. _tensors[$"{name}.weight"].Select(value => 1 + value)];
    }

    void Write(string name, JsonObject json) => File.WriteAllText(_folder.File(name), json.ToJsonString());
}
