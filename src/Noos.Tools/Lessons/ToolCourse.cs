using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;
using Noos.Tools.Clock;
using Noos.Tools.Memory;
using Noos.Tools.Units;

namespace Noos.Tools.Lessons;

/// <summary>
/// Teaches which tool to call with what: the clock, units, memory, search; to answer with what the tool says and nothing else, and to say
/// that nothing was found. The calculator has a course of its own.
/// </summary>
public sealed class ToolCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_204;

    public override string Name => "tools";

    public override IReadOnlyList<string> Tools => [ConvertTool.Name, ClockTool.Name, RememberTool.Name, ToolWriter.SearchName];

    internal static IEnumerable<ToolRequest> Requests(int seed, bool isExamination)
    {
        using var items = ReadingCourse.Items(seed, isExamination).GetEnumerator();
        var writer = new ToolWriter(
            new Draw(seed, isExamination), isExamination ? ToolPhrases.Examination : ToolPhrases.Lessons, items);
        while (true)
        {
            yield return writer.Next();
        }
    }

    protected override IEnumerable<Conversation> Write(int seed)
    {
        foreach (var request in Requests(seed, isExamination: false))
        {
            yield return Conversation.From(
                Message.User(request.Question), Message.Assistant(CreateCall(request.Tool, request.Argument, request.Value)),
                Message.Tool(request.Result), Message.Assistant(request.Answer));
        }
    }

    /// <summary>A call with one argument.</summary>
    internal static ToolCallPart CreateCall(string tool, string argument, string value) => CreateCall(tool, [(argument, value)]);

    /// <summary>A call with texts as arguments.</summary>
    internal static ToolCallPart CreateCall(string tool, params IReadOnlyList<(string Name, string Value)> arguments)
    {
        var members = arguments.Select(argument =>
            $"\"{argument.Name}\":\"{JsonEncodedText.Encode(argument.Value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"");
        return new ToolCallPart(tool, JsonElement.Parse($"{{{string.Join(',', members)}}}"));
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var questions = new List<ExamQuestion>();
        var asked = new HashSet<string>(StringComparer.Ordinal);
        var wanted = new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["units"] = 100,
            ["clock"] = 100,
            ["memory"] = 100,
            ["search"] = 200,
        };
        foreach (var request in Requests(ExamSeed, isExamination: true).Take(10_000))
        {
            if (wanted[request.Group] > 0 && asked.Add(request.Question))
            {
                wanted[request.Group]--;
                questions.Add(new ExamQuestion(
                    request.Group, Conversation.From(Message.User(request.Question)),
                    new ToolCallGrader(request.Tool, arguments => arguments.TryGetProperty(request.Argument, out var value)
                        && value.ValueKind == JsonValueKind.String && request.Accepts(value.GetString()!))));
            }
        }

        return [.. questions.OrderBy(question => question.Group, StringComparer.Ordinal)];
    }
}
