namespace Noos.Corpus.Cleaning.Languages;

/// <summary>Which language a text is in.</summary>
/// <param name="Language">ISO 639-1, such as <c>en</c>; <c>und</c> where the text has no letters that are known.</param>
/// <param name="Probability">From 0 to 1, among the languages that are known.</param>
public readonly record struct LanguageGuess(string Language, double Probability)
{
    public const string Unknown = "und";
}
