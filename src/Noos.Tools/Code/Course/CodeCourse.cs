using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;
using Noos.Tools.Code.JavaScript;
using Noos.Tools.Code.Python;
using Noos.Tools.Lessons;

namespace Noos.Tools.Code.Course;

/// <summary>
/// Teaches to answer with code: numbers of a table, charts, letters of words; to mend code by its error, and to read off what is shown.
/// </summary>
public sealed partial class CodeCourse : CallCourse
{
    public override string Name => "code";

    public override IReadOnlyList<string> Tools => [PythonTool.Name, JavaScriptTool.Name];

    private protected override int ExamSeed => 20_261_212;

    private protected override IReadOnlyDictionary<string, int> ExamGroups { get; } = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["groups"] = 60,
        ["column"] = 60,
        ["chart"] = 40,
        ["word"] = 60,
        ["mended"] = 40,
        ["no call"] = 40,
    };

    internal override IGrader GraderFor(CallLesson lesson) => lesson.Call is { } call
        ? new ToolCallGrader(call.Name, arguments => Marks(call.Arguments).IsSubsetOf(Marks(arguments)))
        : base.GraderFor(lesson);

    internal override IEnumerable<CallLesson> WriteLessons(int seed, bool isExamination)
    {
        var writer = new CodeWriter(new Draw(seed, isExamination), isExamination ? CodePhrases.Examination : CodePhrases.Lessons);
        while (true)
        {
            yield return writer.Next();
        }
    }

    /// <summary>
    /// What code must have to be right, however it is arranged: its texts (files, columns, words) and the functions that compute. An
    /// interpreter need not be there for an examination; who computes in another way is counted as wrong: the score is a lower bound.
    /// </summary>
    static HashSet<string> Marks(JsonElement arguments) =>
        arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(CodeTool.Argument, out var code)
            && code.ValueKind == JsonValueKind.String
                ? [.. MarkPattern().Matches(code.GetString()!).Select(match => match.Value.Trim('"', '\''))
                    .Where(mark => mark.Length > 0 && !mark.Contains(' ', StringComparison.Ordinal))]
                : [];

    [GeneratedRegex(
        @"""[^""\n]*""|'[^'\n]*'|\b(sum|len|max|min|sorted|count|upper|chart|readCsv)(?=\()|\[::-1\]", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex MarkPattern();
}
