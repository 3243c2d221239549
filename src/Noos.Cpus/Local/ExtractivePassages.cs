using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Inference.Constraints.Extraction;
using Noos.Kernel.Cpu;

namespace Noos.Cpus.Local;

/// <summary>What an extractive answer is taken from.</summary>
static partial class ExtractivePassages
{
    /// <summary>The passages that the format names, else those of the conversation.</summary>
    public static IReadOnlyList<Passage> Find(ExtractiveFormat format, Conversation conversation) => format.Passages is { } given
        ? [.. given.Select((text, index) => new Passage(index + 1, text))]
        : Number(ReadBy(conversation));

    /// <summary>Results of tools and files; without any, the user's last message before its last line.</summary>
    static List<string> ReadBy(Conversation conversation)
    {
        var read = conversation.Messages.SelectMany(message => message.Parts).Select(part => part switch
        {
            ToolResultPart { IsError: false } result => result.Text,
            FilePart file => file.Text,
            _ => null,
        }).OfType<string>().ToList();
        if (read.Count == 0 && conversation.Messages.LastOrDefault(message => message.Role == Role.User) is { } asked)
        {
            var text = asked.Text().TrimEnd();
            read.Add(text[..Math.Max(0, text.LastIndexOf('\n'))]);
        }

        return read;
    }

    /// <summary>A text whose lines begin with [1], [2] is several passages; others are numbered on.</summary>
    static List<Passage> Number(IEnumerable<string> texts)
    {
        var passages = new List<Passage>();
        foreach (var text in texts)
        {
            var marks = MarkPattern().Matches(text);
            if (marks.Count == 0)
            {
                passages.Add(new Passage(passages.Count + 1, text));
            }

            for (var index = 0; index < marks.Count; index++)
            {
                var start = marks[index].Index + marks[index].Length;
                var end = index + 1 < marks.Count ? marks[index + 1].Index : text.Length;
                passages.Add(new Passage(
                    int.Parse(marks[index].Groups["number"].ValueSpan, CultureInfo.InvariantCulture),
                        text[start..end]));
            }
        }

        return passages;
    }

    [GeneratedRegex(
        @"^\[(?<number>\d{1,4})\]\s", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MarkPattern();
}
