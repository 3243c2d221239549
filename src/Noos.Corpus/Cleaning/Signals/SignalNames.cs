namespace Noos.Corpus.Cleaning.Signals;

/// <summary>What is measured of every document; policies put bounds on these (<see cref="Policies.CleanPolicy"/>).</summary>
public static class SignalNames
{
    /// <summary>Words with a letter or digit in them.</summary>
    public const string Words = "words";

    /// <summary>Tokens: counted where a tokenizer is given, else a quarter of the bytes of UTF-8.</summary>
    public const string Tokens = "tokens";

    // Gopher's quality rules (Rae et al. 2021, A.1.1).
    public const string WordLength = "word_length";
    public const string Hashes = "hashes_per_word";
    public const string Ellipses = "ellipses_per_word";
    public const string BulletLines = "bullet_lines";
    public const string EllipsisLines = "ellipsis_lines";
    public const string LetterWords = "words_with_letters";
    public const string StopWords = "stop_words";

    // Gopher's repetition rules (table A1), shares of lines, paragraphs or characters.
    public const string RepeatedLines = "repeated_lines";
    public const string RepeatedLineCharacters = "repeated_line_characters";
    public const string RepeatedParagraphs = "repeated_paragraphs";
    public const string RepeatedParagraphCharacters = "repeated_paragraph_characters";

    // Then come top_2_gram .. top_4_gram and repeated_5_grams .. repeated_10_grams.

    // C4 (Raffel et al. 2020, 2.2).
    public const string LoremIpsum = "lorem_ipsum";
    public const string Braces = "braces";
    public const string Sentences = "sentences";
    public const string ScriptLines = "javascript_lines";
    public const string PolicyLines = "policy_lines";

    // FineWeb (Penedo et al. 2024, 3.6).
    public const string PunctuatedLines = "punctuated_lines";
    public const string ShortLines = "short_lines";
    public const string DuplicateLineCharacters = "duplicate_line_characters";
    public const string LinesPerWord = "lines_per_word";

    public const string LanguageScore = "language_score";

    /// <summary>How much an English text reads like explaining prose, from 0 to 1; absent for other languages.</summary>
    public const string Quality = "quality";

    public const string Emails = "pii_emails";
    public const string Phones = "pii_phones";
    public const string IpAddresses = "pii_ip_addresses";
    public const string Accounts = "pii_accounts";

    /// <summary>All personal data, on a thousand words.</summary>
    public const string PersonalData = "pii_per_1000_words";

    /// <summary>1 where the address is on a list.</summary>
    public const string ListedAddress = "listed_address";

    /// <summary>Words of a list, on a thousand words.</summary>
    public const string ListedWords = "listed_words_per_1000";

    /// <summary>Wordings of examinations that the document gives away.</summary>
    public const string ExamPassages = "exam_passages";

    /// <summary>1 where page or site does not want to be trained on.</summary>
    public const string NoTraining = "opt_out_training";

    /// <summary>1 where page or site does not want to be found, read into a context, or shown.</summary>
    public const string NoSearch = "opt_out_search";

    /// <summary>1 where the page was cut when it was fetched.</summary>
    public const string Truncated = "truncated";

    public static string TopGram(int length) => FormattableString.Invariant($"top_{length}_gram");

    public static string RepeatedGrams(int length) => FormattableString.Invariant($"repeated_{length}_grams");
}
