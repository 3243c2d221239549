using System.Text.Json;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Language.HuggingFace;

/// <summary>The shape of a model in <c>config.json</c>, and its metadata in GGUF, as llama.cpp's converter writes it.</summary>
sealed class HuggingFaceConfig : IHuggingFaceShape
{
    const int MaxBlocks = 10_000;

    // Text beside images stands deeper in the file.
    static readonly string[] s_roots = ["model.", "language_model.model.", "model.language_model."];

    readonly JsonFile _file;
    readonly JsonElement _rope;
    readonly HuggingFaceDecoder _family;

    /// <exception cref="NoosException">The architecture is unknown, or something is missing or impossible.</exception>
    public HuggingFaceConfig(JsonFile file)
    {
        var name = file.Find("architectures", JsonValueKind.Array) is { } names && names.GetArrayLength() > 0
            ? JsonFile.TextOf(names[0], "config.json")
            : null;
        _family = name is not null && HuggingFaceDecoder.Known.TryGetValue(name, out var family)
            ? family
            : throw new NoosException(
                $"The model is of architecture '{name ?? "none"}', which cannot be converted; choose one of "
                + $"{string.Join(", ", HuggingFaceDecoder.Known.Keys)}, Lfm2ForCausalLM, BertModel.");
        if (file.Find("quantization_config", JsonValueKind.Object) is not null)
        {
            throw new NoosException(
                "The model is quantized already, which loses more than converting the original; download the original in 16 bits.");
        }

        _file = file = file.Section("text_config") ?? file;
        BlockCount = Required("num_hidden_layers");
        Width = Required("hidden_size");
        FeedForwardLength = Required("intermediate_size");
        HeadCount = Required("num_attention_heads");
        KeyValueHeadCount = file.Count("num_key_value_heads") ?? HeadCount;
        VocabularySize = Required("vocab_size");
        HeadLength = (_family.IgnoresHeadLength ? null : file.Count("head_dim")) ?? (Width / HeadCount);
        IsTied = file.Flag("tie_word_embeddings") ?? false;
        if (BlockCount > MaxBlocks || HeadLength < 2 || HeadLength % 2 != 0 || KeyValueHeadCount < 1 || HeadCount % KeyValueHeadCount != 0)
        {
            throw new NoosException(ErrorKind.Damaged,
                $"The model's shape is impossible ({BlockCount} blocks, {HeadCount} heads of {HeadLength}, {KeyValueHeadCount} for "
                + "keys); download it again.");
        }

        _rope = HuggingFaceDecoder.RotaryOf(file);
        RequireUsual();
    }

    /// <summary>The name in GGUF.</summary>
    public string Architecture => _family.Architecture;

    public int BlockCount { get; }

    public int Width { get; }

    public int FeedForwardLength { get; }

    public int HeadCount { get; }

    public int KeyValueHeadCount { get; }

    public int HeadsPerKeyValueHead => HeadCount / KeyValueHeadCount;

    public int HeadLength { get; }

    public int VocabularySize { get; }

    /// <summary>The output matrix is that of the embeddings.</summary>
    public bool IsTied { get; }

    double RopeBase => JsonFile.Number(_rope, "rope_theta") ?? JsonFile.Number(_file.Root, "rope_theta") ?? 10_000;

    /// <summary>Leading values of a head that rotate.</summary>
    int RotaryLength => (int)(HeadLength * (RotatedPart ?? _family.RotatedPart));

    double? RotatedPart => JsonFile.Number(_rope, "partial_rotary_factor") ?? JsonFile.Number(_file.Root, "partial_rotary_factor");

