using Noos.Corpus.Cleaning.Signals;

namespace Noos.Corpus.Cleaning.Policies;

/// <summary>What one consumer of a corpus takes: the rules in the order in which they give the reason.</summary>
public sealed record CleanPolicy
{
    /// <summary>A document that nobody may use any more; see <see cref="Cleaning.OptOutList"/>.</summary>
    public const string Withdrawn = "opted-out-later";

    /// <summary>The same address was fetched again later.</summary>
    public const string Superseded = "fetched-again";

    public const string OtherLanguage = "other-language";

    /// <summary>The same text is kept elsewhere.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>Nearly the same text is kept elsewhere.</summary>
    public const string NearDuplicate = "near-duplicate";

    public const string TrainName = "train";

    public const string SearchName = "search";

    static readonly string[] s_english = ["en"];

    public required string Name { get; init; }

    /// <summary>What is kept; null for all.</summary>
    public IReadOnlyList<string>? Languages { get; init; }

    /// <summary>Copies of what is kept are dropped.</summary>
    public bool DropsDuplicates { get; init; } = true;

    /// <summary>And near copies.</summary>
    public bool DropsNearDuplicates { get; init; } = true;

    public required IReadOnlyList<PolicyRule> Rules { get; init; }

    /// <summary>
    /// Strict: what goes into a model stays there. The bounds of Gopher, C4 and FineWeb where those papers give them; the two that would
    /// drop code and lists of a corpus that shall teach code (curly brackets, C4's line punctuation) are counted only.
    /// </summary>
    public static CleanPolicy Train { get; } = new()
    {
        Name = TrainName,
        Rules =
        [
            new() { Name = "opted-out", Signal = SignalNames.NoTraining, Max = 0, Note = "The page or its site reserves training." },
            new() { Name = "exam", Signal = SignalNames.ExamPassages, Max = 0, Note = "It gives away an examination." },
            new() { Name = "listed-address", Signal = SignalNames.ListedAddress, Max = 0, Note = "Its address is on a list." },
            new() { Name = "listed-words", Signal = SignalNames.ListedWords, Max = 5, Note = "Words of a list, on a thousand words." },
            new() { Name = "unsure-language", Signal = SignalNames.LanguageScore, Min = 0.5 },
            new() { Name = "gopher-short", Signal = SignalNames.Words, Min = 50 },
            new() { Name = "gopher-long", Signal = SignalNames.Words, Max = 100_000 },
            new() { Name = "gopher-word-length", Signal = SignalNames.WordLength, Min = 3, Max = 10, Languages = s_english },
            new() { Name = "gopher-hashes", Signal = SignalNames.Hashes, Max = 0.1 },
            new() { Name = "gopher-ellipses", Signal = SignalNames.Ellipses, Max = 0.1 },
            new() { Name = "gopher-bullets", Signal = SignalNames.BulletLines, Max = 0.9 },
            new() { Name = "gopher-ellipsis-lines", Signal = SignalNames.EllipsisLines, Max = 0.3 },
            new() { Name = "gopher-letters", Signal = SignalNames.LetterWords, Min = 0.8 },
            new() { Name = "gopher-stop-words", Signal = SignalNames.StopWords, Min = 2, Languages = s_english },
            new() { Name = "gopher-lines", Signal = SignalNames.RepeatedLines, Max = 0.3 },
            new() { Name = "gopher-line-characters", Signal = SignalNames.RepeatedLineCharacters, Max = 0.2 },
            new() { Name = "gopher-paragraphs", Signal = SignalNames.RepeatedParagraphs, Max = 0.3 },
            new() { Name = "gopher-paragraph-characters", Signal = SignalNames.RepeatedParagraphCharacters, Max = 0.2 },
            new() { Name = "gopher-top-2", Signal = SignalNames.TopGram(2), Max = 0.2 },
            new() { Name = "gopher-top-3", Signal = SignalNames.TopGram(3), Max = 0.18 },
            new() { Name = "gopher-top-4", Signal = SignalNames.TopGram(4), Max = 0.16 },
            new() { Name = "gopher-repeated-5", Signal = SignalNames.RepeatedGrams(5), Max = 0.15 },
            new() { Name = "gopher-repeated-6", Signal = SignalNames.RepeatedGrams(6), Max = 0.14 },
            new() { Name = "gopher-repeated-7", Signal = SignalNames.RepeatedGrams(7), Max = 0.13 },
            new() { Name = "gopher-repeated-8", Signal = SignalNames.RepeatedGrams(8), Max = 0.12 },
            new() { Name = "gopher-repeated-9", Signal = SignalNames.RepeatedGrams(9), Max = 0.11 },
            new() { Name = "gopher-repeated-10", Signal = SignalNames.RepeatedGrams(10), Max = 0.10 },
            new() { Name = "c4-lorem-ipsum", Signal = SignalNames.LoremIpsum, Max = 0 },
            new() { Name = "c4-sentences", Signal = SignalNames.Sentences, Min = 3,
                Note = "C4 says 5 of lines that end as sentences; FineWeb leaves this out." },
            new() { Name = "c4-braces", Signal = SignalNames.Braces, Max = 0, Enabled = false, Note = "Would drop all code." },
            new() { Name = "c4-javascript", Signal = SignalNames.ScriptLines, Max = 0.1 },
            new() { Name = "c4-policy", Signal = SignalNames.PolicyLines, Max = 0.1 },
            new() { Name = "fineweb-punctuation", Signal = SignalNames.PunctuatedLines, Min = 0.12 },
            new() { Name = "fineweb-short-lines", Signal = SignalNames.ShortLines, Max = 0.67 },
            new() { Name = "fineweb-repeated-lines", Signal = SignalNames.DuplicateLineCharacters, Max = 0.1,
                Note = "The paper says 0.1, datatrove's code 0.01." },
            new() { Name = "fineweb-lists", Signal = SignalNames.LinesPerWord, Max = 0.3 },
            new() { Name = "personal-data", Signal = SignalNames.PersonalData, Max = 10,
                Note = "More than that is a directory of people; less is masked." },
            new() { Name = "quality", Signal = SignalNames.Quality, Min = 0.2 },
        ],
    };

