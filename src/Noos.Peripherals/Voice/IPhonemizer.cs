namespace Noos.Peripherals.Voice;

/// <summary>Text to the sounds of a language, written in the alphabet that espeak-ng uses: IPA with stress marks before vowels.</summary>
public interface IPhonemizer
{
    /// <param name="sentence">As it was written.</param>
    /// <returns>Words with spaces between them; punctuation that is heard stands where it was. Empty where nothing can be said.</returns>
    string Phonemize(string sentence);
}
