using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Noos.Courses.Lessons;
using Noos.Courses.Talk;

namespace Noos.Courses.Examinations.Graders;

/// <summary>
/// Whether a text is well-formed simple English: it ends by itself, does not go in circles, and consists of words. It does not judge
/// what the text says.
/// </summary>
public static partial class Fluency
{
    const int MaxAnswerLength = 1600;
    const int MaxUnpunctuatedWords = 6;
    const int MaxRepetitions = 2;
    const double MaxRepeatedShare = 0.2;
    const double MaxUnknownShare = 0.03;
    const double MaxNameShare = 0.4;

    static readonly string[] s_contractions = ["n't", "'ll", "'re", "'ve", "'d", "'s", "'m", "'"];
    static readonly Lazy<FrozenSet<string>> s_words = new(ReadWords);

    /// <summary>What is wrong with the text, or null.</summary>
    public static string? FindFault(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var text = answer.Trim();
        if (text.Length == 0)
        {
            return "the answer is empty";
        }

        if (text.Length > MaxAnswerLength)
        {
            return "the answer does not end";
        }

        if (text.Contains("<|") || text.Contains("tool_call") || text.Contains('\uFFFD'))
        {
            return "the answer contains markup";
        }

        var words = WordPattern().Matches(text).Select(match => match.Value).ToList();
        if (words.Count == 0)
        {
            return "the answer has no words";
        }

        if (words.Count > MaxUnpunctuatedWords && !EndPattern().IsMatch(text))
        {
            return "the answer breaks off";
        }

        return FindLoop(text, words) ?? FindStrangeWords(text, words.Count);
    }

    static string? FindLoop(string text, List<string> words)
    {
        var lower = words.ConvertAll(word => word.ToLowerInvariant());
        for (var index = 2; index < lower.Count; index++)
        {
            if (lower[index] == lower[index - 1] && lower[index] == lower[index - 2] && lower[index] is not ("la" or "ha" or "ho"))
            {
                return $"the answer repeats \"{lower[index]}\"";
            }
        }

        if (SentencePattern().Split(text.ToLowerInvariant()).Where(sentence => sentence.Contains(' ')).CountBy(sentence => sentence.Trim())
            .Any(count => count.Value > MaxRepetitions))
        {
            return "the answer says a sentence three times";
        }

        const int Length = 4;
        var runs = lower.Count - Length + 1;
        if (runs < Length)
        {
            return null;
        }

        var distinct = Enumerable.Range(0, runs).Select(start => string.Join(' ', lower.Skip(start).Take(Length))).Distinct().Count();
        return runs - distinct > runs * MaxRepeatedShare ? "the answer goes in circles" : null;
    }

    static string? FindStrangeWords(string text, int count)
    {
        var (unknown, names) = (new List<string>(), 0);
        foreach (Match match in WordPattern().Matches(text))
        {
            if (IsWord(match.Value.ToLowerInvariant()))
            {
                continue;
            }

            // A capital letter within a sentence makes a name, and names are in no list.
            if (char.IsUpper(match.Value[0])
                && match.Value.Skip(1).All(letter => char.IsLower(letter) || letter == '\'')
                && !BeginsSentence(text, match.Index))
            {
                names++;
            }
            else
            {
                unknown.Add(match.Value);
            }
        }

        if (unknown.Count > count * MaxUnknownShare)
        {
            return $"not English: {string.Join(", ", unknown.Take(5))}";
        }

        return names > Math.Max(2, count * MaxNameShare) ? "the answer is mostly names" : null;
    }

    /// <summary>Whether a word in lower case is one of the simple English that lessons are written in.</summary>
    internal static bool IsWord(string word)
    {
        word = word.Replace('\u2019', '\'');
        if (s_words.Value.Contains(word))
        {
            return true;
        }

        var ending = s_contractions.FirstOrDefault(word.EndsWith);
        return ending is not null && s_words.Value.Contains(word[..^ending.Length]);
    }

    static bool BeginsSentence(string text, int index)
    {
        var before = text[..index].TrimEnd(' ', '\n', '"', '\'', '(', '\u201c');
        return before.Length == 0 || before[^1] is '.' or '!' or '?' or ':';
    }

    static FrozenSet<string> ReadWords()
    {
        var taught = TalkScript.Lessons.Blocks.SelectMany(block => block).SelectMany(round => round.Questions.Concat(round.Answers))
            .Concat(TalkScript.Lessons.Slots.Values.SelectMany(entries => entries))
            .SelectMany(line => WordPattern().Matches(line).Select(match => match.Value.ToLowerInvariant()));
        return Resource.ReadLines("words.txt").Concat(taught)
            .Concat(["a", "i", "o", "noos", "can't", "won't", "shan't", "o'clock", "ok", "okay", "hi"]).ToFrozenSet();
    }

    [GeneratedRegex(@"\p{L}+(?:['\u2019]\p{L}+)*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordPattern();

    [GeneratedRegex("""[.!?:\u2026]["'\u201d\u2019)*]*$""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EndPattern();

    [GeneratedRegex(@"[.!?\n]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SentencePattern();
}
