using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Factory.Examinations;
using Noos.Kernel.Agents;
using Noos.Testing;

namespace Noos.Factory.Tests.Examinations;

public sealed class ExamPlayerTests
{
    /// <summary>Of a tool that only the question has, the call is the whole answer, which must not get lost.</summary>
    [Theory]
    [InlineData("""{"line":31}""", null)]
    [InlineData("""{"line":13}""", "wrong arguments")]
    public async Task Call_of_a_tool_of_the_question_is_judged(string arguments, string? fault)
    {
        await using var assistant = new Assistant(new ScriptedCpu([ScriptedCpu.Call("c1", "next_bus", arguments)]), []);
        var question = new ExamQuestion(
            "one tool",
            Conversation.From(Message.User("When does the 31 leave?")),
            ToolCallGrader.WithArguments("next_bus", JsonElement.Parse("""{"line":31}""")))
        {
            Tools = [new ToolDeclaration("next_bus", "Says when a bus leaves.", JsonElement.Parse("""{"type":"object"}"""))],
        };

        var report = await ExamPlayer.For(assistant, seed: 1)
            .RunAsync("schemas", [question], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(fault is null, report.Failures.Count == 0);
        Assert.All(report.Failures, failure => Assert.Contains(fault!, failure.Fault, StringComparison.Ordinal));
    }
}
