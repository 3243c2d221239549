using System.Text;

namespace Noos.Courses.Lessons;

/// <summary>The carelessness of typing: now and then lower case, no full stop, two letters in the wrong order.</summary>
public static class Typing
{
    /// <param name="draw">Chooses.</param>
    /// <param name="text">What is typed.</param>
    /// <param name="keepsWords">Only the end may lack its sign: what is to be copied from the text stays as it is.</param>
    public static string Careless(Draw draw, string text, bool keepsWords = false)
    {
        ArgumentNullException.ThrowIfNull(draw);
        ArgumentNullException.ThrowIfNull(text);
        if (!keepsWords && draw.Chance(0.15))
        {
            text = text.ToLowerInvariant();
        }

        if (draw.Chance(0.12) && text.TrimEnd('?', '.', '!') is { Length: > 0 } trimmed)
        {
            text = trimmed;
        }

        return !keepsWords && draw.Chance(0.05) ? SwapLetters(draw, text) : text;
    }

    static string SwapLetters(Draw draw, string text)
    {
        var words = text.Split(' ');
        var index = draw.Index(0, words.Length - 1);
        // Number words stay whole: a typo in them would ask for a guess.
        if (words[index].Length is < 4 or > 12 || !words[index].All(char.IsAsciiLetterLower) || Sentences.IsNumberWord(words[index]))
        {
            return text;
        }

        var letters = new StringBuilder(words[index]);
        var place = draw.Index(1, letters.Length - 2);
        (letters[place], letters[place + 1]) = (letters[place + 1], letters[place]);
        words[index] = letters.ToString();
        return string.Join(' ', words);
    }
}
