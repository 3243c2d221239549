using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.HuggingFace;

/// <summary>nomic-embed-text (Nussbaum et al., arXiv:2402.01613), with llama.cpp's names in GGUF.</summary>
sealed class NomicBertShape : EncoderShape
{
    /// <summary>As <c>model_type</c> of <c>config.json</c> names it.</summary>
    public const string ModelType = "nomic_bert";

    /// <param name="file"><c>config.json</c></param>
    /// <param name="pooling"><c>1_Pooling/config.json</c>; null where there is none.</param>
    /// <exception cref="NoosException">Something is missing, impossible, or of another kind.</exception>
    public NomicBertShape(JsonFile file, JsonFile? pooling)
        : base(file, pooling, new NumberNames("n_layer", "n_embd", "n_inner", "n_head", "n_positions", "layer_norm_epsilon"))
    {
        // Other settings of the same program make other models.
        if (file.Text("activation_function") != "swiglu" || file.Flag("prenorm") == true || file.Flag("rotary_emb_interleaved") == true
            || JsonFile.Number(file.Root, "rotary_emb_fraction") is not (null or 1) || file.Count("num_experts") is > 0
            || file.Flag("qkv_proj_bias") == true)
        {
            throw new NoosException(
                "The model's layers are not those of nomic-embed-text 1 and 1.5 (SwiGLU, whole heads rotated, no biases), so it cannot be "
                + "converted; choose one of these.");
        }
    }

    public override string Architecture => "nomic-bert";

    public override void AddTo(GgufWriter writer)
    {
        base.AddTo(writer);
        writer.Add("nomic-bert.rope.freq_base", (float)(JsonFile.Number(File.Root, "rotary_emb_base") ?? 1000));
        AddTypeCount(writer);
    }

    public override IEnumerable<HuggingFaceTensor> Tensors(Func<string, bool> isThere)
    {
        var root = RootOf(isThere);
        var (width, hidden) = ((long)Width, (long)FeedForwardLength);
        List<HuggingFaceTensor> tensors = [.. WordsAndTypes(root, "emb_ln")];
        for (var block = 0; block < BlockCount; block++)
        {
            var (target, source) = ($"blk.{block}.", $"{root}encoder.layers.{block}.");
            tensors.Add(new($"{target}attn_qkv.weight", $"{source}attn.Wqkv.weight", [width, 3 * width]));
            tensors.Add(new($"{target}attn_output.weight", $"{source}attn.out_proj.weight", [width, width]));
            tensors.AddRange(Norm($"{target}attn_output_norm", $"{source}norm1"));
            tensors.Add(new($"{target}ffn_up.weight", $"{source}mlp.fc11.weight", [width, hidden]));
            tensors.Add(new($"{target}ffn_gate.weight", $"{source}mlp.fc12.weight", [width, hidden]));
            tensors.Add(new($"{target}ffn_down.weight", $"{source}mlp.fc2.weight", [hidden, width]));
            tensors.AddRange(Norm($"{target}layer_output_norm", $"{source}norm2"));
        }

        return tensors;
    }
}
