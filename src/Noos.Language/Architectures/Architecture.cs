using Noos.Language.Models;

namespace Noos.Language.Architectures;

/// <summary>A family of models: how its metadata is read, and where its tensors depart from the usual names.</summary>
public abstract class Architecture
{
    /// <summary>As <c>general.architecture</c> names it.</summary>
    public abstract string Name { get; }

    /// <summary>The norm behind the last block.</summary>
    public virtual string OutputNorm => TensorNames.OutputNorm;

    /// <summary>The norm before attention, where there is one.</summary>
    public virtual string? AttentionNorm => "attn_norm.weight";

    /// <summary>The norm before the feed-forward layer, where there is one.</summary>
    public virtual string? FeedForwardNorm => "ffn_norm.weight";

    /// <summary>The norm after attention, where there is one.</summary>
    public virtual string? PostAttentionNorm => null;

    /// <summary>The norm after the feed-forward layer, where there is one.</summary>
    public virtual string? PostFeedForwardNorm => null;

    /// <summary>Gate and up stand in one tensor, under the name of the second.</summary>
    public virtual bool FusesGateAndUp => false;

    public abstract DecoderConfig Read(ModelMetadata metadata);
}
