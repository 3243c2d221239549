using System.Text;

namespace Noos.Corpus.Reading;

/// <summary>Small repairs that every prose source needs, and the cutting of long texts.</summary>
public static class ProseText
{
    /// <summary>Unix line ends, no control characters, no trailing spaces, at most one empty line in a row, no blank ends.</summary>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var clean = new StringBuilder(text.Length);
        var newLines = 0;
        var spaces = 0;
        foreach (var character in text.ReplaceLineEndings("\n"))
        {
            if (character == '\n')
            {
                newLines++;
                spaces = 0;
            }
            else if (character == ' ')
            {
                spaces++;
            }
            else if (character == '\t' || !char.IsControl(character))
            {
                if (clean.Length > 0)
                {
                    clean.Append('\n', Math.Min(newLines, 2));
                }

                // Indentation is meaning in code; it is lost only at the very beginning.
                clean.Append(' ', clean.Length > 0 ? spaces : 0).Append(character);
                (newLines, spaces) = (0, 0);
            }
        }

        return clean.ToString();
    }

    /// <summary>
    /// Cuts a long text into parts of about <paramref name="length"/> characters, at an empty line where there is one in the second half
    /// of a part, else at a line end, else after a space.
    /// </summary>
    public static IEnumerable<string> Split(string text, int length = 6000)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2);
        var start = 0;
        while (text.Length - start > length * 4 / 3)
        {
            var window = text.AsSpan(start, length);
            var cut = LastAfterHalf(window, "\n\n");
            cut = cut > 0 ? cut : LastAfterHalf(window, "\n");
            cut = cut > 0 ? cut : LastAfterHalf(window, " ");
            if (cut == 0)
            {
                cut = char.IsHighSurrogate(window[^1]) ? length - 1 : length;
            }

            yield return text.Substring(start, cut).Trim();
            start += cut;
        }

        yield return text[start..].Trim();
    }

    static int LastAfterHalf(ReadOnlySpan<char> window, string border)
    {
        var found = window.LastIndexOf(border);
        return found > window.Length / 2 ? found + border.Length : 0;
    }
}
