using System.Globalization;
using System.Text.Json.Nodes;
using Noos.Language.HuggingFace;
using Noos.Language.Models;
using Noos.Language.Safetensors;

namespace Noos.Testing.RandomModels;

/// <summary>
/// A random descendant of BERT as Hugging Face keeps one, and its states in double precision, in plain loops, from the equations of its
/// paper: "nomic_bert" (arXiv:2402.01613), "jina" (arXiv:2310.19923) or "modernbert" (arXiv:2412.13663).
/// </summary>
public sealed class EncoderFolder : IDisposable
{
    public const int Blocks = 4;
    public const int Width = 96;
    public const int Heads = 3;
    public const int Hidden = 64;
    public const int Context = 80;
    public const int Window = 16;
    const int Head = Width / Heads;
    const double Epsilon = 1e-5;

    static readonly string[] s_words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "the", "fox", "##es", "sn", "##ow", "."];

    readonly string _family;
    readonly bool _ranks;
    readonly TemporaryFolder _folder = new();
    readonly Dictionary<string, float[]> _tensors = new(StringComparer.Ordinal);
    readonly Dictionary<string, long[]> _shapes = new(StringComparer.Ordinal);
    readonly Random _random = new(11);

    public EncoderFolder(string family, bool ranks = false)
    {
        (_family, _ranks) = (family, ranks);
        VocabularySize = IsModern ? 256 + s_words.Length : s_words.Length;
        Add(IsModern ? "embeddings.tok_embeddings.weight" : "embeddings.word_embeddings.weight", VocabularySize, Width);
        if (!IsModern)
        {
            Add("embeddings.token_type_embeddings.weight", 2, Width);
        }

        AddNorm(EmbeddingNorm);
        for (var block = 0; block < Blocks; block++)
        {
            var names = NamesOf(block);
            if (family == "jina")
            {
                foreach (var part in (string[])["query", "key", "value"])
                {
                    Add($"{names.Attention}self.{part}.weight", Width, Width);
                    Add($"{names.Attention}self.{part}.bias", Width, 0);
                }

                Add($"{names.Output}.bias", Width, 0);
                Add($"{names.Down}.bias", Width, 0);
                Add($"{names.Prefix}mlp.gated_layers.weight", 2 * Hidden, Width);
            }
            else
            {
                Add($"{names.Prefix}attn.Wqkv.weight", 3 * Width, Width);
                if (IsModern)
                {
                    Add($"{names.Prefix}mlp.Wi.weight", 2 * Hidden, Width);
                }
                else
                {
                    Add($"{names.Prefix}mlp.fc11.weight", Hidden, Width);
                    Add($"{names.Prefix}mlp.fc12.weight", Hidden, Width);
                }
            }

            Add($"{names.Output}.weight", Width, Width);
            Add($"{names.Down}.weight", Width, Hidden);
            if (!IsModern || block > 0)
            {
                AddNorm(names.FirstNorm);
            }

            AddNorm(names.SecondNorm);
        }

        if (IsModern)
        {
            AddNorm("final_norm");
        }

        if (ranks)
        {
            Add(IsModern ? "head.dense.weight" : "pooler.dense.weight", Width, Width);
            if (IsModern)
            {
                AddNorm("head.norm");
            }
            else
            {
                Add("pooler.dense.bias", Width, 0);
            }

            Add("classifier.weight", 1, Width);
            Add("classifier.bias", 1, 0);
        }

        SafetensorsWriter.Write(
            _folder.File("model.safetensors"),
            _tensors.Select(tensor => new SafetensorsEntry(StoredName(tensor.Key), _shapes[tensor.Key], tensor.Value)));
        WriteConfig();
        WriteVocabulary();
    }

    public int VocabularySize { get; }

    public string Output => _folder.File("encoder.gguf");

    bool IsModern => _family == "modernbert";

    string EmbeddingNorm => _family switch { "jina" => "embeddings.LayerNorm", "modernbert" => "embeddings.norm", _ => "emb_ln" };

    /// <summary>Writes it as a GGUF file.</summary>
    public void Convert(string mix, CancellationToken cancellationToken) =>
        HuggingFaceConverter.Run(_folder.Path, Output, QuantizationMix.Parse(mix), 1, progress: null, cancellationToken);

    /// <summary>Random texts.</summary>
    public int[][] Texts(params int[] lengths) => Array.ConvertAll(
        lengths, length => Enumerable.Range(0, length).Select(_ => _random.Next(VocabularySize)).ToArray());

    /// <summary>The hidden states [tokens][width].</summary>
    public double[][] States(int[] tokens, int secondStart)
    {
        var states = tokens.Select((token, position) => Norm(EmbeddingNorm, [.. Enumerable.Range(0, Width).Select(column =>
            IsModern
                ? (double)_tensors["embeddings.tok_embeddings.weight"][(token * Width) + column]
                : (double)_tensors["embeddings.word_embeddings.weight"][(token * Width) + column]
                    + _tensors["embeddings.token_type_embeddings.weight"][(position < secondStart ? 0 : Width) + column])])).ToArray();
        for (var block = 0; block < Blocks; block++)
        {
            var names = NamesOf(block);
            var inputs = IsModern && block > 0 ? Array.ConvertAll(states, state => Norm(names.FirstNorm, state)) : states;
            var attended = Attend(block, Array.ConvertAll(inputs, input => QueryKeyValue(block, input)));
            for (var token = 0; token < states.Length; token++)
            {
                var state = Sum(states[token], Linear(names.Output, attended[token]));
                state = IsModern ? state : Norm(names.FirstNorm, state);
                var result = Sum(state, FeedForward(block, IsModern ? Norm(names.SecondNorm, state) : state));
                states[token] = IsModern ? result : Norm(names.SecondNorm, result);
            }
        }

        return IsModern ? Array.ConvertAll(states, state => Norm("final_norm", state)) : states;
    }

    /// <summary>The score of a pair.</summary>
    public double Score(int[] tokens, int secondStart)
    {
        var states = States(tokens, secondStart);
        var pooled = IsModern
            ? Norm("head.norm", Array.ConvertAll(Linear("head.dense", MeanOf(states)), Gelu))
            : Array.ConvertAll(Linear("pooler.dense", states[0]), Math.Tanh);
        return Linear("classifier", pooled)[0];
    }

    public static double[] MeanOf(double[][] states) =>
        [.. Enumerable.Range(0, Width).Select(column => states.Average(state => state[column]))];

    public void Dispose() => _folder.Dispose();

    (string Prefix, string Attention, string Output, string Down, string FirstNorm, string SecondNorm) NamesOf(int block)
    {
        var number = block.ToString(CultureInfo.InvariantCulture);
        return _family switch
        {
            "jina" => ($"encoder.layer.{number}.", $"encoder.layer.{number}.attention.", $"encoder.layer.{number}.attention.output.dense",
                $"encoder.layer.{number}.mlp.wo", $"encoder.layer.{number}.attention.output.LayerNorm",
                $"encoder.layer.{number}.mlp.layernorm"),
            "modernbert" => ($"layers.{number}.", "", $"layers.{number}.attn.Wo", $"layers.{number}.mlp.Wo", $"layers.{number}.attn_norm",
                $"layers.{number}.mlp_norm"),
            _ => ($"encoder.layers.{number}.", "", $"encoder.layers.{number}.attn.out_proj", $"encoder.layers.{number}.mlp.fc2",
                $"encoder.layers.{number}.norm1", $"encoder.layers.{number}.norm2"),
        };
    }

    string StoredName(string name) => name.StartsWith("head.", StringComparison.Ordinal)
        || name.StartsWith("classifier.", StringComparison.Ordinal) ? name
        : IsModern ? "model." + name
        : _ranks ? "bert." + name
        : name;

    double[] QueryKeyValue(int block, double[] input)
    {
        var names = NamesOf(block);
        return _family == "jina"
            ? [.. ((string[])["query", "key", "value"]).SelectMany(part => Linear($"{names.Attention}self.{part}", input))]
            : Linear($"{names.Prefix}attn.Wqkv", input);
    }

    double[] FeedForward(int block, double[] input)
    {
        var names = NamesOf(block);
        double[] hidden;
        if (_family == "nomic_bert")
        {
            var up = Linear($"{names.Prefix}mlp.fc11", input);
            var gate = Linear($"{names.Prefix}mlp.fc12", input);
            hidden = [.. up.Zip(gate, (left, right) => left * right / (1 + Math.Exp(-right)))];
        }
        else
        {
            var both = Linear($"{names.Prefix}mlp.{(IsModern ? "Wi" : "gated_layers")}", input);
            hidden = [.. Enumerable.Range(0, Hidden).Select(i => Gelu(both[i]) * both[Hidden + i])];
        }

        return Linear(names.Down, hidden);
    }

    double[][] Attend(int block, double[][] rows)
    {
        var isLocal = IsModern && block % 3 != 0;
        var frequencyBase = _family == "nomic_bert" ? 1000.0 : isLocal ? 10_000.0 : 160_000.0;
        var output = Array.ConvertAll(rows, _ => new double[Width]);
        for (var head = 0; head < Heads; head++)
        {
            var turned = rows.Select((row, position) => _family == "jina"
                ? row
                : Turn(Turn(row, head * Head, position, frequencyBase), Width + (head * Head), position, frequencyBase)).ToArray();
            // Three heads: two of the sequence of two, 1/16 and 1/256, and the first of the sequence of four, 1/4.
            var slope = _family == "jina" ? new[] { 1.0 / 16, 1.0 / 256, 1.0 / 4 }[head] : 0;
            for (var i = 0; i < rows.Length; i++)
            {
                var weights = new double[rows.Length];
                for (var j = 0; j < rows.Length; j++)
                {
                    var score = 0.0;
                    for (var column = 0; column < Head; column++)
                    {
                        score += turned[i][(head * Head) + column] * turned[j][Width + (head * Head) + column];
                    }

                    weights[j] = isLocal && Math.Abs(i - j) > Window / 2
                        ? 0
                        : Math.Exp((score / Math.Sqrt(Head)) - (slope * Math.Abs(i - j)));
                }

                var sum = weights.Sum();
                for (var column = 0; column < Head; column++)
                {
                    for (var j = 0; j < rows.Length; j++)
                    {
                        output[i][(head * Head) + column] += weights[j] / sum * rows[j][(2 * Width) + (head * Head) + column];
                    }
                }
            }
        }

        return output;
    }

    static double[] Turn(double[] row, int start, int position, double frequencyBase)
    {
        var turned = (double[])row.Clone();
        for (var i = 0; i < Head / 2; i++)
        {
            var (sine, cosine) = Math.SinCos(position * Math.Pow(frequencyBase, -2.0 * i / Head));
            turned[start + i] = (row[start + i] * cosine) - (row[start + (Head / 2) + i] * sine);
            turned[start + (Head / 2) + i] = (row[start + (Head / 2) + i] * cosine) + (row[start + i] * sine);
        }

        return turned;
    }

    double[] Linear(string name, double[] input)
    {
        var weight = _tensors[$"{name}.weight"];
        var bias = _tensors.GetValueOrDefault($"{name}.bias");
        var output = new double[weight.Length / input.Length];
        for (var row = 0; row < output.Length; row++)
        {
            output[row] = bias?[row] ?? 0;
            for (var column = 0; column < input.Length; column++)
            {
                output[row] += input[column] * weight[(row * input.Length) + column];
            }
        }

        return output;
    }

    double[] Norm(string name, double[] input)
    {
        var (weight, bias, mean) = (_tensors[$"{name}.weight"], _tensors.GetValueOrDefault($"{name}.bias"), input.Average());
        var deviation = Math.Sqrt(input.Average(value => (value - mean) * (value - mean)) + Epsilon);
        return [.. input.Select((value, column) => ((value - mean) / deviation * weight[column]) + (bias?[column] ?? 0))];
    }

    static double[] Sum(double[] one, double[] other) => [.. one.Zip(other, (left, right) => left + right)];

    // The error function by its Taylor series.
    static double Gelu(double x)
    {
        var z = x / Math.Sqrt(2);
        var (term, sum) = (z, z);
        for (var n = 1; n < 100; n++)
        {
            term *= -z * z / n;
            sum += term / ((2 * n) + 1);
        }

        return x * (1 + (2 / Math.Sqrt(Math.PI) * sum)) / 2;
    }

    void Add(string name, int rows, int columns)
    {
        _shapes[name] = columns == 0 ? [rows] : [rows, columns];
        var scale = columns == 0 ? 0.1 : 1.5 / Math.Sqrt(columns);
        _tensors[name] =
            [.. Enumerable.Range(0, rows * Math.Max(1, columns)).Select(_ => (float)((_random.NextDouble() - 0.5) * 2 * scale))];
    }

    void AddNorm(string name)
    {
        Add($"{name}.weight", Width, 0);
        _tensors[$"{name}.weight"] = [.. _tensors[$"{name}.weight"].Select(value => 1 + value)];
        if (!IsModern)
        {
            Add($"{name}.bias", Width, 0);
        }
    }

    void WriteConfig()
    {
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(_ranks ? "ModelForSequenceClassification" : "Model"),
            ["num_labels"] = 1,
            ["vocab_size"] = VocabularySize,
            ["type_vocab_size"] = 2,
        };
        if (_family == "nomic_bert")
        {
            (config["model_type"], config["n_layer"], config["n_embd"], config["n_inner"]) = ("nomic_bert", Blocks, Width, Hidden);
            (config["n_head"], config["n_positions"], config["layer_norm_epsilon"]) = (Heads, Context, Epsilon);
            (config["activation_function"], config["rotary_emb_base"]) = ("swiglu", 1000);
        }
        else
        {
            (config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"]) = (Blocks, Width, Hidden);
            (config["num_attention_heads"], config["max_position_embeddings"]) = (Heads, Context);
            (config["layer_norm_eps"], config["norm_eps"]) = (Epsilon, Epsilon);
            (config["model_type"], config["position_embedding_type"]) = (IsModern ? "modernbert" : "bert", "alibi");
            (config["local_attention"], config["classifier_pooling"]) = (Window, "mean");
        }

        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
    }

    void WriteVocabulary()
    {
        if (!IsModern)
        {
            File.WriteAllLines(_folder.File("vocab.txt"), s_words);
            return;
        }

        var vocabulary = new JsonObject();
        var added = new JsonArray();
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            // GPT-2's alphabet: what can be printed stands for itself.
            var letter = value is (> 32 and < 127) or (> 160 and not 173) ? (char)value : (char)next++;
            vocabulary[letter.ToString()] = value;
        }

        for (var index = 0; index < s_words.Length; index++)
        {
            added.Add(new JsonObject { ["id"] = 256 + index, ["content"] = $"[{s_words[index].Trim('[', ']')}]", ["special"] = true });
        }

        File.WriteAllText(_folder.File("tokenizer.json"), new JsonObject
        {
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
            ["added_tokens"] = added,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel" },
        }.ToJsonString());
        File.WriteAllText(
            _folder.File("tokenizer_config.json"), new JsonObject { ["cls_token"] = "[CLS]", ["sep_token"] = "[SEP]" }.ToJsonString());
    }
}
