using System.Text.Json;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Language.HuggingFace;

/// <summary>LFM 2 in <c>config.json</c> and in GGUF, as llama.cpp's converter writes it.</summary>
sealed class LfmShape : IHuggingFaceShape
{
    public const string ModelType = "lfm2";

    const string Convolution = "conv";
    const int MaxBlocks = 10_000;

    readonly JsonFile _file;
    readonly bool[] _isConvolution;

    /// <exception cref="NoosException">Something is missing, impossible or of another kind.</exception>
    public LfmShape(JsonFile file)
    {
        _file = file;
        BlockCount = Required("num_hidden_layers");
        Width = Required("hidden_size");
        HeadCount = Required("num_attention_heads");
        KeyValueHeadCount = Required("num_key_value_heads");
        VocabularySize = Required("vocab_size");
        FeedForwardLength = FeedForward();
        var types = file.Find("layer_types", JsonValueKind.Array) ?? throw file.Lacks("layer_types");
        _isConvolution = [.. types.EnumerateArray().Select(type => JsonFile.TextOf(type, "config.json") == Convolution)];
        if (BlockCount > MaxBlocks || _isConvolution.Length != BlockCount || Width % HeadCount != 0 || HeadCount % KeyValueHeadCount != 0)
        {
            throw new NoosException(ErrorKind.Damaged,
                $"The model's shape is impossible ({BlockCount} blocks of {_isConvolution.Length} types, {HeadCount} heads for a width of "
                + $"{Width}, {KeyValueHeadCount} for keys); download it again.");
        }

        if (file.Flag("conv_bias") == true)
        {
            throw new NoosException("The model's convolutions have biases, which cannot be converted; choose another model.");
        }
    }

    public string Architecture => "lfm2";

    public int BlockCount { get; }

    public int Width { get; }

    public int HeadCount { get; }

    public int KeyValueHeadCount { get; }

    public int FeedForwardLength { get; }

    public int VocabularySize { get; }

    public int HeadsPerKeyValueHead => HeadCount / KeyValueHeadCount;

    long HeadLength => Width / HeadCount;

    int ConvolutionLength => Required("conv_L_cache");

    public float[]? RopeFactors() => null;

    public void AddTo(GgufWriter writer)
    {
        var rope = HuggingFaceDecoder.RotaryOf(_file);
        Add("block_count", (uint)BlockCount);
        Add("context_length", (uint)Required("max_position_embeddings"));
        Add("embedding_length", (uint)Width);
        Add("feed_forward_length", (uint)FeedForwardLength);
        Add("attention.head_count", (uint)HeadCount);
        // 0 says that a block has no attention.
        Add("attention.head_count_kv", Array.ConvertAll(_isConvolution, isConvolution => isConvolution ? 0 : KeyValueHeadCount));
        Add("rope.freq_base",
            (float)(JsonFile.Number(rope, "rope_theta") ?? JsonFile.Number(_file.Root, "rope_theta") ?? 1_000_000));
        Add("attention.layer_norm_rms_epsilon", (float)(JsonFile.Number(_file.Root, "norm_eps") ?? throw _file.Lacks("norm_eps")));
        Add("vocab_size", (uint)VocabularySize);
        Add("shortconv.l_cache", (uint)ConvolutionLength);

        void Add(string key, GgufValue value) => writer.Add($"{Architecture}.{key}", value);
    }

    public IEnumerable<HuggingFaceTensor> Tensors(Func<string, bool> isThere)
    {
        long width = Width;
        var keys = KeyValueHeadCount * HeadLength;
        yield return new(TensorNames.TokenEmbedding, "model.embed_tokens.weight", [width, VocabularySize]);
        for (var block = 0; block < BlockCount; block++)
        {
            var (name, source) = ($"blk.{block}", $"model.layers.{block}");
            yield return new(TensorNames.AttentionNorm(block), $"{source}.operator_norm.weight", [width]);
            foreach (var tensor in _isConvolution[block]
                ? (HuggingFaceTensor[])
                [
                    new($"{name}.shortconv.in_proj.weight", $"{source}.conv.in_proj.weight", [width, 3 * width]),
                    new($"{name}.shortconv.conv.weight", $"{source}.conv.conv.weight", [ConvolutionLength, width]) { IsExact = true },
                    new($"{name}.shortconv.out_proj.weight", $"{source}.conv.out_proj.weight", [width, width]),
                ]
                :
                [
                    new(TensorNames.Query(block), $"{source}.self_attn.q_proj.weight", [width, width]),
                    new(TensorNames.Key(block), $"{source}.self_attn.k_proj.weight", [width, keys]),
                    new(TensorNames.Value(block), $"{source}.self_attn.v_proj.weight", [width, keys]),
                    new(TensorNames.QueryNorm(block), $"{source}.self_attn.q_layernorm.weight", [HeadLength]),
                    new(TensorNames.KeyNorm(block), $"{source}.self_attn.k_layernorm.weight", [HeadLength]),
                    new(TensorNames.AttentionOutput(block), $"{source}.self_attn.out_proj.weight", [width, width]),
                ])
            {
                yield return tensor;
            }

            yield return new(TensorNames.FeedForwardNorm(block), $"{source}.ffn_norm.weight", [width]);
            yield return new(TensorNames.Gate(block), $"{source}.feed_forward.w1.weight", [width, FeedForwardLength]);
            yield return new(TensorNames.Up(block), $"{source}.feed_forward.w3.weight", [width, FeedForwardLength]);
            yield return new(TensorNames.Down(block), $"{source}.feed_forward.w2.weight", [FeedForwardLength, width]);
        }

        yield return new("token_embd_norm.weight", "model.embedding_norm.weight", [width]);
        // Tied, whatever the config says, unless there is one.
        if (isThere("lm_head.weight") && _file.Flag("tie_word_embeddings") != true && _file.Flag("tie_embedding") != true)
        {
            yield return new(TensorNames.Output, "lm_head.weight", [width, VocabularySize]);
        }
    }

    /// <summary>Where it is to be adjusted, two thirds of the width in the config, times a factor, rounded up to a multiple.</summary>
    int FeedForward()
    {
        long length = _file.Count("block_ff_dim") ?? Required("intermediate_size");
        if (_file.Flag("block_auto_adjust_ff_dim") == true)
        {
            length = 2 * length / 3;
            length = (long)Math.Clamp((JsonFile.Number(_file.Root, "block_ffn_dim_multiplier") ?? 1) * length, 1, int.MaxValue);
            long multiple = Required("block_multiple_of");
            length = (length + multiple - 1) / multiple * multiple;
        }

        return length is > 0 and <= 1 << 24
            ? (int)length
            : throw new NoosException(
                ErrorKind.Damaged, $"The model's feed-forward layers of width {length} are impossible; download it again.");
    }

    int Required(string name) => _file.Count(name) is > 0 and var value ? value : throw _file.Lacks(name);
}