    /// <summary>Loose: a price list is bad training text and a good answer.</summary>
    public static CleanPolicy Search { get; } = new()
    {
        Name = SearchName,
        DropsNearDuplicates = false,
        Rules =
        [
            new() { Name = "opted-out", Signal = SignalNames.NoSearch, Max = 0, Note = "The page does not want to be found or shown." },
            new() { Name = "listed-address", Signal = SignalNames.ListedAddress, Max = 0, Note = "Its address is on a list." },
            new() { Name = "short", Signal = SignalNames.Words, Min = 5 },
            new() { Name = "repetition", Signal = SignalNames.RepeatedGrams(10), Max = 0.7 },
            new() { Name = "c4-lorem-ipsum", Signal = SignalNames.LoremIpsum, Max = 0 },
            new() { Name = "quality", Signal = SignalNames.Quality, Min = 0.02 },
        ],
    };

    /// <summary>All that can be a reason, in their order; a bit of a verdict each.</summary>
    public IReadOnlyList<string> Reasons => [Withdrawn, Superseded, OtherLanguage, .. Rules.Select(rule => rule.Name)];

    /// <summary>The reasons of a document, a bit each; rules that are not enabled set theirs in the second number.</summary>
    public (ulong Dropped, ulong Noticed) Judge(SignalSet signals, string language)
    {
        var (dropped, noticed) = (0UL, 0UL);
        if (Languages is { Count: > 0 } && !Languages.Contains(language))
        {
            dropped |= 1UL << 2;
        }

        for (var i = 0; i < Rules.Count; i++)
        {
            if (Rules[i].Catches(signals, language))
            {
                (Rules[i].Enabled ? ref dropped : ref noticed) |= 1UL << (i + 3);
            }
        }

        return (dropped, noticed);
    }
}
