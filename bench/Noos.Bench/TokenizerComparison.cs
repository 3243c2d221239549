using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Noos.Corpus.Documents;
using Qwen2PreTokenizer = Noos.Language.Tokenization.Splitting.Qwen2PreTokenizer;
using Tokenizer = Noos.Language.Tokenization.Tokenizer;

namespace Noos.Bench;

/// <summary>
/// Encoding speed beside Microsoft.ML.Tokenizers: the same vocabulary, merges, split pattern, documents and token ids, on one thread,
/// in alternating rounds. Prints a table in Markdown.
/// </summary>
static class TokenizerComparison
{
    const int Rounds = 9;
    const int BytesOfEachFile = 6 << 20;

    public static async Task RunAsync(string tokenizerPath, string format, string[] files)
    {
        var tokenizer = Tokenizer.Load(tokenizerPath);
        var reader = DocumentReaderRegistry.CreateDefault().Get(format);
        var byteLevel = ByteLevelRival(tokenizer);
        var tiktoken = TiktokenRival(tokenizer);
        Console.WriteLine(
            $"Vocabulary of {tokenizer.VocabularySize} tokens, one thread, medians of {Rounds} alternating rounds, "
            + $"{Environment.ProcessorCount} cores, .NET {Environment.Version}.");
        Console.WriteLine();
        Console.WriteLine(
            "| text | MB | bytes/token | Noos, string | Noos, UTF-8 | splitting alone | ML BpeTokenizer | ML TiktokenTokenizer | "
            + "memory copy | ratio to Bpe | ratio to Tiktoken |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var file in files)
        {
            var texts = await SampleAsync(DocumentSource.FromFile(file, reader, new DocumentOrigin(Path.GetFileName(file), file)));
            var documents = texts.ConvertAll(Encoding.UTF8.GetBytes);
            var bytes = documents.Sum(document => (long)document.Length);
            var tokens = RequireEqualTokens(texts, tokenizer, byteLevel, tiktoken);
            var output = new List<int>();
            var copy = new byte[documents.Max(document => document.Length)];
            var speeds = Measure(
                bytes,
                () => texts.ForEach(text => tokenizer.Encode(text)),
                () => documents.ForEach(document =>
                {
                    output.Clear();
                    tokenizer.Encode(document, output);
                }),
                () => documents.ForEach(document => Split(document)),
                () => texts.ForEach(text => byteLevel.EncodeToIds(text)),
                () => texts.ForEach(text => tiktoken.EncodeToIds(text)),
                () => documents.ForEach(document => document.CopyTo(copy, 0)));
            Console.WriteLine(
                $"| {Path.GetFileName(file)} | {bytes / 1e6:F1} | {(double)bytes / tokens:F2} | "
                + $"{string.Join(" | ", speeds.Select(speed => $"{speed:F1} MB/s"))} "
                + $"| **{speeds[0] / speeds[3]:F1}** | **{speeds[0] / speeds[4]:F1}** |");
        }
    }

    /// <summary>Megabytes a second of each contender, in their order.</summary>
    static double[] Measure(long bytes, params Action[] contenders)
    {
        var seconds = contenders.Select(_ => new List<double>()).ToArray();
        // The first two rounds compile and fill caches.
        for (var round = -2; round < Rounds; round++)
        {
            for (var index = 0; index < contenders.Length; index++)
            {
                var start = Stopwatch.GetTimestamp();
                contenders[index]();
                if (round >= 0)
                {
                    seconds[index].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
        }

        return [.. seconds.Select(times => bytes / 1e6 / times.Order().ElementAt(Rounds / 2))];
    }

    static async Task<List<string>> SampleAsync(DocumentSource source) =>
        await TokenizerSample.TakeAsync(source, BytesOfEachFile).Select(document => Encoding.UTF8.GetString(document.Span)).ToListAsync();

    static int Split(byte[] document)
    {
        var pieces = 0;
        for (var position = 0; position < document.Length; pieces++)
        {
            position = Qwen2PreTokenizer.End(document, position);
        }

        return pieces;
    }

    static long RequireEqualTokens(List<string> texts, Tokenizer tokenizer, BpeTokenizer byteLevel, TiktokenTokenizer tiktoken)
    {
        long tokens = 0;
        foreach (var text in texts)
        {
            var ours = tokenizer.Encode(text);
            tokens += ours.Length;
            if (!ours.SequenceEqual(byteLevel.EncodeToIds(text)))
            {
                throw new InvalidOperationException("BpeTokenizer gives other tokens: the comparison would not be fair.");
            }

            if (!ours.SequenceEqual(tiktoken.EncodeToIds(text)))
            {
                throw new InvalidOperationException("TiktokenTokenizer gives other tokens: the comparison would not be fair.");
            }
        }

        return tokens;
    }

    static BpeTokenizer ByteLevelRival(Tokenizer tokenizer)
    {
        var ordinary = Enumerable.Range(0, tokenizer.VocabularySize).Where(token => !tokenizer.IsSpecial(token));
        return BpeTokenizer.Create(new BpeOptions(ordinary.Select(token => KeyValuePair.Create(tokenizer.NameOf(token), token)))
        {
            Merges = Enumerable.Range(0, tokenizer.MergeCount)
                .Select(tokenizer.MergeAt)
                .Select(merge => $"{tokenizer.NameOf(merge.Left)} {tokenizer.NameOf(merge.Right)}"),
            PreTokenizer = new RegexPreTokenizer(Pattern(), null),
            ByteLevel = true,
        });
    }

    static TiktokenTokenizer TiktokenRival(Tokenizer tokenizer)
    {
        var file = new StringBuilder();
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            if (!tokenizer.IsSpecial(token))
            {
                file.Append(Convert.ToBase64String(tokenizer.BytesOf(token))).Append(' ').Append(token).Append('\n');
            }
        }

        return TiktokenTokenizer.Create(
            new MemoryStream(Encoding.UTF8.GetBytes(file.ToString())), new RegexPreTokenizer(Pattern(), null), null);
    }

#pragma warning disable MA0009 // A timeout would slow the rival down; the text is ours.
    static Regex Pattern() => new(Qwen2PreTokenizer.Pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant);
#pragma warning restore MA0009
}
