using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;

namespace Noos.Tools.Lessons.Schemas;

/// <summary>
/// Teaches to call tools that nobody has seen before: their names, descriptions and schemas stand in the prompt, names and values are
/// invented, so that only copying helps; to report the result, also an unlikely one, an empty one and an error; and to say so where no
/// tool fits. The examination has tools for other purposes than the lessons.
/// </summary>
public sealed class SchemaCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_205;

    public override string Name => "schemas";

    protected override IEnumerable<Conversation> Write(int seed)
    {
        var writer = new SchemaWriter(new Draw(seed, isExamination: false), InventedPurpose.Lessons);
        while (true)
        {
            var item = writer.Next(hasFittingTool: writer.Draw.Chance(0.75));
            yield return new Conversation(item.Call is { } call
                ? [.. item.Prompt.Messages, Message.Assistant(call), Message.Tool(item.Result!), Message.Assistant(item.Answer)]
                : [.. item.Prompt.Messages, Message.Assistant(item.Answer)]);
        }
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var writer = new SchemaWriter(new Draw(ExamSeed, isExamination: true), InventedPurpose.Examination);
        var questions = new List<ExamQuestion>();
        Add("one tool", 100, 1, hasFittingTool: true);
        Add("two tools", 100, 2, hasFittingTool: true);
        Add("three tools", 100, 3, hasFittingTool: true);
        Add("no fitting tool", 100, 2, hasFittingTool: false);
        return questions;

        void Add(string group, int count, int tools, bool hasFittingTool)
        {
            for (var index = 0; index < count; index++)
            {
                var item = writer.Next(hasFittingTool, tools);
                IGrader grader = item.Call is { } call ? ToolCallGrader.WithArguments(call.Name, call.Arguments) : new NoCallGrader();
                questions.Add(new ExamQuestion(group, item.Prompt, grader) { Tools = item.Tools });
            }
        }
    }
}

/// <summary>A request with tools in its prompt, and what is right to do.</summary>
/// <param name="Prompt">The tools as a system message, and the request.</param>
/// <param name="Tools">The same tools.</param>
/// <param name="Call">The right call; null where no tool fits.</param>
/// <param name="Result">What the tool answers.</param>
/// <param name="Answer">What is said at the end.</param>
sealed record SchemaItem(
    Conversation Prompt, IReadOnlyList<ToolDeclaration> Tools, ToolCallPart? Call, ToolResultPart? Result, string Answer);
