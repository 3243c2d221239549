using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Language.HuggingFace;

/// <summary>Jina's BERT with ALiBi and GEGLU (Günther et al., arXiv:2310.19923), with llama.cpp's names in GGUF.</summary>
sealed class JinaBertShape : EncoderShape
{
    /// <param name="file"><c>config.json</c></param>
    /// <param name="pooling"><c>1_Pooling/config.json</c>; null where there is none.</param>
    /// <exception cref="NoosException">Something is missing, impossible, or of another kind.</exception>
    public JinaBertShape(JsonFile file, JsonFile? pooling)
        : base(file, pooling, new NumberNames())
    {
        if (file.Text("feed_forward_type") is not ("geglu" or null) and var kind)
        {
            throw new NoosException(
                $"The model has feed-forward layers of the kind '{kind}', which cannot be converted; choose one with 'geglu'.");
        }
    }

    public override string Architecture => "jina-bert-v2";

    /// <summary>The file is of such a model: it calls itself BERT.</summary>
    public static bool Fits(JsonFile file) =>
        file.Text("model_type") == HuggingFaceEncoderConfig.ModelType && file.Text("position_embedding_type") == "alibi";

    public override void AddTo(GgufWriter writer)
    {
        base.AddTo(writer);
        AddTypeCount(writer);
    }

    public override IEnumerable<HuggingFaceTensor> Tensors(Func<string, bool> isThere)
    {
        var root = RootOf(isThere);
        var (width, hidden) = ((long)Width, (long)FeedForwardLength);
        List<HuggingFaceTensor> tensors = [.. WordsAndTypes(root, "embeddings.LayerNorm")];
        for (var block = 0; block < BlockCount; block++)
        {
            var (target, source) = ($"blk.{block}.", $"{root}encoder.layer.{block}.");
            foreach (var (name, from) in (IEnumerable<(string, string)>)[
                ("attn_q", "attention.self.query"), ("attn_k", "attention.self.key"), ("attn_v", "attention.self.value"),
                ("attn_output", "attention.output.dense")])
            {
                tensors.Add(new($"{target}{name}.weight", $"{source}{from}.weight", [width, width]));
                tensors.Add(new($"{target}{name}.bias", $"{source}{from}.bias", [width]));
            }

            tensors.AddRange(Norm($"{target}attn_output_norm", $"{source}attention.output.LayerNorm"));
            // The gate in the first half of the rows.
            tensors.Add(new($"{target}ffn_up.weight", $"{source}mlp.gated_layers.weight", [width, 2 * hidden]));
            tensors.Add(new($"{target}ffn_down.weight", $"{source}mlp.wo.weight", [hidden, width]));
            tensors.Add(new($"{target}ffn_down.bias", $"{source}mlp.wo.bias", [width]));
            tensors.AddRange(Norm($"{target}layer_output_norm", $"{source}mlp.layernorm"));
        }

        if (Ranks)
        {
            tensors.Add(new(TensorNames.Classifier, $"{root}pooler.dense.weight", [width, width]));
            tensors.Add(new("cls.bias", $"{root}pooler.dense.bias", [width]));
            tensors.AddRange(ScoreLayer());
        }

        return tensors;
    }
}
