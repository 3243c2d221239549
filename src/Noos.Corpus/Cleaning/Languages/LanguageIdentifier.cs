using System.IO.Compression;

namespace Noos.Corpus.Cleaning.Languages;

/// <summary>
/// Tells the language of a text: naive Bayes over n-grams of one to four letters. The one that Noos is delivered with knows 79 languages;
/// it was made from the n-gram counts of Lingua (Apache-2.0) by <c>Noos.Bench languages-train</c>. Thread-safe.
/// </summary>
public sealed class LanguageIdentifier
{
    // Of a long text the beginning, the middle and the end are looked at.
    const int MaxLetters = 1200;
    const int WholeLength = 6000;

    // N-grams overlap, so their evidence is not independent: this much of an average one counts. Fitted on texts of 20 to 1,000 letters.
    const double Evidence = 20;

    static readonly Lazy<LanguageIdentifier> s_default = new(Load);

    readonly LanguageModel _model;
    readonly Dictionary<uint, int> _index;

    internal LanguageIdentifier(LanguageModel model)
    {
        _model = model;
        _index = new Dictionary<uint, int>(model.Grams.Length);
        for (var i = 0; i < model.Grams.Length; i++)
        {
            _index[model.Grams[i]] = i;
        }
    }

    /// <summary>The one that Noos is delivered with.</summary>
    public static LanguageIdentifier Default => s_default.Value;

    /// <summary>ISO 639-1 codes of what it knows.</summary>
    public IReadOnlyList<string> Languages => _model.Languages;

    /// <summary>The language that a text is most probably in.</summary>
    public LanguageGuess Identify(ReadOnlySpan<char> text)
    {
        var scores = new double[_model.Languages.Length];
        var letters = 0;
        if (text.Length <= WholeLength)
        {
            letters = Score(text, MaxLetters, scores);
        }
        else
        {
            foreach (var part in (ReadOnlySpan<int>)[0, 1, 2])
            {
                letters += Score(text.Slice((text.Length - (WholeLength / 3)) / 2 * part, WholeLength / 3), MaxLetters / 3, scores);
            }
        }

        var best = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            best = scores[i] > scores[best] ? i : best;
        }

        if (letters == 0 || scores[best] <= 0)
        {
            return new LanguageGuess(LanguageGuess.Unknown, 0);
        }

        var scale = Math.Min(1, Evidence / letters);
        var sum = 0.0;
        foreach (var score in scores)
        {
            sum += Math.Exp((score - scores[best]) * scale);
        }

        return new LanguageGuess(_model.Languages[best], 1 / sum);
    }

    int Score(ReadOnlySpan<char> text, int maxLetters, double[] scores) => LetterGrams.Visit(text, maxLetters, (gram, _) =>
    {
        if (_index.TryGetValue(gram, out var at))
        {
            for (var i = _model.Starts[at]; i < _model.Starts[at + 1]; i++)
            {
                var (language, weight) = _model.Weights[i];
                scores[language] += weight * LanguageModel.Step;
            }
        }
    });

    static LanguageIdentifier Load()
    {
        using var packed = typeof(LanguageIdentifier).Assembly.GetManifestResourceStream("Noos.Corpus.Cleaning.languages.bin")!;
        using var stream = new BrotliStream(packed, CompressionMode.Decompress);
        return new LanguageIdentifier(LanguageModel.Read(stream));
    }
}
