using Noos.Courses.Lessons;

namespace Noos.Courses.Formats;

/// <summary>What answers in a format are made of; the text is explained at its head.</summary>
sealed class FormatContent
{
    FormatContent(IReadOnlyList<string> lines)
    {
        var (groups, sentences, closed) = (
            new List<(string, IReadOnlyList<string>)>(), new List<(string, IReadOnlyList<string>)>(), new List<(string, bool)>());
        foreach (var line in lines)
        {
            if (line[0] == '?')
            {
                var end = line.LastIndexOf(' ');
                closed.Add((line[2..end], line[(end + 1)..] == "yes"));
                continue;
            }

            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            IReadOnlyList<string> entries = line[(colon + 2)..].Split(" | ");
            if (line[0] == '+')
            {
                sentences.Add((line[2..colon], entries));
            }
            else
            {
                groups.Add((line[..colon], entries));
            }
        }

        (Groups, Subjects, Questions) = (groups, sentences, closed);
    }

    public static FormatContent Lessons { get; } = new([.. Lines(isExamination: false)]);

    public static FormatContent Examination { get; } = new([.. Lines(isExamination: true)]);

    /// <summary>Names of groups with things that belong to them.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Things)> Groups { get; }

    /// <summary>Things with sentences about them.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Sentences)> Subjects { get; }

    /// <summary>Questions with yes or no for an answer.</summary>
    public IReadOnlyList<(string Question, bool IsYes)> Questions { get; }

    static IEnumerable<string> Lines(bool isExamination) => Resource.ReadLines("formats.txt")
        .Where(line => line.Length > 0 && line.StartsWith("% ", StringComparison.Ordinal) == isExamination)
        .Select(line => isExamination ? line[2..] : line);
}
