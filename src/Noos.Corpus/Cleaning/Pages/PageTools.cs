using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Noos.Core.Text;
using Noos.Corpus.Cleaning.Languages;
using Noos.Corpus.Cleaning.Signals;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Cleaning.Pages;

/// <summary>What pages are measured with.</summary>
public sealed record PageTools
{
    // Another number: what the extraction gives has changed, and is made again.
    const int Version = 1;

    public AddressList Addresses { get; init; } = AddressList.Empty;

    public WordList Words { get; init; } = WordList.Empty;

    /// <summary>Wordings of examinations.</summary>
    public NgramIndex Exams { get; init; } = NgramIndex.Empty;

    /// <summary>Counts tokens; null for an estimate.</summary>
    public Tokenizer? Tokenizer { get; init; }

    public LanguageIdentifier Identifier { get; init; } = LanguageIdentifier.Default;

    public QualityClassifier Quality { get; init; } = QualityClassifier.Default;

    /// <summary>How sure it must be that a block is content; see <see cref="Extraction.ExtractionOptions.Threshold"/>.</summary>
    public float Threshold { get; init; } = 0.45f;

    /// <summary>Longest page in bytes, unpacked; the rest is left out.</summary>
    public int MaxPageBytes { get; init; } = 8 << 20;

    /// <summary>Everything that decides what comes out, as a text.</summary>
    /// <param name="lists">The lists as they stand in their files.</param>
    internal string Fingerprint(string lists) => string.Create(
        CultureInfo.InvariantCulture,
        $"v{Version} {Threshold} {MaxPageBytes} {Tokenizer?.Fingerprint ?? 0:x16} "
        + $"{XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(lists)):x16}");
}
