using System.Text;
using System.Text.RegularExpressions;

namespace Noos.Courses.Lessons;

/// <summary>Sentences of lessons and examinations.</summary>
public static partial class Sentences
{
    static readonly HashSet<string> s_numberWords =
    [
        .. Enumerable.Range(0, 1000).SelectMany(number => NumberWords.Spell(number).Split(' ', '-')),
        "point", "thousand", "million",
    ];

    public static bool IsNumberWord(string word) => word.Split('-').All(s_numberWords.Contains);

    /// <summary>Begins every sentence with a capital letter.</summary>
    public static string Capitalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var letters = new StringBuilder(text);
        var begins = true;
        for (var index = 0; index < letters.Length; index++)
        {
            if (begins && char.IsAsciiLetter(letters[index]))
            {
                letters[index] = char.ToUpperInvariant(letters[index]);
            }

            begins = letters[index] switch
            {
                ' ' => begins,
                '.' or '!' or '?' => index + 1 < letters.Length && letters[index + 1] == ' ',
                _ => false,
            };
        }

        return letters.ToString();
    }

    /// <summary>The first sentence of a text; the text itself where it has but one.</summary>
    public static string First(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }

    /// <summary>The wording alone: lower case, no punctuation, every number (in digits or in words) as "#". Two texts with the same
    /// skeleton ask the same thing in the same words.</summary>
    public static string Skeleton(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = Words().Matches(text.ToLowerInvariant()).Select(match => match.Value);
        var skeleton = new List<string>();
        foreach (var word in words)
        {
            var isNumber = char.IsAsciiDigit(word[0]) || (IsNumberWord(word) && word is not "point");
            // "one hundred and five" is one number.
            if (isNumber && skeleton.Count > 1 && skeleton[^1] == "and" && skeleton[^2] == "#" && !char.IsAsciiDigit(word[0]))
            {
                skeleton.RemoveAt(skeleton.Count - 1);
            }
            else if (!isNumber || skeleton.Count == 0 || skeleton[^1] != "#")
            {
                skeleton.Add(isNumber ? "#" : word);
            }
        }

        return string.Join(' ', skeleton);
    }

    [GeneratedRegex(@"\d[\d,.]*|[a-z]+(?:['-][a-z]+)*|[-+*/%^()×÷]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();
}
