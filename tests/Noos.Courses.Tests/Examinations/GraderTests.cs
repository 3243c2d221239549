using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Courses.Examinations.Graders;

namespace Noos.Courses.Tests.Examinations;

public sealed class GraderTests
{
    [Theory]
    [InlineData("That is 1,781 apples.", true)]
    [InlineData("That is 1781 apples.", true)]
    [InlineData("48*37+5 = 1781.", true)]
    [InlineData("That is 1781.0.", true)]
    [InlineData("That is 11,781 apples.", false)]
    [InlineData("That is -1781.", false)]
    [InlineData("That is 1.1781", false)]
    [InlineData("That is 17 81", false)]
    [InlineData("", false)]
    public void Number_is_found_in_any_notation(string answer, bool passes) =>
        Assert.Equal(passes, new NumberGrader("1781").FindFault(Played(answer)) is null);

    [Theory]
    [InlineData("I am NOOS.", true)]
    [InlineData("My program is Noos.", true)]
    [InlineData("I am Bob.", false)]
    public void Mention_of_one_word_is_enough(string answer, bool passes) =>
        Assert.Equal(passes, new MentionGrader("Noos", "Robot").FindFault(Played(answer)) is null);

    [Theory]
    [InlineData("search", """{"query":"rain"}""", null)]
    [InlineData("search", """{"query":"rain","limit":3}""", null)]
    [InlineData("search", """{"query":"snow"}""", "wrong arguments")]
    [InlineData("search", """["rain"]""", "wrong arguments")]
    [InlineData("weather", """{"query":"rain"}""", "instead of search")]
    [InlineData(null, "{}", "no tool was called")]
    public void Call_needs_the_tool_and_the_arguments(string? tool, string arguments, string? fault)
    {
        var grader = ToolCallGrader.WithArguments("search", JsonElement.Parse("""{"query":"rain"}"""));
        var found = grader.FindFault(tool is null ? Played("It rains.") : Played("It rains.", Call(tool, arguments)));
        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Call_may_be_judged_by_any_rule_and_be_the_second()
    {
        var grader = new ToolCallGrader("search", arguments => arguments.GetProperty("query").GetString()!.Contains("rain"));
        Assert.Null(grader.FindFault(
            Played("Yes.", Call("search", """{"query":"sun"}"""), Call("search", """{"query":"rain in Kiel"}"""))));
        Assert.NotNull(grader.FindFault(Played("Yes.", Call("search", """{"query":"sun"}"""))));
        Assert.Null(new ToolCallGrader("search").FindFault(Played("Yes.", Call("search", "{}"))));
    }

    [Fact]
    public void Calls_before_the_question_do_not_count()
    {
        var earlier = new Conversation(
            [Message.User("Search."), Message.Assistant(Call("search", "{}")), Message.Tool(new ToolResultPart("search", "1781")),
                Message.Assistant("1781."), .. Played("Hello!").Messages]);
        Assert.Null(new NoCallGrader().FindFault(earlier));
        Assert.NotNull(new ToolCallGrader("search").FindFault(earlier));
        Assert.NotNull(new NumberGrader("1781").FindFault(earlier));
        Assert.NotNull(new NoCallGrader().FindFault(Played("Hello!", Call("search", "{}"))));
        Assert.Equal("nothing was said", new NoCallGrader().FindFault(Conversation.From(Message.User("Hello?"))));
        Assert.NotNull(new FluencyGrader().FindFault(Conversation.From(Message.User("Hello?"))));
    }

    [Fact]
    public void All_must_pass_and_the_first_fault_counts()
    {
        var grader = new AllOfGrader(new NoCallGrader(), new NumberGrader("7"), new FluencyGrader());
        Assert.Equal("7", grader.Expected);
        Assert.Null(grader.FindFault(Played("It is 7.")));
        Assert.Equal("called search without need", grader.FindFault(Played("It is 8 blorx blorx", Call("search", "{}"))));
        Assert.Equal("the answer does not contain 7", grader.FindFault(Played("It is 8 blorx blorx")));
        Assert.StartsWith("not English", grader.FindFault(Played("7 is blorx gfhjk.")), StringComparison.Ordinal);
    }

    static ToolCallPart Call(string tool, string arguments) => new(tool, JsonElement.Parse(arguments));

    static Conversation Played(string answer, params ToolCallPart[] calls) => new(
    [
        Message.User("Well?"),
        .. calls.SelectMany(call => new[] { Message.Assistant(call), Message.Tool(new ToolResultPart(call.Name, "done")) }),
        Message.Assistant(answer),
    ]);
}
