using Noos.Corpus.Extraction.Blocks;
using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Classification;

/// <summary>
/// The second look at a block: its own features, and what the first classifier says of its neighbours, its containers and the blocks of
/// the same kind. So a short answer between long ones, or one link in an article, is judged by its company.
/// </summary>
static class ContextFeatures
{
    const int Own = 22;

    /// <summary>Numbers of one block.</summary>
    public const int Count = BlockFeatures.Count + Own;

    /// <param name="page">The page.</param>
    /// <param name="features">Of <see cref="BlockFeatures"/>.</param>
    /// <param name="probabilities">What the first classifier says of each block.</param>
    public static float[] Compute(PageText page, ReadOnlySpan<float> features, ReadOnlySpan<float> probabilities)
    {
        var blocks = page.Blocks;
        var values = new float[blocks.Count * Count];
        var containers = new Dictionary<PageElement, Mean>(ReferenceEqualityComparer.Instance);
        var signatures = new Dictionary<int, Mean>();
        var all = default(Mean);
        for (var i = 0; i < blocks.Count; i++)
        {
            var mean = Mean.From(probabilities[i], blocks[i].Words);
            all += mean;
            signatures[blocks[i].Element.Signature] = signatures.GetValueOrDefault(blocks[i].Element.Signature) + mean;
            var level = 0;
            for (var element = blocks[i].Element; element is not null && level < 5; element = element.Parent, level++)
            {
                containers[element] = containers.GetValueOrDefault(element) + mean;
            }
        }

        var before = 0f;
        var (lastKept, lastHeading) = (-1, -1);
        var nextKept = FindNextKept(probabilities);
        for (var i = 0; i < blocks.Count; i++)
        {
            var row = values.AsSpan(i * Count, Count);
            features.Slice(i * BlockFeatures.Count, BlockFeatures.Count).CopyTo(row);
            var next = BlockFeatures.Count;
            for (var offset = -3; offset <= 3; offset++)
            {
                row[next++] = i + offset >= 0 && i + offset < blocks.Count ? probabilities[i + offset] : -1;
            }

            row[next++] = Window(blocks, probabilities, i, 5);
            row[next++] = Window(blocks, probabilities, i, 15);
            var element = blocks[i].Element;
            for (var level = 0; level < 5; level++)
            {
                row[next++] = containers[element].Value;
                element = element.Parent ?? element;
            }

            row[next++] = signatures[blocks[i].Element.Signature].Value;
            row[next++] = all.Value;
            row[next++] = all.Sum;
            row[next++] = lastHeading < 0 ? -1 : probabilities[lastHeading];
            row[next++] = before / Math.Max(1, all.Sum);
            row[next++] = lastKept < 0 ? 100 : Math.Min(100, i - lastKept);
            row[next++] = nextKept[i] < 0 ? 100 : Math.Min(100, nextKept[i] - i);
            row[next++] = signatures[blocks[i].Element.Signature].Weight;
            before += probabilities[i] * Math.Max(1, blocks[i].Words);
            lastKept = probabilities[i] > 0.5f ? i : lastKept;
            lastHeading = TagTable.IsHeading(blocks[i].Tag) ? i : lastHeading;
        }

        return values;
    }

    static int[] FindNextKept(ReadOnlySpan<float> probabilities)
    {
        var next = new int[probabilities.Length];
        var kept = -1;
        for (var i = probabilities.Length - 1; i >= 0; i--)
        {
            next[i] = kept;
            kept = probabilities[i] > 0.5f ? i : kept;
        }

        return next;
    }

    static float Window(IReadOnlyList<TextBlock> blocks, ReadOnlySpan<float> probabilities, int center, int radius)
    {
        var mean = default(Mean);
        for (var i = Math.Max(0, center - radius); i <= Math.Min(blocks.Count - 1, center + radius); i++)
        {
            mean += i == center ? default : Mean.From(probabilities[i], blocks[i].Words);
        }

        return mean.Value;
    }

    /// <summary>A mean of probabilities, weighted by words.</summary>
    readonly record struct Mean(float Sum, float Weight)
    {
        public float Value => Weight == 0 ? 0 : Sum / Weight;

        public static Mean From(float probability, int words) => new(probability * Math.Max(1, words), Math.Max(1, words));

        public static Mean operator +(Mean one, Mean other) => new(one.Sum + other.Sum, one.Weight + other.Weight);
    }
}