    public void AddTo(GgufWriter writer)
    {
        var own = _family.Metadata(_file).ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        Add("block_count", (uint)BlockCount);
        Add("context_length", (uint)Required("max_position_embeddings"));
        Add("embedding_length", (uint)Width);
        Add("feed_forward_length", (uint)FeedForwardLength);
        Add("attention.head_count", (uint)HeadCount);
        Add("attention.head_count_kv", (uint)KeyValueHeadCount);
        AddRopeScaling();
        Add("rope.freq_base", (float)RopeBase);
        Add("attention.layer_norm_rms_epsilon", (float)(JsonFile.Number(_file.Root, "rms_norm_eps") ?? throw _file.Lacks("rms_norm_eps")));
        Add("attention.key_length", (uint)HeadLength);
        Add("attention.value_length", (uint)HeadLength);
        Add("vocab_size", (uint)VocabularySize);
        Add("rope.dimension_count", (uint)RotaryLength);
        foreach (var (key, value) in own)
        {
            writer.Add($"{Architecture}.{key}", value);
        }

        void AddRopeScaling()
        {
            var type = RopeType;
            if (type is null or "default" or "llama3" || own.ContainsKey("rope.scaling.type"))
            {
                return;
            }

            if (type is not ("linear" or "yarn"))
            {
                throw new NoosException(
                    $"The model scales its rotary positions by the rule '{type}', which cannot be converted; choose another model.");
            }

            Add("rope.scaling.type", type);
            Add("rope.scaling.factor", (float)(JsonFile.Number(_rope, "factor") ?? throw _file.Lacks("rope_scaling.factor")));
            if (type == "yarn")
            {
                Add("rope.scaling.original_context_length",
                    (uint)(JsonFile.Number(_rope, "original_max_position_embeddings")
                        ?? JsonFile.Number(_file.Root, "original_max_position_embeddings")
                        ?? Required("max_position_embeddings")));
                AddNumber("rope.scaling.yarn_ext_factor", JsonFile.Number(_rope, "extrapolation_factor"));
                AddNumber(
                    "rope.scaling.yarn_attn_factor", JsonFile.Number(_rope, "attention_factor") ?? JsonFile.Number(_rope, "attn_factor"));
                AddNumber("rope.scaling.yarn_beta_fast", JsonFile.Number(_rope, "beta_fast"));
                AddNumber("rope.scaling.yarn_beta_slow", JsonFile.Number(_rope, "beta_slow"));
            }
        }

        void AddNumber(string key, double? value)
        {
            if (value is { } number)
            {
                Add(key, (float)number);
            }
        }

        void Add(string key, GgufValue value)
        {
            if (!own.ContainsKey(key))
            {
                writer.Add($"{Architecture}.{key}", value);
            }
        }
    }

    /// <summary>Refuses what GGUF has no key for in these architectures, so that the model would compute something else.</summary>
    void RequireUsual()
    {
        var activation = JsonFile.Text(_file.Root, "hidden_act", "config.json");
        if (activation is not (null or "silu" or "swish"))
        {
            throw new NoosException(
                $"The model's feed-forward layers use '{activation}', which cannot be converted; choose a model that uses 'silu'.");
        }

        if (_family.RotatedPart == 1 ? RotatedPart is { } part && part != 1 : RotaryLength < 2 || RotaryLength % 2 != 0)
        {
            throw new NoosException("The model rotates only a part of each head, which cannot be converted; choose another model.");
        }

        if (JsonFile.Find(_rope, "mrope_section", JsonValueKind.Array) is not null)
        {
            throw new NoosException("The model rotates each head in sections, which cannot be converted; choose another model.");
        }
    }

    /// <summary>
    /// What the frequencies of Llama 3.1 are divided by, half a head of them: the slow ones by the whole factor, the fast ones not at all.
    /// Null for another rule.
    /// </summary>
    public float[]? RopeFactors()
    {
        if (RopeType != "llama3")
        {
            return null;
        }

        var factor = JsonFile.Number(_rope, "factor") ?? 8;
        var low = JsonFile.Number(_rope, "low_freq_factor") ?? 1;
        var high = JsonFile.Number(_rope, "high_freq_factor") ?? 4;
        var context = JsonFile.Number(_rope, "original_max_position_embeddings") ?? 8192;
        return [.. Enumerable.Range(0, HeadLength / 2).Select(pair => (float)FactorOf(pair))];

        double FactorOf(int pair)
        {
            var length = 2 * Math.PI * Math.Pow(RopeBase, 2.0 * pair / HeadLength);
            if (length < context / high)
            {
                return 1;
            }

            if (length > context / low)
            {
                return factor;
            }

            var smooth = ((context / length) - low) / (high - low);
            return 1 / (((1 - smooth) / factor) + smooth);
        }
    }

