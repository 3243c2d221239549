using System.Text.Json;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Language.HuggingFace;

/// <summary>The shape of a BERT encoder in <c>config.json</c> (Devlin et al., arXiv:1810.04805), with llama.cpp's names in GGUF.</summary>
sealed class HuggingFaceEncoderConfig : IHuggingFaceShape
{
    /// <summary>As <c>model_type</c> of <c>config.json</c> names it.</summary>
    public const string ModelType = "bert";

    const int MaxBlocks = 10_000;
    const int Mean = 1;
    const int First = 2;
    const int Rank = 4;

    readonly JsonFile _file;
    readonly int _pooling;

    /// <param name="file"><c>config.json</c></param>
    /// <param name="pooling"><c>1_Pooling/config.json</c> of Sentence Transformers; null where there is none.</param>
    /// <exception cref="NoosException">Something is missing, impossible, or not as BERT has it.</exception>
    public HuggingFaceEncoderConfig(JsonFile file, JsonFile? pooling)
    {
        _file = file;
        BlockCount = Required("num_hidden_layers");
        Width = Required("hidden_size");
        FeedForwardLength = Required("intermediate_size");
        HeadCount = Required("num_attention_heads");
        VocabularySize = Required("vocab_size");
        if (BlockCount > MaxBlocks || Width % HeadCount != 0)
        {
            throw new NoosException(ErrorKind.Damaged,
                $"The model's shape is impossible ({BlockCount} blocks, {HeadCount} heads for a width of {Width}); download it again.");
        }

        if (JsonFile.Text(file.Root, "hidden_act", "config.json") is not (null or "gelu") and var activation)
        {
            throw new NoosException(
                $"The model's feed-forward layers use '{activation}', which cannot be converted; choose a model that uses 'gelu'.");
        }

        if (JsonFile.Text(file.Root, "position_embedding_type", "config.json") is not (null or "absolute") and var positions)
        {
            throw new NoosException(
                $"The model has positions of the kind '{positions}', which cannot be converted; choose one with 'absolute' ones.");
        }

        _pooling = IsClassifier(file) ? Rank : pooling?.Flag("pooling_mode_cls_token") == true ? First : Mean;
        if (pooling?.Flag("pooling_mode_max_tokens") == true)
        {
            throw new NoosException(
                "The model pools its tokens by their maximum, which cannot be converted; choose one that takes the mean or the first.");
        }
    }

    /// <summary>The model has a head that gives scores.</summary>
    public static bool IsClassifier(JsonFile file) =>
        file.Find("architectures", JsonValueKind.Array) is { } names
        && names.EnumerateArray().Any(name =>
            JsonFile.TextOf(name, "config.json")?.EndsWith("ForSequenceClassification", StringComparison.Ordinal) == true);

    /// <summary>Scores that the head gives.</summary>
    public static int LabelCount(JsonFile file) =>
        file.Count("num_labels") ?? file.Find("id2label", JsonValueKind.Object)?.EnumerateObject().Count() ?? 2;

    public string Architecture => "bert";

    public int BlockCount { get; }

    public int Width { get; }

    public int FeedForwardLength { get; }

    public int HeadCount { get; }

    public int VocabularySize { get; }

    public int HeadsPerKeyValueHead => 1;

    public float[]? RopeFactors() => null;

    public void AddTo(GgufWriter writer)
    {
        writer.Add("bert.block_count", (uint)BlockCount);
        writer.Add("bert.context_length", (uint)Required("max_position_embeddings"));
        writer.Add("bert.embedding_length", (uint)Width);
        writer.Add("bert.feed_forward_length", (uint)FeedForwardLength);
        writer.Add("bert.attention.head_count", (uint)HeadCount);
        writer.Add("bert.attention.layer_norm_epsilon", (float)(JsonFile.Number(_file.Root, "layer_norm_eps") ?? 1e-12));
        writer.Add("bert.attention.causal", false);
        writer.Add("bert.pooling_type", (uint)_pooling);
        writer.Add("tokenizer.ggml.token_type_count", (uint)Required("type_vocab_size"));
    }

    public IEnumerable<HuggingFaceTensor> Tensors(Func<string, bool> isThere)
    {
        // Models with a head for a task keep the encoder under its name.
        var root = isThere("bert.embeddings.word_embeddings.weight") ? "bert." : "";
        long width = Width;
        yield return new(TensorNames.TokenEmbedding, $"{root}embeddings.word_embeddings.weight", [width, VocabularySize]);
        yield return new(
            TensorNames.PositionEmbedding, $"{root}embeddings.position_embeddings.weight", [width, Required("max_position_embeddings")]);
        yield return new(
            TensorNames.TokenTypes, $"{root}embeddings.token_type_embeddings.weight", [width, Required("type_vocab_size")]);
        foreach (var vector in Vectors("token_embd_norm", $"{root}embeddings.LayerNorm"))
        {
            yield return vector;
        }

        for (var block = 0; block < BlockCount; block++)
        {
            var (target, source) = ($"blk.{block}.", $"{root}encoder.layer.{block}.");
            foreach (var tensor in (IEnumerable<HuggingFaceTensor>)[
                .. Layer("attn_q", "attention.self.query", width, width),
                .. Layer("attn_k", "attention.self.key", width, width),
                .. Layer("attn_v", "attention.self.value", width, width),
                .. Layer("attn_output", "attention.output.dense", width, width),
                .. Vectors($"{target}attn_output_norm", $"{source}attention.output.LayerNorm"),
                .. Layer("ffn_up", "intermediate.dense", width, FeedForwardLength),
                .. Layer("ffn_down", "output.dense", FeedForwardLength, width),
                .. Vectors($"{target}layer_output_norm", $"{source}output.LayerNorm")])
            {
                yield return tensor;
            }

            IEnumerable<HuggingFaceTensor> Layer(string name, string sourceName, long columns, long rows) =>
            [
                new($"{target}{name}.weight", $"{source}{sourceName}.weight", [columns, rows]),
                new($"{target}{name}.bias", $"{source}{sourceName}.bias", [rows]),
            ];
        }

        if (_pooling == Rank)
        {
            // These models were trained with the pooler, so that their scores need it.
            long labels = LabelCount(_file);
            yield return new("cls.weight", $"{root}pooler.dense.weight", [width, width]);
            yield return new("cls.bias", $"{root}pooler.dense.bias", [width]);
            yield return new(TensorNames.ClassifierOutput, "classifier.weight", [width, labels]);
            yield return new("cls.output.bias", "classifier.bias", [labels]);
        }

        IEnumerable<HuggingFaceTensor> Vectors(string name, string source) =>
            [new($"{name}.weight", $"{source}.weight", [width]), new($"{name}.bias", $"{source}.bias", [width])];
    }

    int Required(string name) => _file.Count(name) is > 0 and var value ? value : throw _file.Lacks(name);
}
