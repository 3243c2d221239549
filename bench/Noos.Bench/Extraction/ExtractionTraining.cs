using System.Diagnostics;
using Noos.Corpus.Extraction;
using Noos.Corpus.Extraction.Blocks;
using Noos.Corpus.Extraction.Classification;
using Noos.Corpus.Extraction.Dom;
using Noos.Corpus.Extraction.Metadata;
using Noos.Corpus.Extraction.Rendering;

namespace Noos.Bench.Extraction;

/// <summary>
/// Trains the classifier of blocks on the development part of WCXB. Its figures come from pages that the classifier judging them has not
/// seen: four parts, cut by host, each judged by a classifier of the other three.
/// </summary>
static class ExtractionTraining
{
    const int Folds = 3;

    // Of a page with thousands of blocks as many teach as much.
    const int MaxBlocksPerPage = 220;

    /// <param name="folder">Of the WCXB repository.</param>
    /// <param name="output">The file of the classifier.</param>
    public static void Run(string folder, string output)
    {
        var watch = Stopwatch.StartNew();
        var pages = BenchmarkPages.ReadKinds(folder, "dev").Select(Prepare).ToArray();
        var rows = pages.Sum(page => page.Labels.Length);
        Console.WriteLine($"{pages.Length} pages, {rows} blocks; {watch.Elapsed.TotalSeconds:F0} s");

        var first = CrossPredict(pages, BlockFeatures.Count, page => page.Features);
        var contexts = pages.Select((page, i) => ContextFeatures.Compute(page.Text, page.Features, first[i])).ToArray();
        var numbers = pages.Select((page, i) => (page, i)).ToDictionary(pair => pair.page, pair => pair.i);
        var second = CrossPredict(pages, ContextFeatures.Count, page => contexts[numbers[page]]);
        Console.WriteLine($"{watch.Elapsed.TotalSeconds:F0} s");
        Report("first classifier", pages, first);
        Report("second classifier", pages, second);

        var classifier = new BlockClassifier(
            Train(pages, BlockFeatures.Count, page => page.Features),
            Train(pages, ContextFeatures.Count, page => contexts[numbers[page]]));
        using var stream = File.Create(output);
        classifier.Write(stream);
        Console.WriteLine($"{output}: {stream.Length} bytes");
    }

    static TrainingPage Prepare(BenchmarkPage page)
    {
        var document = HtmlPageParser.Parse(EncodingSniffer.Decode(page.Content));
        var text = BlockSegmenter.Segment(document);
        var context = HtmlExtractor.CreateContext(PageMetadata.Read(document, text, page.Address), page.Address);
        var labels = BlockLabels.Compute(text, page.Truth);
        var truthWords = WordTokens.Split(page.Truth, lowerCase: true).Count;
        // Every page weighs the same, as in the score; a page with little content must not drown in its frame.
        var weights = text.Blocks.Select(block =>
            MathF.Pow(Math.Clamp(block.Words, 1, 150), 0.8f) / Math.Max(60, Math.Min(truthWords, 1500))).ToArray();
        var fold = Math.Abs(Hash(page.Address?.Host ?? page.Id)) % Folds;
        return new TrainingPage(page, text, context, BlockFeatures.Compute(text, context), labels, weights, fold);
    }

    static int Hash(string text) => text.Aggregate(17, (hash, c) => unchecked(hash * 31 + c)) & 0xFFFFFF;

    static float[][] CrossPredict(TrainingPage[] pages, int width, Func<TrainingPage, float[]> features)
    {
        var predicted = new float[pages.Length][];
        for (var fold = 0; fold < Folds; fold++)
        {
            var trees = Train([.. pages.Where(page => page.Fold != fold)], width, features);
            for (var i = 0; i < pages.Length; i++)
            {
                if (pages[i].Fold == fold)
                {
                    predicted[i] = BlockClassifier.Predict(trees, features(pages[i]), width);
                }
            }
        }

        return predicted;
    }

    static BoostedTrees Train(TrainingPage[] pages, int width, Func<TrainingPage, float[]> features)
    {
        var random = new Random(1);
        var chosen = pages.Select(page => Enumerable.Range(0, page.Labels.Length)
            .Where(_ => random.NextSingle() * page.Labels.Length < MaxBlocksPerPage).ToArray()).ToArray();
        var rows = chosen.Sum(blocks => blocks.Length);
        var (matrix, labels, weights) = (new float[rows * width], new float[rows], new float[rows]);
        var row = 0;
        for (var i = 0; i < pages.Length; i++)
        {
            var share = Math.Max(1f, (float)pages[i].Labels.Length / MaxBlocksPerPage);
            foreach (var block in chosen[i])
            {
                features(pages[i]).AsSpan(block * width, width).CopyTo(matrix.AsSpan(row * width));
                (labels[row], weights[row]) = (pages[i].Labels[block], pages[i].Weights[block] * share);
                row++;
            }
        }

        return new BoostedTreesTrainer(width).Train(matrix, labels, weights);
    }

    static void Report(string name, TrainingPage[] pages, float[][] probabilities)
    {
        foreach (var threshold in (ReadOnlySpan<float>)[0.3f, 0.35f, 0.4f, 0.45f, 0.5f, 0.55f, 0.6f])
        {
            var results = pages.Select((page, i) => (page.Page, Render(page, probabilities[i], threshold))).ToArray();
            var score = ExtractionScores.ScoreWords(results);
            var kinds = results.GroupBy(result => result.Page.Kind).OrderBy(group => group.Key)
                .Select(group => $"{group.Key} {ExtractionScores.ScoreWords(group).F1:F3}");
            Console.WriteLine($"{name} at {threshold:F2}: F1 {score.F1:F4}, P {score.Precision:F4}, R {score.Recall:F4}; "
                + string.Join(", ", kinds));
        }

        var oracle = pages.Select(page => (page.Page, Render(page, page.Labels, 0.5f)));
        Console.WriteLine($"with the labels themselves: F1 {ExtractionScores.ScoreWords(oracle).F1:F4}");
    }

    static string Render(TrainingPage page, float[] probabilities, float threshold) => PlainTextRenderer.Render(
        page.Text, ContentSelector.Select(page.Text, page.Context, probabilities, threshold));

    sealed record TrainingPage(
        BenchmarkPage Page, PageText Text, PageContext Context, float[] Features, float[] Labels, float[] Weights, int Fold);
}
