using System.Collections.Frozen;
using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.Architectures;

/// <summary>
/// The numbers of a decoder, whatever family it is from. What a family has or lacks beyond them (biases, norms of queries, experts)
/// shows in its tensors.
/// </summary>
public sealed record DecoderConfig
{
    /// <summary>The family, as <c>general.architecture</c> names it.</summary>
    public required string Architecture { get; init; }

    /// <summary>Number of tokens in the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest sequence the model was made for, in tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int EmbeddingLength { get; init; }

    /// <summary>Number of transformer blocks.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Blocks of the file behind these, which predict further tokens (MTP) and are passed over.</summary>
    public int FurtherBlockCount { get; init; }

    /// <summary>Width of the hidden layer, of one expert where there are experts.</summary>
    public required int FeedForwardLength { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Number of key and value heads; divides <see cref="HeadCount"/>.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of one head.</summary>
    public required int HeadLength { get; init; }

    /// <summary>Epsilon inside every RMS norm.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>What scores are multiplied with before the softmax.</summary>
    public required float AttentionScale { get; init; }

    /// <summary>What the vectors of the tokens are multiplied with.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>What the result of each layer is multiplied with before it joins the residual stream.</summary>
    public float ResidualScale { get; init; } = 1;

    /// <summary>What logits are multiplied with.</summary>
    public float LogitScale { get; init; } = 1;

    /// <summary>Logits x become c * tanh(x / c) with this c; 0 leaves them as they are (soft-capping; Gemma 2, arXiv:2408.00118).</summary>
    public float LogitSoftcap { get; init; }

    /// <summary>The same for scaled scores of attention, before the softmax.</summary>
    public float AttentionSoftcap { get; init; }

    /// <summary>
    /// s: queries at position p are multiplied with 1 + s * ln(1 + floor(p / <see cref="TemperatureLength"/>)), so that attention stays
    /// sharp in long contexts (Nakanishi, arXiv:2501.19399, in steps as Llama 4 does it); 0 for none.
    /// </summary>
    public float TemperatureScale { get; init; }

    /// <summary>Positions of a step of <see cref="TemperatureScale"/>.</summary>
    public int TemperatureLength { get; init; } = 1;

    /// <summary>Number of experts of a block; 0 for a plain feed-forward layer.</summary>
    public int ExpertCount { get; init; }

    /// <summary>Number of experts that a token goes through.</summary>
    public int ExpertUsedCount { get; init; }

    /// <summary>Blocks at the beginning that have a plain feed-forward layer although others have experts.</summary>
    public int DenseBlockCount { get; init; }

    /// <summary>Width of the hidden layer of <see cref="DenseBlockCount"/> blocks.</summary>
    public int DenseLength { get; init; }

    /// <summary>Experts are chosen by the sigmoids of their scores instead of by a softmax (DeepSeek 3, arXiv:2412.19437).</summary>
    public bool GatesBySigmoid { get; init; }

    /// <summary>The chosen experts' shares are made to sum up to one.</summary>
    public bool NormalizesShares { get; init; } = true;

    /// <summary>What the chosen experts' shares are multiplied with.</summary>
    public float ExpertScale { get; init; } = 1;

    /// <summary>Width of the expert that every token goes through beside the chosen ones; 0 for none.</summary>
    public int SharedExpertLength { get; init; }

    /// <summary>How the model's hidden states become the vector of a text; null where the file does not say.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>The function between the two halves of the feed-forward layer.</summary>
    public Activation Activation { get; init; }

    /// <summary>The chosen experts' shares are a softmax over their scores alone, instead of over all and then normalized.</summary>
    public bool SoftmaxOverChosenExperts { get; init; }

    /// <summary>Rotary positions of most blocks.</summary>
    public RotaryConfig Rotary { get; init; } = new() { FrequencyBase = 10_000, Length = 2 };

    /// <summary>Rotary positions of blocks with a sliding window.</summary>
    public RotaryConfig? LocalRotary { get; init; }

    /// <summary>Number of positions that a block with a sliding window sees, the token's own included; 0 where no block has one.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Of so many blocks in a row, all but the last have a sliding window.</summary>
    public int SlidingWindowPattern { get; init; } = 1;

    /// <summary>
    /// Of so many blocks in a row, the last rotates nothing and knows order from the causal mask alone (NoPE; Kazemnejad et al.,
    /// arXiv:2305.19466); 0 where all rotate.
    /// </summary>
    public int UnrotatedPattern { get; init; }

    /// <summary>Queries and keys are normed over all their heads together instead of each head for itself.</summary>
    public bool NormsHeadsTogether { get; init; }

    /// <summary>Queries and keys are rotated before they are normed.</summary>
    public bool RotatesBeforeNorm { get; init; }

    /// <summary>Positions that a short convolution reads, the token's own included; 0 where no block has one.</summary>
    public int ConvolutionLength { get; init; }

    /// <summary>The blocks that mix positions by a short convolution instead of attention (LFM 2).</summary>
    public IReadOnlySet<int> ConvolutionBlocks { get; init; } = FrozenSet<int>.Empty;

    /// <summary>
    /// Operations of attention, a multiplication and an addition counting as two, to read a text of so many tokens from its beginning: each
    /// token meets itself and those before it, as far as a block's window reaches.
    /// </summary>
    public double AttentionOperations(int tokens)
    {
        var positions = 0d;
        for (var block = 0; block < BlockCount; block++)
        {
            if (ConvolutionBlocks.Contains(block))
            {
                continue;
            }

            double window = Math.Min(WindowOf(block), tokens);
            positions += (window * (window + 1) / 2) + ((tokens - window) * window);
        }

        // A product of query and key, and one of weight and value.
        return 4d * QueryLength * positions;
    }

    /// <summary>Attention and feed-forward are normed once more before they join the residual stream.</summary>
    public bool HasPostNorms { get; init; }

    /// <summary>Width of all query heads.</summary>
    public int QueryLength => HeadCount * HeadLength;

    /// <summary>Width of all key heads, and of all value heads.</summary>
    public int KeyValueLength => KeyValueHeadCount * HeadLength;

    /// <summary>
    /// Heads of a block in the KV cache: those of attention, or as many as hold the inputs of a convolution, whichever are more.
    /// </summary>
    public int CachedHeadCount =>
        ConvolutionLength == 0 ? KeyValueHeadCount : Math.Max(KeyValueHeadCount, EmbeddingLength / (2 * HeadLength));

    /// <summary>Query, key and value side by side.</summary>
    public int ProjectedLength => QueryLength + (2 * KeyValueLength);

    /// <summary>The numbers of the decoder in a file, of any family that Noos computes with.</summary>
    /// <exception cref="NoosException">It is of another family, or a number is missing or impossible.</exception>
    public static DecoderConfig Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var architecture = KnownArchitectures.Find(file);
        return architecture.Read(new ModelMetadata(file, architecture.Name));
    }

    /// <summary>Number of positions that a block sees; <see cref="int.MaxValue"/> for all.</summary>
    public int WindowOf(int block) => IsLocal(block) ? SlidingWindow : int.MaxValue;

    /// <summary>Whether a block has experts.</summary>
    public bool HasExperts(int block) => ExpertCount > 0 && block >= DenseBlockCount;

    /// <summary>Whether a block has rotary positions.</summary>
    public bool IsRotated(int block) => UnrotatedPattern == 0 || block % UnrotatedPattern < UnrotatedPattern - 1;

    /// <summary>What queries at a position are multiplied with; see <see cref="TemperatureScale"/>.</summary>
    public float TemperatureAt(int position) => TemperatureScale == 0
        ? 1
        : 1 + (TemperatureScale * MathF.Log(1 + (position / TemperatureLength)));

    /// <summary>Whether a block has a sliding window.</summary>
    public bool IsLocal(int block) => SlidingWindow > 0 && block % SlidingWindowPattern < SlidingWindowPattern - 1;
}
