using Noos.Corpus.Extraction.Blocks;

namespace Noos.Bench.Extraction;

/// <summary>Which blocks of a page are in its true content: how much of each, found by shared runs of three words.</summary>
static class BlockLabels
{
    const int Run = 3;
    const int Reach = 8;

    /// <summary>From 0 to 1 for each block.</summary>
    public static float[] Compute(PageText page, string truth)
    {
        var words = WordTokens.Split(truth, lowerCase: true);
        var runs = Runs(words, Run);
        var pairs = Runs(words, 2);
        var lines = truth.Split('\n').Select(line => string.Join(' ', WordTokens.Split(line, lowerCase: true)))
            .ToHashSet(StringComparer.Ordinal);
        var labels = new float[page.Blocks.Count];
        var shorts = new List<(int Index, List<string> Words)>();
        for (var i = 0; i < labels.Length; i++)
        {
            var block = WordTokens.Split(page[page.Blocks[i]].ToString(), lowerCase: true);
            if (block.Count < Run)
            {
                shorts.Add((i, block));
                continue;
            }

            var covered = new bool[block.Count];
            for (var at = 0; at + Run <= block.Count; at++)
            {
                if (runs.Contains(string.Join(' ', block.GetRange(at, Run))))
                {
                    covered.AsSpan(at, Run).Fill(true);
                }
            }

            labels[i] = (float)covered.Count(one => one) / block.Count;
        }

        // "Home" or "Share" stands in many texts by chance: a short block counts as a line of the truth, or amid content.
        var long_ = labels.ToArray();
        foreach (var (index, block) in shorts)
        {
            if (block.Count == 0)
            {
                labels[index] = HasNear(long_, index, 2) ? 0.5f : 0;
                continue;
            }

            var isLine = lines.Contains(string.Join(' ', block));
            var isInside = block.Count == 2 ? pairs.Contains(string.Join(' ', block)) : words.Contains(block[0]);
            labels[index] = (isLine && HasNear(long_, index, Reach)) || (isInside && HasNear(long_, index, 1)) ? 1 : 0;
        }

        return labels;
    }

    static bool HasNear(float[] labels, int index, int reach)
    {
        var (before, after) = (false, false);
        for (var offset = 1; offset <= reach; offset++)
        {
            before |= index - offset >= 0 && labels[index - offset] > 0.6f;
            after |= index + offset < labels.Length && labels[index + offset] > 0.6f;
        }

        return reach == 1 ? before && after : before || after;
    }

    static HashSet<string> Runs(List<string> words, int length)
    {
        var runs = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i + length <= words.Count; i++)
        {
            runs.Add(string.Join(' ', words.GetRange(i, length)));
        }

        return runs;
    }
}
