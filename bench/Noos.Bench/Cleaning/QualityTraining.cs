using System.Globalization;
using Noos.Bench.Extraction;
using Noos.Corpus.Cleaning.Signals;
using Noos.Corpus.Documents;
using Noos.Corpus.Extraction;
using Noos.Corpus.Extraction.Blocks;
using Noos.Corpus.Extraction.Dom;
using Noos.Corpus.Extraction.Rendering;

namespace Noos.Bench.Cleaning;

/// <summary>
/// Makes the classifier of quality. What explains: encyclopedia, textbooks, news, classics, and the articles and documentation of WCXB
/// (development part). What does not: whole pages of WCXB with their frames, its products, offers and listings, and what stands around the
/// content of its articles. Logistic regression, each text with the mean of its features. A tenth of the texts is kept for measuring.
/// </summary>
static class QualityTraining
{
    const int PartLength = 1500;
    const int Epochs = 12;
    const float Rate = 3f;

    public static async Task TrainAsync(string data, string wcxb, string languages, string path)
    {
        var texts = new List<(string Text, bool IsGood)>();
        await AddAsync(texts, data, "text/wikipedia.jsonl.zst", "titled", 1500);
        await AddAsync(texts, data, "text/textbooks.jsonl.zst", "textbooks", 700);
        await AddAsync(texts, data, "text/graded-news.jsonl.zst", "jsonl", 300);
        await AddAsync(texts, data, "text/books.jsonl.zst", "books", 400);
        foreach (var page in BenchmarkPages.ReadKinds(wcxb, "dev"))
        {
            var html = EncodingSniffer.Decode(page.Content);
            var isGood = page.Kind is "article" or "documentation";
            var content = HtmlExtractor.Extract(html, page.Address).Text;
            Add(texts, content, isGood, 3);
            var frame = BlockSegmenter.Segment(HtmlPageParser.Parse(html));
            var known = content.Split('\n').ToHashSet(StringComparer.Ordinal);
            Add(texts, string.Join('\n', PlainLines(frame).Where(line => !known.Contains(line))), isGood: false, 2);
        }

        var random = new Random(1);
        var identifier = LanguageTraining.Load(languages);
        var rows = texts.Where(text => identifier.Identify(text.Text).Language == "en")
            .Select(text => (Features: QualityClassifier.Features(text.Text).ToArray(), text.IsGood)).Where(row => row.Features.Length > 40)
            .ToArray();
        random.Shuffle(rows);
        var held = rows.Length / 10;
        var (test, train) = (rows[..held], rows[held..]);
        var weights = new float[QualityClassifier.Size];
        var bias = 0f;
        var share = (float)train.Count(row => row.IsGood) / train.Length;
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            random.Shuffle(train);
            var rate = Rate * (1 - ((float)epoch / Epochs)) + 0.1f;
            foreach (var (features, isGood) in train)
            {
                var error = (isGood ? 1 : 0) - Predict(features);
                // Both kinds weigh the same.
                error *= isGood ? 0.5f / share : 0.5f / (1 - share);
                bias += 0.01f * error;
                foreach (var feature in features)
                {
                    weights[feature] += rate * error * 10 / features.Length;
                }
            }
        }

        float ShareBelow(float bound, bool isGood) =>
            (float)test.Count(row => row.IsGood == isGood && Predict(row.Features) < bound) / test.Count(row => row.IsGood == isGood);

        float Predict(int[] features)
        {
            var sum = 0f;
            foreach (var feature in features)
            {
                sum += weights[feature];
            }

            return 1 / (1 + MathF.Exp(-(bias + (10 * sum / features.Length))));
        }

        var largest = weights.Max(MathF.Abs);
        var classifier = new QualityClassifier(
            [.. weights.Select(weight => (sbyte)MathF.Round(weight / largest * 127))], 10 * largest / 127, bias);
        using (var file = File.Create(path))
        {
            classifier.Write(file);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{train.Length} texts, {share:p0} of them good; of {test.Length} others "
            + $"{(float)test.Count(row => Predict(row.Features) >= 0.5f == row.IsGood) / test.Length:p1} are told right; "
            + $"{ShareBelow(0.2f, isGood: true):p1} of the good are below 0.2, {ShareBelow(0.2f, isGood: false):p1} of the bad; "
            + $"{new FileInfo(path).Length} bytes"));
    }

    static string[] PlainLines(PageText text) => PlainTextRenderer.Render(text, text.Blocks).Split('\n');

    static async Task AddAsync(List<(string, bool)> texts, string data, string path, string format, int count)
    {
        var source = DocumentSource.FromFile(
            Path.Combine(data, path), DocumentReaderRegistry.CreateDefault().Get(format), new DocumentOrigin("data", path));
        var every = 0;
        await foreach (var document in source.ReadAsync())
        {
            // From all over the source.
            if (document.Text.Length >= PartLength / 2 && every++ % 3 == 0)
            {
                Add(texts, document.Text, isGood: true, 1);
                if (--count == 0)
                {
                    break;
                }
            }
        }
    }

    static void Add(List<(string, bool)> texts, string text, bool isGood, int max)
    {
        for (var start = 0; start < text.Length && max > 0; start += PartLength, max--)
        {
            var part = text.Substring(start, Math.Min(PartLength, text.Length - start));
            if (part.Length >= 200)
            {
                texts.Add((part, isGood));
            }
        }
    }
}
