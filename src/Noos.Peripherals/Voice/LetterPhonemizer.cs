using System.Text;

namespace Noos.Peripherals.Voice;

/// <summary>For voices that were trained on letters: every letter is its own sound.</summary>
sealed class LetterPhonemizer : IPhonemizer
{
    public string Phonemize(string sentence) => sentence.ToLowerInvariant().Normalize(NormalizationForm.FormD);
}
