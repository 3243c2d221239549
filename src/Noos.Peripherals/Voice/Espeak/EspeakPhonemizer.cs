using System.Text;

namespace Noos.Peripherals.Voice.Espeak;

/// <summary>Sounds of any language that the program espeak-ng knows.</summary>
/// <param name="program">The program.</param>
/// <param name="language">Its name of the language.</param>
sealed class EspeakPhonemizer(EspeakProgram program, string language) : IPhonemizer
{
    const string Marks = ".,;:!?";
    static readonly char[] s_pauses = [',', ';', ':'];

    public string Phonemize(string sentence)
    {
        // The program leaves punctuation out; the last mark of a sentence is what its melody hangs on.
        var clauses = sentence.Split(s_pauses, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var spoken = clauses.Select(clause => Encoding.UTF8
            .GetString(program.Run(clause, "--ipa", "-q", "-v", language, "--stdin"))
            .ReplaceLineEndings(" ").Trim()).Where(clause => clause.Length > 0);
        var text = string.Join(", ", spoken);
        var last = sentence.TrimEnd() is { Length: > 0 } trimmed && Marks.Contains(trimmed[^1]) ? trimmed[^1] : '.';
        return text.Length == 0 ? "" : text + last;
    }
}
