using System.IO.Compression;
using System.Text;

namespace Noos.Inference.Speech;

/// <summary>
/// Decoding of a window whose audio is encoded: greedy with timestamps, again with higher temperatures where the result goes in circles or
/// is unlikely, and nothing where nobody speaks; as transcribe.py of Whisper, whose thresholds these are. For one window.
/// </summary>
sealed class WindowDecoder(WhisperConfig config, WhisperVocabulary vocabulary, TextDecoder decoder, TextSequence sequence)
{
    const int TimestampsPerSecond = 50;
    const float TemperatureStep = 0.2f;
    const double MaxCompressionRatio = 2.4;
    const double MinLogProbability = -1;
    const double MaxNoSpeechProbability = 0.6;
    const int Seed = 1;

    double _noSpeechProbability;

    /// <param name="length">Of the audio, in timestamps.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Looked at before every token.</param>
    public WhisperWindow Decode(int length, WhisperOptions options, CancellationToken cancellationToken)
    {
        var language = vocabulary.IsMultilingual
            ? options.Language is { } name ? WhisperLanguages.Parse(name) : DetectLanguage()
            : 0;
        var prompt = Prompt(options, language);
        var best = default(Attempt);
        for (var temperature = options.Temperature; temperature <= 1.001f; temperature += TemperatureStep)
        {
            var attempt = Run(prompt, temperature, options.SuppressesNonSpeech, cancellationToken);
            if (best is null || attempt.IsBetterThan(best))
            {
                best = attempt;
            }

            if (attempt.IsGood || IsSilent(attempt))
            {
                break;
            }
        }

        var code = WhisperLanguages.CodeOf(language);
        var all = TimeSpan.FromSeconds((double)length / TimestampsPerSecond);
        if (best is null || IsSilent(best))
        {
            return new WhisperWindow([], all, code, _noSpeechProbability);
        }

        var (segments, consumed) = Split(best, length);
        if (options.WantsWords && segments.Count > 0)
        {
            segments = new WordAligner(config, vocabulary, decoder, sequence).Align(segments, prompt);
        }

        return new WhisperWindow(segments, consumed, code, _noSpeechProbability);
    }

    bool IsSilent(Attempt attempt) =>
        _noSpeechProbability > MaxNoSpeechProbability && attempt.AverageLogProbability < MinLogProbability;

    int DetectLanguage()
    {
        sequence.Length = 0;
        decoder.Execute([new TextRow(sequence, vocabulary.Start, WantsLogits: true)]);
        return TokenRules.Best(decoder.LogitsAfter(0).Slice(vocabulary.FirstLanguage, vocabulary.LanguageCount));
    }

    int[] Prompt(WhisperOptions options, int language)
    {
        // Half of the context is for what is said; whisper takes one token less of what was before.
        var before = string.IsNullOrWhiteSpace(options.Prompt) ? [] : vocabulary.Encode(" " + options.Prompt.Trim());
        var max = (config.TextContext / 2) - 1;
        int[] start = vocabulary.IsMultilingual
            ? [
                vocabulary.Start, vocabulary.FirstLanguage + language,
                options.IsTranslation ? vocabulary.Translate : vocabulary.Transcribe,
            ]
            : [vocabulary.Start];
        return before.Length == 0 ? start : [vocabulary.Previous, .. before[^Math.Min(max, before.Length)..], .. start];
    }

    Attempt Run(int[] prompt, float temperature, bool suppressNonSpeech, CancellationToken cancellationToken)
    {
        var rules = new TokenRules(vocabulary, suppressNonSpeech);
        // Seeded, so that a recording has one transcript.
        var random = new Random(Seed);
        var tokens = new List<int>();
        var sum = 0d;
        var logits = Read(prompt);
        var max = Math.Min(config.TextContext / 2, config.TextContext - prompt.Length);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rules.Apply(logits, tokens);
            var token = temperature > 0 ? TokenRules.Draw(logits, temperature, random) : TokenRules.Best(logits);
            sum += logits[token];
            if (token == vocabulary.EndOfText)
            {
                break;
            }

            tokens.Add(token);
            if (tokens.Count >= max)
            {
                break;
            }

            decoder.Execute([new TextRow(sequence, token, WantsLogits: true)]);
            logits = decoder.LogitsAfter(0);
        }

