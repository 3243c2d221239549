using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Language.HuggingFace;

/// <summary>ModernBERT (Warner et al., arXiv:2412.13663), with llama.cpp's names in GGUF.</summary>
sealed class ModernBertShape : EncoderShape
{
    /// <summary>As <c>model_type</c> of <c>config.json</c> names it.</summary>
    public const string ModelType = "modernbert";

    /// <param name="file"><c>config.json</c></param>
    /// <param name="pooling"><c>1_Pooling/config.json</c>; null where there is none.</param>
    /// <exception cref="NoosException">Something is missing, impossible, or of another kind.</exception>
    public ModernBertShape(JsonFile file, JsonFile? pooling)
        : base(file, pooling, new NumberNames(Epsilon: "norm_eps"))
    {
        if (file.Flag("attention_bias") == true || file.Flag("mlp_bias") == true || file.Flag("norm_bias") == true
            || file.Flag("classifier_bias") == true || file.Text("hidden_activation") is not ("gelu" or null))
        {
            throw new NoosException(
                "The model has biases, or another activation than 'gelu', which ModernBERT has not, so it cannot be converted; choose "
                + "another model.");
        }

        if (Ranks && file.Text("classifier_pooling") != "mean")
        {
            throw new NoosException(
                "The model's scores are made of its first token, for which GGUF files of ModernBERT have no sign; choose one whose "
                + "'classifier_pooling' is 'mean'.");
        }
    }

    public override string Architecture => "modern-bert";

    public override void AddTo(GgufWriter writer)
    {
        base.AddTo(writer);
        writer.Add("modern-bert.rope.freq_base", (float)(JsonFile.Number(File.Root, "global_rope_theta") ?? 160_000));
        writer.Add("modern-bert.rope.freq_base_swa", (float)(JsonFile.Number(File.Root, "local_rope_theta") ?? 10_000));
        writer.Add("modern-bert.attention.sliding_window", (uint)(File.Count("local_attention") ?? 128));
        writer.Add("modern-bert.attention.sliding_window_pattern", (uint)(File.Count("global_attn_every_n_layers") ?? 3));
    }

    public override IEnumerable<HuggingFaceTensor> Tensors(Func<string, bool> isThere)
    {
        var root = isThere("model.embeddings.tok_embeddings.weight") ? "model." : "";
        var (width, hidden) = ((long)Width, (long)FeedForwardLength);
        List<HuggingFaceTensor> tensors =
        [
            new(TensorNames.TokenEmbedding, $"{root}embeddings.tok_embeddings.weight", [width, VocabularySize]),
            new("token_embd_norm.weight", $"{root}embeddings.norm.weight", [width]),
        ];
        for (var block = 0; block < BlockCount; block++)
        {
            var (target, source) = ($"blk.{block}.", $"{root}layers.{block}.");
            if (block > 0)
            {
                // The first reads what the norm of the embedding gives.
                tensors.Add(new($"{target}attn_norm.weight", $"{source}attn_norm.weight", [width]));
            }

            tensors.Add(new($"{target}attn_qkv.weight", $"{source}attn.Wqkv.weight", [width, 3 * width]));
            tensors.Add(new($"{target}attn_output.weight", $"{source}attn.Wo.weight", [width, width]));
            tensors.Add(new($"{target}ffn_norm.weight", $"{source}mlp_norm.weight", [width]));
            // The gate in the first half of the rows.
            tensors.Add(new($"{target}ffn_up.weight", $"{source}mlp.Wi.weight", [width, 2 * hidden]));
            tensors.Add(new($"{target}ffn_down.weight", $"{source}mlp.Wo.weight", [hidden, width]));
        }

        tensors.Add(new(TensorNames.OutputNorm, $"{root}final_norm.weight", [width]));
        if (Ranks)
        {
            tensors.Add(new(TensorNames.Classifier, "head.dense.weight", [width, width]));
            tensors.Add(new("cls.norm.weight", "head.norm.weight", [width]));
            tensors.AddRange(ScoreLayer());
        }

        return tensors;
    }
}
