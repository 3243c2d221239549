using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Language.HuggingFace;

/// <summary>What descendants of BERT have in common in <c>config.json</c> and in GGUF.</summary>
/// <param name="file"><c>config.json</c></param>
/// <param name="pooling"><c>1_Pooling/config.json</c> of Sentence Transformers; null where there is none.</param>
/// <param name="names">What the file calls its numbers.</param>
abstract class EncoderShape(JsonFile file, JsonFile? pooling, EncoderShape.NumberNames names) : IHuggingFaceShape
{
    const int Mean = 1;
    const int First = 2;
    const int Rank = 4;
    const string TypeCount = "type_vocab_size";

    public abstract string Architecture { get; }

    public int BlockCount { get; } = Checked(file, names);

    public int Width { get; } = Required(file, names.Width);

    public int FeedForwardLength { get; } = Required(file, names.FeedForward);

    public int VocabularySize { get; } = Required(file, "vocab_size");

    public int HeadsPerKeyValueHead => 1;

    protected JsonFile File => file;

    /// <summary>The model scores pairs of texts.</summary>
    protected bool Ranks { get; } = HuggingFaceEncoderConfig.IsClassifier(file);

    public float[]? RopeFactors() => null;

    public virtual void AddTo(GgufWriter writer)
    {
        writer.Add($"{Architecture}.block_count", (uint)BlockCount);
        writer.Add($"{Architecture}.context_length", (uint)Required(file, names.Context));
        writer.Add($"{Architecture}.embedding_length", (uint)Width);
        writer.Add($"{Architecture}.feed_forward_length", (uint)FeedForwardLength);
        writer.Add($"{Architecture}.attention.head_count", (uint)Required(file, names.Heads));
        writer.Add($"{Architecture}.attention.layer_norm_epsilon", (float)(JsonFile.Number(file.Root, names.Epsilon) ?? 1e-12));
        writer.Add($"{Architecture}.attention.causal", false);
        writer.Add(
            $"{Architecture}.pooling_type", (uint)(Ranks ? Rank : pooling?.Flag("pooling_mode_cls_token") == true ? First : Mean));
    }

    public abstract IEnumerable<HuggingFaceTensor> Tensors(Func<string, bool> isThere);

    protected static int Required(JsonFile file, string name) => file.Count(name) is > 0 and var value ? value : throw file.Lacks(name);

    /// <summary>Weight and bias of a norm.</summary>
    protected IEnumerable<HuggingFaceTensor> Norm(string name, string source) =>
        [new($"{name}.weight", $"{source}.weight", [Width]), new($"{name}.bias", $"{source}.bias", [Width])];

    /// <summary>The vectors of the words and of the two texts, which BERT's closest descendants add and norm.</summary>
    /// <param name="root">What the names in the file begin with.</param>
    /// <param name="norm">The name of the norm in the file, after the root.</param>
    protected IEnumerable<HuggingFaceTensor> WordsAndTypes(string root, string norm) =>
    [
        new(TensorNames.TokenEmbedding, $"{root}embeddings.word_embeddings.weight", [Width, VocabularySize]),
        new(TensorNames.TokenTypes, $"{root}embeddings.token_type_embeddings.weight", [Width, Required(file, TypeCount)]),
        .. Norm("token_embd_norm", $"{root}{norm}"),
    ];

    /// <summary>How many kinds of texts <see cref="WordsAndTypes"/> tells apart.</summary>
    protected void AddTypeCount(GgufWriter writer) => writer.Add("tokenizer.ggml.token_type_count", (uint)Required(file, TypeCount));

    /// <summary>What the names of such a model begin with.</summary>
    protected static string RootOf(Func<string, bool> isThere) =>
        isThere("bert.embeddings.word_embeddings.weight") ? "bert." : "";

    /// <summary>The layer that gives the scores.</summary>
    protected IEnumerable<HuggingFaceTensor> ScoreLayer()
    {
        long labels = HuggingFaceEncoderConfig.LabelCount(file);
        return
        [
            new(TensorNames.ClassifierOutput, "classifier.weight", [Width, labels]),
            new("cls.output.bias", "classifier.bias", [labels]),
        ];
    }

    static int Checked(JsonFile file, NumberNames names)
    {
        var (blocks, width, heads) = (Required(file, names.Blocks), Required(file, names.Width), Required(file, names.Heads));
        return blocks <= 10_000 && width % heads == 0
            ? blocks
            : throw new NoosException(ErrorKind.Damaged,
                $"The model's shape is impossible ({blocks} blocks, {heads} heads for a width of {width}); download it again.");
    }

    internal sealed record NumberNames(
        string Blocks = "num_hidden_layers", string Width = "hidden_size", string FeedForward = "intermediate_size",
        string Heads = "num_attention_heads", string Context = "max_position_embeddings", string Epsilon = "layer_norm_eps");
}
