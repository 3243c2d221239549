using System.Globalization;
using System.Text.Json;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;
using Noos.Tools.Lessons;

namespace Noos.Tools.Files.Course;

/// <summary>
/// Teaches to read files: the part that an overview names, a page or row by its number, where a word is; to cite the place, and to call
/// nothing where the file is shown whole.
/// </summary>
public sealed class FileCourse : CallCourse
{
    public override string Name => "files";

    public override IReadOnlyList<string> Tools => [ReadFileTool.Name];

    private protected override int ExamSeed => 20_261_211;

    private protected override IReadOnlyDictionary<string, int> ExamGroups { get; } = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["part"] = 100,
        ["place"] = 50,
        ["cell"] = 50,
        ["word"] = 50,
        ["no call"] = 50,
    };

    internal override IGrader GraderFor(CallLesson lesson) => lesson.Call is { } call
        ? new ToolCallGrader(call.Name, arguments => MeansTheSame(call.Arguments, arguments))
        : base.GraderFor(lesson);

    internal override IEnumerable<CallLesson> WriteLessons(int seed, bool isExamination)
    {
        using var items = ReadingCourse.Items(seed, isExamination).GetEnumerator();
        var writer = new FileWriter(
            new Draw(seed, isExamination), isExamination ? FilePhrases.Examination : FilePhrases.Lessons, items);
        while (true)
        {
            yield return writer.Next();
        }
    }

    /// <summary>The same file, and the same part of it as the tool understands it: "7" and "Page 7" are page 7.</summary>
    static bool MeansTheSame(JsonElement expected, JsonElement said)
    {
        if (said.ValueKind != JsonValueKind.Object || Text(said, ReadFileTool.File) != Text(expected, ReadFileTool.File))
        {
            return false;
        }

        return Text(expected, ReadFileTool.Search) is { Length: > 0 } words
            ? Text(said, ReadFileTool.Search).Equals(words, StringComparison.OrdinalIgnoreCase)
            : Text(said, ReadFileTool.Search).Length == 0
                && Place(said) is { Length: > 0 } place && place.Equals(Place(expected), StringComparison.OrdinalIgnoreCase);
    }

    static string Place(JsonElement arguments) => FilePlaceRequest.Parse(Text(arguments, ReadFileTool.At)) is var place
        ? string.Create(CultureInfo.InvariantCulture, $"{place.Within} {place.First}-{place.Last ?? place.First}").Trim(' ', '-')
        : "";

    static string Text(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
