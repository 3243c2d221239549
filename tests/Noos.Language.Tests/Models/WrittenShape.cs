using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Language.Tests.Models;

/// <summary>The shape that the metadata and tensors of a model of ours tell.</summary>
static class WrittenShape
{
    public static TransformerConfig Read(GgufFile file) => new()
    {
        VocabularySize = Rows(file, TensorNames.TokenEmbedding),
        ContextLength = Integer(file, "context_length"),
        EmbeddingLength = Integer(file, "embedding_length"),
        BlockCount = Integer(file, "block_count"),
        FeedForwardLength = Integer(file, "feed_forward_length"),
        HeadCount = Integer(file, "attention.head_count"),
        KeyValueHeadCount = Integer(file, "attention.head_count_kv"),
        HeadLength = Integer(file, "attention.key_length"),
        RopeFrequencyBase = (float)file.GetFloat("qwen3.rope.freq_base")!,
        NormEpsilon = (float)file.GetFloat("qwen3.attention.layer_norm_rms_epsilon")!,
        TiedEmbeddings = !file.TryGetTensor(TensorNames.Output, out _),
    };

    static int Integer(GgufFile file, string name) => (int)file.GetInteger("qwen3." + name)!;

    static int Rows(GgufFile file, string name) => file.TryGetTensor(name, out var tensor) ? (int)tensor.Dimensions[1] : 0;
}
