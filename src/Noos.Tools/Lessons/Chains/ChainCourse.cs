using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;
using Noos.Tools.Calculator;

namespace Noos.Tools.Lessons.Chains;

/// <summary>
/// Teaches two tools one after the other: a search, then a sum with what it found; and to end politely where the search finds nothing or
/// fails, and to report a result that cannot be right. The examination begins where the first result is there.
/// </summary>
public sealed class ChainCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_206;
    const int Calculations = 150;
    const int Endings = 50;

    public override string Name => "chains";

    public override IReadOnlyList<string> Tools => [CalculatorTool.Name, "search"];

    protected override IEnumerable<Conversation> Write(int seed)
    {
        foreach (var item in Items(seed, isExamination: false))
        {
            var messages = new List<Message>(item.Prompt.Messages);
            if (item.Expression is { } expression)
            {
                messages.Add(Message.Assistant(CalculatorTool.CreateCall(expression)));
                messages.Add(Message.Tool(new ToolResultPart(CalculatorTool.Name, item.Result!)));
            }

            messages.Add(Message.Assistant(item.Answer));
            yield return new Conversation(messages);
        }
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var (sums, endings) = (new List<ExamQuestion>(), new List<ExamQuestion>());
        foreach (var item in Items(ExamSeed, isExamination: true))
        {
            if (item.Expression is { } expression && sums.Count < Calculations)
            {
                var right = CalculatorTool.Evaluate(expression);
                sums.Add(new ExamQuestion("second call", item.Prompt, new ToolCallGrader(
                    CalculatorTool.Name, arguments => arguments.TryGetProperty("expression", out var said) && IsRight(said, right))));
            }
            else if (item.Expression is null && endings.Count < Endings)
            {
                endings.Add(new ExamQuestion("nothing found", item.Prompt, new RefusalGrader()));
            }

            if (sums.Count == Calculations && endings.Count == Endings)
            {
                break;
            }
        }

        return [.. sums, .. endings];
    }

    static bool IsRight(JsonElement expression, string right)
    {
        try
        {
            return expression.ValueKind == JsonValueKind.String && CalculatorTool.Evaluate(expression.GetString()!) == right;
        }
        catch (Core.Tools.ToolException)
        {
            return false;
        }
    }

    static IEnumerable<ChainItem> Items(int seed, bool isExamination)
    {
        var draw = new Draw(seed, isExamination);
        var writer = new ChainWriter(draw, isExamination ? ChainPhrases.Examination : ChainPhrases.Lessons);
        foreach (var item in ReadingCourse.Items(seed, isExamination))
        {
            if (writer.TryWrite(item) is { } chain)
            {
                yield return chain;
            }
        }
    }
}
