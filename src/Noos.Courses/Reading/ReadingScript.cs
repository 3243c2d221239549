using Noos.Courses.Lessons;

namespace Noos.Courses.Reading;

/// <summary>Topics and word lists of invented passages; the format is explained at the head of the lessons' text.</summary>
sealed class ReadingScript
{
    ReadingScript(IReadOnlyList<ReadingTopic> topics, IReadOnlyDictionary<string, IReadOnlyList<string>> lists)
    {
        Topics = topics;
        Lists = lists;
    }

    public static ReadingScript Lessons { get; } = Read(Resource.ReadLines("reading-lessons.txt"));

    public static ReadingScript Examination { get; } = Read(Resource.ReadLines("reading-exam.txt"));

    public IReadOnlyList<ReadingTopic> Topics { get; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Lists { get; }

    static ReadingScript Read(IReadOnlyList<string> lines)
    {
        var topics = new List<ReadingTopic>();
        var lists = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            var text = line[1..].Trim();
            switch (line[0])
            {
                case '=':
                    topics.Add(new ReadingTopic(text));
                    break;
                case '*':
                    topics[^1].Subjects.Add(text);
                    break;
                case '^':
                    topics[^1].Pronouns.AddRange(text.Split(" | "));
                    break;
                case '-':
                    var colon = text.IndexOf(": ", StringComparison.Ordinal);
                    topics[^1].Fields.Add(new ReadingField(text[..colon], text[(colon + 2)..]));
                    break;
                case '.':
                    topics[^1].Fields[^1].Sentences.Add(text);
                    break;
                case '?':
                    topics[^1].Fields[^1].Questions.Add(text);
                    break;
                case '!':
                    topics[^1].Fields[^1].SubjectQuestions.Add(text);
                    break;
                case '~':
                    topics[^1].Fillers.Add(text);
                    break;
                default:
                    var end = line.IndexOf(": ", StringComparison.Ordinal);
                    lists.Add(line[..end], line[(end + 2)..].Split(" | "));
                    break;
            }
        }

        return new ReadingScript(topics, lists);
    }
}