        var text = vocabulary.Decode(tokens);
        return new Attempt([.. tokens], sum / (tokens.Count + 1), CompressionRatio(text), temperature);
    }

    /// <summary>Reads the prompt into the empty sequence.</summary>
    /// <returns>The scores of the first token.</returns>
    Span<float> Read(int[] prompt)
    {
        sequence.Length = 0;
        var start = Array.IndexOf(prompt, vocabulary.Start);
        var last = 0;
        for (var first = 0; first < prompt.Length; first += TextDecoder.MaxRows)
        {
            var count = Math.Min(TextDecoder.MaxRows, prompt.Length - first);
            var rows = new TextRow[count];
            for (var row = 0; row < count; row++)
            {
                var index = first + row;
                rows[row] = new TextRow(sequence, prompt[index], index == start || index == prompt.Length - 1);
            }

            decoder.Execute(rows);
            last = Array.FindAll(rows, row => row.WantsLogits).Length - 1;
            if (start >= first && start < first + count)
            {
                var logits = decoder.LogitsAfter(0);
                _noSpeechProbability = Math.Exp(logits[vocabulary.NoSpeech] - TokenRules.LogSumExp(logits));
            }
        }

        return decoder.LogitsAfter(last);
    }

    /// <summary>Segments end where two times stand side by side; what is behind the last pair belongs to the next window.</summary>
    (IReadOnlyList<WhisperSegment> Segments, TimeSpan Consumed) Split(Attempt attempt, int length)
    {
        var (tokens, first) = (attempt.Tokens, vocabulary.FirstTimestamp);
        var segments = new List<WhisperSegment>();
        var begin = 0;
        var lastPair = 0;
        for (var index = 1; index < tokens.Length; index++)
        {
            if (tokens[index] >= first && tokens[index - 1] >= first)
            {
                Add(tokens[begin..index]);
                (begin, lastPair) = (index, tokens[index - 1] - first);
            }
        }

        var rest = tokens[begin..];
        var endsWithOneTime = tokens.Length > 1 && tokens[^1] >= first && tokens[^2] < first;
        // Without any pair all is one segment; a closed one behind the last pair is whole too.
        var isWhole = begin == 0 || endsWithOneTime || lastPair == 0;
        if (isWhole || lastPair >= length)
        {
            Add(rest);
            return (segments, Time(length));
        }

        return (segments, Time(lastPair));

        void Add(int[] part)
        {
            int[] words = [.. part.Where(token => token < vocabulary.EndOfText)];
            if (words.Length == 0)
            {
                return;
            }

            var from = part[0] >= first ? part[0] - first : 0;
            var to = part[^1] >= first ? part[^1] - first : length;
            segments.Add(new WhisperSegment(
                Time(Math.Min(from, length)), Time(Math.Clamp(to, Math.Min(from, length), length)), vocabulary.Decode(words), words)
            {
                AverageLogProbability = attempt.AverageLogProbability,
                CompressionRatio = attempt.CompressionRatio,
                NoSpeechProbability = _noSpeechProbability,
                Temperature = attempt.Temperature,
            });
        }
    }

    static TimeSpan Time(int timestamp) => TimeSpan.FromSeconds((double)timestamp / TimestampsPerSecond);

    static double CompressionRatio(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        return bytes.Length == 0 ? 0 : (double)bytes.Length / compressed.Length;
    }

    sealed record Attempt(int[] Tokens, double AverageLogProbability, double CompressionRatio, float Temperature)
    {
        public bool IsGood => AverageLogProbability >= MinLogProbability && CompressionRatio <= MaxCompressionRatio;

        public bool IsBetterThan(Attempt other) =>
            (CompressionRatio <= MaxCompressionRatio, AverageLogProbability)
                .CompareTo((other.CompressionRatio <= MaxCompressionRatio, other.AverageLogProbability)) > 0;
    }
}
