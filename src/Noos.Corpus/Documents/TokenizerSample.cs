using System.Text;

namespace Noos.Corpus.Documents;

/// <summary>Text for training a tokenizer: an even sample of some sources, so that a large source does not decide all merges.</summary>
public static class TokenizerSample
{
    /// <summary>About <paramref name="bytes"/> bytes of a source: every k-th document, or all of a smaller one.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Take(DocumentSource source, long bytes)
    {
        ArgumentNullException.ThrowIfNull(source);
        long total = 0;
        foreach (var document in source.Read())
        {
            total += Encoding.UTF8.GetByteCount(document.Text);
        }

        // An accumulator instead of a step: exact for any ratio.
        double due = 0;
        var share = total == 0 ? 0 : Math.Min(1, (double)bytes / total);
        foreach (var document in source.Read())
        {
            due += share;
            if (due >= 1)
            {
                due--;
                yield return Encoding.UTF8.GetBytes(document.Text);
            }
        }
    }

    /// <summary>
    /// About <paramref name="bytes"/> bytes of the frame of conversations: roles, tool calls as JSON, results, arithmetic. It is rare in
    /// prose but in every conversation, so its pieces deserve tokens of their own.
    /// </summary>
    public static IEnumerable<ReadOnlyMemory<byte>> ConversationFrames(long bytes, int seed)
    {
        var random = new Random(seed);
        for (long written = 0; written < bytes;)
        {
            var expression = Expression(random);
            var argument = random.Next(3) == 0 ? $"{{\"expression\": \"{expression}\"}}" : $"{{\"{Pick(s_arguments)}\": {Value(random)}}}";
            var tool = argument.StartsWith("{\"expression", StringComparison.Ordinal) ? "calculator" : Pick(s_tools);
            var text = $"system\n\nuser\nWhat is {expression}?\nassistant\n\n{{\"name\": \"{tool}\", \"arguments\": {argument}}}\n\n\nuser\n\n"
                + $"{random.Next(100_000)}\n\n\nassistant\n{expression} = {random.Next(100_000)}.\n\nError: \n";
            written += text.Length;
            yield return Encoding.UTF8.GetBytes(text);
        }

        string Pick(string[] words) => words[random.Next(words.Length)];
    }

    static readonly string[] s_tools = ["search", "weather", "clock", "calendar", "convert", "dictionary", "note", "read_file", "write_file", "web_search"];
    static readonly string[] s_arguments = ["query", "city", "location", "date", "time", "text", "path", "url", "name", "unit", "value", "from", "to"];

    static string Expression(Random random)
    {
        var text = new StringBuilder();
        var terms = random.Next(2, 5);
        for (var term = 0; term < terms; term++)
        {
            if (term > 0)
            {
                text.Append(random.Next(4) == 0 ? $" {"+-*/"[random.Next(4)]} " : "+-*/^%"[random.Next(6)].ToString());
            }

            text.Append(random.Next(6) switch
            {
                0 => $"({random.Next(100)}+{random.Next(100)})",
                1 => $"{random.Next(100)}.{random.Next(100)}",
                2 => $"sqrt({random.Next(1000)})",
                _ => random.Next(10_000).ToString(),
            });
        }

        return text.ToString();
    }

    static string Value(Random random) => random.Next(5) switch
    {
        0 => random.Next(1000).ToString(),
        1 => "true",
        2 => $"\"{random.Next(1900, 2100)}-{random.Next(1, 13):00}-{random.Next(1, 29):00}\"",
        _ => $"\"{s_arguments[random.Next(s_arguments.Length)]}\"",
    };
}
