namespace Noos.Bench.Extraction;

/// <summary>Words as the benchmarks' scorers cut them: Python's <c>\w+</c>, letters and digits of any script and the underscore.</summary>
static class WordTokens
{
    public static List<string> Split(string text, bool lowerCase)
    {
        var words = new List<string>();
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var isWord = i < text.Length && (char.IsLetterOrDigit(text[i]) || char.IsNumber(text[i]) || text[i] == '_'
                || char.IsSurrogate(text[i]));
            if (isWord && start < 0)
            {
                start = i;
            }
            else if (!isWord && start >= 0)
            {
                words.Add(lowerCase ? text[start..i].ToLowerInvariant() : text[start..i]);
                start = -1;
            }
        }

        return words;
    }
}