    /// <summary>The matrices and vectors of the model with their names in GGUF and at Hugging Face, their sizes in GGUF order.</summary>
    public IEnumerable<HuggingFaceTensor> Tensors(Func<string, bool> isThere)
    {
        long width = Width;
        long queries = (long)HeadCount * HeadLength;
        long keys = (long)KeyValueHeadCount * HeadLength;
        var root = Array.Find(s_roots, root => isThere($"{root}embed_tokens.weight")) ?? s_roots[0];
        yield return new(TensorNames.TokenEmbedding, $"{root}embed_tokens.weight", [width, VocabularySize]);
        for (var block = 0; block < BlockCount; block++)
        {
            var source = $"{root}layers.{block}";
            foreach (var (name, norm) in _family.Norms)
            {
                yield return new($"blk.{block}.{name}.weight", $"{source}.{norm}.weight", [width]);
            }

            var (query, key, value, output) = (TensorNames.Query(block), TensorNames.Key(block), TensorNames.Value(block),
                TensorNames.AttentionOutput(block));
            foreach (var tensor in (IEnumerable<HuggingFaceTensor>)[
                new(query, $"{source}.self_attn.q_proj.weight", [width, queries], RotatedHeads(HeadCount)),
                new(key, $"{source}.self_attn.k_proj.weight", [width, keys], RotatedHeads(KeyValueHeadCount)),
                new(value, $"{source}.self_attn.v_proj.weight", [width, keys]),
                new(output, $"{source}.self_attn.o_proj.weight", [queries, width])])
            {
                yield return tensor;
                var bias = tensor with { Name = Bias(tensor.Name), Source = Bias(tensor.Source), Dimensions = [tensor.Dimensions[1]] };
                if (isThere(bias.Source))
                {
                    yield return bias;
                }
            }

            if (_family.HeadNorms is { } norms)
            {
                yield return new(
                    TensorNames.QueryNorm(block), $"{source}.self_attn.{norms.Query}.weight",
                    [_family.NormsHeadsTogether ? queries : HeadLength]);
                yield return new(
                    TensorNames.KeyNorm(block), $"{source}.self_attn.{norms.Key}.weight", [_family.NormsHeadsTogether ? keys : HeadLength]);
            }

            IEnumerable<HuggingFaceTensor> hidden = _family.FusesGateAndUp
                ? [new(TensorNames.Up(block), $"{source}.mlp.gate_up_proj.weight", [width, 2L * FeedForwardLength])]
                :
                [
                    new(TensorNames.Gate(block), $"{source}.mlp.gate_proj.weight", [width, FeedForwardLength]),
                    new(TensorNames.Up(block), $"{source}.mlp.up_proj.weight", [width, FeedForwardLength]),
                ];
            foreach (var tensor in (IEnumerable<HuggingFaceTensor>)[
                .. hidden,
                new(TensorNames.Down(block), $"{source}.mlp.down_proj.weight", [FeedForwardLength, width])])
            {
                yield return tensor;
                var bias = tensor with { Name = Bias(tensor.Name), Source = Bias(tensor.Source), Dimensions = [tensor.Dimensions[1]] };
                if (isThere(bias.Source))
                {
                    yield return bias;
                }
            }
        }

        yield return new(TensorNames.OutputNorm, $"{root}norm.weight", [width]);
        if (!IsTied)
        {
            var output = isThere("language_model.lm_head.weight") ? "language_model.lm_head.weight" : "lm_head.weight";
            yield return new(TensorNames.Output, output, [width, VocabularySize]);
        }

        static string Bias(string weight) => $"{weight[..^"weight".Length]}bias";
    }

    // Newer files say "rope_type", older ones "type".
    string? RopeType => JsonFile.Text(_rope, "rope_type", "config.json") ?? JsonFile.Text(_rope, "type", "config.json");

    int RotatedHeads(int heads) => _family.InterleavesRotation ? heads : 0;

    int Required(string name) => _file.Count(name) is > 0 and var value ? value : throw _file.Lacks(name);
}

/// <summary>A tensor to convert.</summary>
/// <param name="Name">In GGUF.</param>
/// <param name="Source">At Hugging Face.</param>
/// <param name="Dimensions">The values of a row first.</param>
/// <param name="RotatedHeads">Heads whose rows change places, 0 for none.</param>
sealed record HuggingFaceTensor(string Name, string Source, IReadOnlyList<long> Dimensions, int RotatedHeads = 0)
{
    /// <summary>A matrix that stays in 32 bits, as all vectors do, whatever is made of the others.</summary>
    public bool IsExact { get; init; }

    public bool IsVector => Dimensions.Count == 1;
}
