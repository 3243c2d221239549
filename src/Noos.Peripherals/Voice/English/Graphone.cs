namespace Noos.Peripherals.Voice.English;

/// <summary>A piece of spelling with its sounds, such as "ph" with F (Bisani and Ney, Joint-sequence models for grapheme-to-phoneme
/// conversion, 2008).</summary>
/// <param name="Letters">One or two.</param>
/// <param name="Sounds">None to two, packed as <see cref="ArpabetSymbols"/> has them.</param>
readonly record struct Graphone(string Letters, string Sounds);
