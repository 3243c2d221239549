using Noos.Language.Models;

namespace Noos.Testing.RandomModels;

/// <summary>The tensors of the known architectures with their sizes, values of a row first, as llama.cpp loads them (src/models).</summary>
public static class RandomModelTensors
{
    public static IEnumerable<(string Name, IReadOnlyList<long> Dimensions)> List(RandomModelShape shape, int vocabularySize)
    {
        long width = shape.EmbeddingLength;
        yield return (TensorNames.TokenEmbedding, [width, vocabularySize]);
        if (shape.Llama3Rope)
        {
            yield return ("rope_freqs.weight", [shape.HeadLength / 2]);
        }

        for (var block = 0; block < shape.BlockCount; block++)
        {
            var mixing = shape.IsConvolution(block) ? Convolution(shape) : Attention(shape);
            foreach (var (name, dimensions) in mixing.Concat(
                shape.ExpertCount > 0 && block >= shape.DenseBlockCount ? Experts(shape) : FeedForward(shape)))
            {
                yield return ($"blk.{block}.{name}", dimensions);
            }
        }

        yield return (shape.Architecture is "lfm2" or "lfm2moe" ? "token_embd_norm.weight" : TensorNames.OutputNorm, [width]);
        if (!shape.TiedEmbeddings)
        {
            yield return (TensorNames.Output, [width, vocabularySize]);
        }
    }

    static IEnumerable<(string Name, IReadOnlyList<long> Dimensions)> Convolution(RandomModelShape shape)
    {
        long width = shape.EmbeddingLength;
        yield return ("attn_norm.weight", [width]);
        yield return ("shortconv.in_proj.weight", [width, 3 * width]);
        yield return ("shortconv.conv.weight", [shape.ConvolutionLength, width]);
        yield return ("shortconv.out_proj.weight", [width, width]);
    }

    static IEnumerable<(string Name, IReadOnlyList<long> Dimensions)> Attention(RandomModelShape shape)
    {
        long width = shape.EmbeddingLength;
        long query = shape.HeadCount * shape.HeadLength;
        long key = shape.KeyValueHeadCount * shape.HeadLength;
        var hasBiases = shape.HasAttentionBiases || shape.Architecture is "qwen2" or "gpt-oss";
        if (shape.Architecture is not ("olmo2" or "exaone4"))
        {
            yield return ("attn_norm.weight", [width]);
        }

        if (shape.Architecture == "phi3")
        {
            yield return ("attn_qkv.weight", [width, query + (2 * key)]);
        }
        else
        {
            yield return ("attn_q.weight", [width, query]);
            yield return ("attn_k.weight", [width, key]);
            yield return ("attn_v.weight", [width, key]);
        }

        if (hasBiases)
        {
            yield return ("attn_q.bias", [query]);
            yield return ("attn_k.bias", [key]);
            yield return ("attn_v.bias", [key]);
        }

        if (shape.Architecture is "qwen3" or "qwen3moe" or "gemma3" or "exaone4" or "hunyuan-dense" or "hunyuan-moe" or "lfm2" or "lfm2moe"
            or "glm4moe")
        {
            yield return ("attn_q_norm.weight", [shape.HeadLength]);
            yield return ("attn_k_norm.weight", [shape.HeadLength]);
        }
        else if (shape.Architecture == "olmo2")
        {
            // One norm for all heads of a token.
            yield return ("attn_q_norm.weight", [query]);
            yield return ("attn_k_norm.weight", [key]);
        }

        yield return ("attn_output.weight", [query, width]);
        if (shape.Architecture == "gpt-oss")
        {
            yield return ("attn_output.bias", [width]);
            yield return ("attn_sinks.weight", [shape.HeadCount]);
        }

        if (shape.Architecture is "gemma2" or "gemma3" or "gpt-oss" or "olmo2" or "exaone4" or "glm4" or "seed_oss" or "glm4moe")
        {
            yield return ("post_attention_norm.weight", [width]);
        }
    }

    static IEnumerable<(string Name, IReadOnlyList<long> Dimensions)> FeedForward(RandomModelShape shape)
    {
        long width = shape.EmbeddingLength;
        long hidden = shape.FeedForwardLength;
        if (shape.Architecture is not ("olmo2" or "exaone4" or "seed_oss" or "glm4moe"))
        {
            yield return ("ffn_norm.weight", [width]);
        }

        if (shape.Architecture is "phi3" or "glm4")
        {
            // The gate and the values one after the other.
            yield return ("ffn_up.weight", [width, 2 * hidden]);
        }
        else
        {
            yield return ("ffn_gate.weight", [width, hidden]);
            yield return ("ffn_up.weight", [width, hidden]);
        }

        yield return ("ffn_down.weight", [hidden, width]);
        if (shape.Architecture is "gemma2" or "gemma3" or "olmo2" or "exaone4" or "glm4")
        {
            yield return ("post_ffw_norm.weight", [width]);
        }
    }

    static IEnumerable<(string Name, IReadOnlyList<long> Dimensions)> Experts(RandomModelShape shape)
    {
        long width = shape.EmbeddingLength;
        long hidden = shape.ExpertFeedForwardLength;
        long experts = shape.ExpertCount;
        var hasBiases = shape.Architecture == "gpt-oss";
        if (!hasBiases && shape.Architecture != "glm4moe")
        {
            yield return ("ffn_norm.weight", [width]);
        }

        if (shape.Architecture is "glm4moe" or "ernie4_5-moe" or "lfm2moe")
        {
            yield return ("exp_probs_b.bias", [experts]);
        }

        yield return ("ffn_gate_inp.weight", [width, experts]);
        yield return ("ffn_gate_exps.weight", [width, hidden, experts]);
        yield return ("ffn_up_exps.weight", [width, hidden, experts]);
        yield return ("ffn_down_exps.weight", [hidden, width, experts]);
        if (shape.SharedExpertLength > 0)
        {
            yield return ("ffn_gate_shexp.weight", [width, shape.SharedExpertLength]);
            yield return ("ffn_up_shexp.weight", [width, shape.SharedExpertLength]);
            yield return ("ffn_down_shexp.weight", [shape.SharedExpertLength, width]);
        }

        if (hasBiases)
        {
            yield return ("ffn_gate_inp.bias", [experts]);
            yield return ("ffn_gate_exps.bias", [hidden, experts]);
            yield return ("ffn_up_exps.bias", [hidden, experts]);
            yield return ("ffn_down_exps.bias", [width, experts]);
        }
    }
}
