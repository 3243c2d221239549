using Noos.Corpus.Extraction.Blocks;

namespace Noos.Corpus.Extraction.Classification;

/// <summary>
/// Tells the content of a page from its frame: a probability for each block, by two gradient-boosted classifiers, of which the second sees
/// what the first said of the surroundings. Trained by <c>Noos.Bench extraction-train</c>. Thread-safe.
/// </summary>
sealed class BlockClassifier(BoostedTrees first, BoostedTrees second)
{
    /// <summary>Blocks at least this probable are content; chosen on the training pages for the best F1 per page.</summary>
    public const float Threshold = 0.45f;

    static readonly Lazy<BlockClassifier> s_default = new(Load);

    /// <summary>The one that Noos is delivered with.</summary>
    public static BlockClassifier Default => s_default.Value;

    public BoostedTrees First => first;

    public BoostedTrees Second => second;

    /// <summary>How likely each block is content.</summary>
    public float[] Classify(PageText page, PageContext context)
    {
        ArgumentNullException.ThrowIfNull(page);
        var features = BlockFeatures.Compute(page, context);
        var probabilities = Predict(first, features, BlockFeatures.Count);
        return Predict(second, ContextFeatures.Compute(page, features, probabilities), ContextFeatures.Count);
    }

    public static float[] Predict(BoostedTrees trees, ReadOnlySpan<float> features, int width)
    {
        ArgumentNullException.ThrowIfNull(trees);
        var probabilities = new float[features.Length / width];
        for (var i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] = trees.Predict(features.Slice(i * width, width));
        }

        return probabilities;
    }

    public void Write(Stream stream)
    {
        first.Write(stream);
        second.Write(stream);
    }

    public static BlockClassifier Read(Stream stream) => new(BoostedTrees.Read(stream), BoostedTrees.Read(stream));

    static BlockClassifier Load()
    {
        using var stream = typeof(BlockClassifier).Assembly.GetManifestResourceStream("Noos.Corpus.Extraction.blocks.bin")!;
        return Read(stream);
    }
}
