using Noos.Inference.KeyValues;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;

namespace Noos.Inference.Tests.Support;

/// <summary>A model file with random weights, deleted at the end; also the weights, for oracles.</summary>
sealed class RandomModel : IDisposable
{
    readonly Dictionary<string, float[]> _tensors = [];
    readonly int _seed;

    public RandomModel(TransformerConfig config, GgufTensorType type, int seed = 1, Tokenizer? tokenizer = null)
    {
        _seed = seed;
        Tokenizer = tokenizer ?? Vocabulary.Small;
        Config = config with { VocabularySize = Tokenizer.VocabularySize };
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"noos-{Guid.NewGuid():N}.gguf");
        ModelFile.Write(Path, Config, Tokenizer, Tensor, type, new ModelInfo("random"));
    }

    public static TransformerConfig TinyShape { get; } = new()
    {
        ContextLength = 96,
        EmbeddingLength = 64,
        BlockCount = 3,
        FeedForwardLength = 96,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadLength = 32,
    };

    /// <summary>Nothing is a multiple of a vector's width.</summary>
    public static TransformerConfig OddShape { get; } = new()
    {
        ContextLength = 96,
        EmbeddingLength = 52,
        BlockCount = 2,
        FeedForwardLength = 86,
        HeadCount = 3,
        KeyValueHeadCount = 1,
        HeadLength = 18,
        TiedEmbeddings = false,
    };

    public string Path { get; }

    public Tokenizer Tokenizer { get; }

    public TransformerConfig Config { get; }

    public LanguageModel Load(int threads = 1, int promptChunk = 32, KeyValueType keyValues = KeyValueType.F16) =>
        LanguageModel.Load(Path, TestOptions.Default with { Threads = threads, PromptChunk = promptChunk, KeyValueType = keyValues });

    /// <summary>
    /// The same values whenever the name is asked for: norms near 1, matrices of the scale that keeps activations near 1.
    /// </summary>
    public float[] Tensor(string name)
    {
        if (_tensors.TryGetValue(name, out var values))
        {
            return values;
        }

        var (rows, columns) = Shape(name);
        var seed = _seed;
        foreach (var letter in name)
        {
            seed = unchecked((seed * 31) + letter);
        }

        var random = new Random(seed);
        values = new float[rows * columns];
        var scale = rows == 1 ? 0.2 : 1.7 / Math.Sqrt(columns);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(((random.NextDouble() * 2) - 1) * scale) + (rows == 1 ? 1 : 0);
        }

        _tensors.Add(name, values);
        return values;
    }

    public void Dispose() => File.Delete(Path);

    (int Rows, int Columns) Shape(string name) => name.Split('.')[^2] switch
    {
        "token_embd" or "output" => (Config.VocabularySize, Config.EmbeddingLength),
        "attn_q" => (Config.QueryLength, Config.EmbeddingLength),
        "attn_k" or "attn_v" => (Config.KeyValueLength, Config.EmbeddingLength),
        "attn_output" => (Config.EmbeddingLength, Config.QueryLength),
        "ffn_gate" or "ffn_up" => (Config.FeedForwardLength, Config.EmbeddingLength),
        "ffn_down" => (Config.EmbeddingLength, Config.FeedForwardLength),
        "attn_q_norm" or "attn_k_norm" => (1, Config.HeadLength),
        _ => (1, Config.EmbeddingLength),
    };
}
