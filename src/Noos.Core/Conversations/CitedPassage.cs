using System.Globalization;
using System.Text.RegularExpressions;

namespace Noos.Core.Conversations;

/// <summary>A mark such as <c>[1]</c> in an answer, with the passage that it leads to, as the model has read it.</summary>
/// <param name="Start">Where the mark begins in the answer, in UTF-16 code units.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Source">What is cited.</param>
/// <param name="Text">The passage.</param>
public sealed partial record CitedPassage(int Start, int End, Citation Source, string Text)
{
    /// <summary>The passages that an answer cites, in its order. Marks that lead to nothing, and those in code, are none.</summary>
    /// <param name="answer">As Markdown.</param>
    /// <param name="read">
    /// What was read before it, in order: where several have a number, as each search counts from 1, the one that was read last is meant.
    /// </param>
    public static IReadOnlyList<CitedPassage> Find(string answer, IEnumerable<Part> read)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(read);
        if (!answer.Contains('['))
        {
            return [];
        }

        var passages = new Dictionary<int, TextPart>();
        foreach (var part in read)
        {
            foreach (var text in part is ToolResultPart result ? result.Parts.OfType<TextPart>() : part is TextPart one ? [one] : [])
            {
                if (text.Citation is { } citation)
                {
                    passages[citation.Number] = text;
                }
            }
        }

        var found = new List<CitedPassage>();
        if (passages.Count == 0)
        {
            return found;
        }

        var (position, isCode) = (0, false);
        foreach (var mark in Mark().EnumerateMatches(answer))
        {
            // Code is between two runs of backquotes.
            for (; position < mark.Index; position++)
            {
                isCode ^= answer[position] == '`' && (position == 0 || answer[position - 1] != '`');
            }

            if (isCode && answer.IndexOf('`', mark.Index) >= 0)
            {
                continue;
            }

            var numbers = answer.AsSpan(mark.Index + 1, mark.Length - 2);
            foreach (var range in numbers.SplitAny(',', ';'))
            {
                if (int.TryParse(numbers[range], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture, out var number) && passages.TryGetValue(number, out var passage))
                {
                    found.Add(new CitedPassage(mark.Index, mark.Index + mark.Length, passage.Citation!, passage.Text));
                }
            }
        }

        return found;
    }

    /// <summary>The passages that a message cites: what stands before it in the conversation was read.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="index">The message.</param>
    public static IReadOnlyList<CitedPassage> Find(IReadOnlyList<Message> messages, int index)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return messages[index].Role == Role.Assistant
            ? Find(messages[index].Text(), messages.Take(index).SelectMany(message => message.Parts))
            : [];
    }

    [GeneratedRegex(@"\[\d{1,3}(\s*[,;]\s*\d{1,3}){0,20}\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Mark();
}
