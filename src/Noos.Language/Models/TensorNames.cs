namespace Noos.Language.Models;

/// <summary>GGUF tensor names of a model: the one table that trainer, exporter and engine share.</summary>
public static class TensorNames
{
    public const string TokenEmbedding = "token_embd.weight";
    public const string OutputNorm = "output_norm.weight";
    public const string Output = "output.weight";
    public const string PositionEmbedding = "position_embd.weight";
    public const string TokenTypes = "token_types.weight";

    /// <summary>First layer of the head of a model that scores pairs of texts.</summary>
    public const string Classifier = "cls.weight";

    /// <summary>Last layer of that head.</summary>
    public const string ClassifierOutput = "cls.output.weight";

    /// <summary>
    /// The order in which llama-quantize writes tensors: those of no block first, then block by block, by name in each.
    /// </summary>
    public static int Compare(string one, string other)
    {
        var blocks = BlockOf(one).CompareTo(BlockOf(other));
        return blocks != 0 ? blocks : string.CompareOrdinal(one, other);
    }

    /// <summary>The number of the block that a tensor belongs to; -1 for none.</summary>
    public static int BlockOf(string name)
    {
        const string prefix = "blk.";
        var end = name.StartsWith(prefix, StringComparison.Ordinal) ? name.IndexOf('.', prefix.Length) : -1;
        return end > 0 && int.TryParse(name.AsSpan(prefix.Length, end - prefix.Length), out var block) ? block : -1;
    }

    public static string AttentionNorm(int block) => $"blk.{block}.attn_norm.weight";

    public static string Query(int block) => $"blk.{block}.attn_q.weight";

    public static string Key(int block) => $"blk.{block}.attn_k.weight";

    public static string Value(int block) => $"blk.{block}.attn_v.weight";

    public static string QueryNorm(int block) => $"blk.{block}.attn_q_norm.weight";

    public static string KeyNorm(int block) => $"blk.{block}.attn_k_norm.weight";

    public static string AttentionOutput(int block) => $"blk.{block}.attn_output.weight";

    public static string FeedForwardNorm(int block) => $"blk.{block}.ffn_norm.weight";

    public static string Gate(int block) => $"blk.{block}.ffn_gate.weight";

    public static string Up(int block) => $"blk.{block}.ffn_up.weight";

    public static string Down(int block) => $"blk.{block}.ffn_down.weight";
}
