namespace Noos.Corpus.Cleaning.Signals;

/// <summary>A piece of personal data in a text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it begins, in UTF-16 code units.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Replacement">Of the same form, and nobody's.</param>
public readonly record struct PersonalDatum(PersonalDataKind Kind, int Start, int Length, string Replacement);
