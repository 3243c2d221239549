using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Testing;

namespace Noos.Kernel.Tests.Gate;

public sealed class ToolGateTests
{
    static readonly ToolLimits s_limits = new() { Time = TimeSpan.FromSeconds(30) };
    static readonly Caller s_caller = new("test");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static ValueTask<ToolOutcome> InvokeAsync(
        ToolGate gate, ScriptedTool tool, string arguments = "{}", CancellationToken? cancellationToken = null) =>
        gate.InvokeAsync(tool, new ToolCallPart(tool.Declaration.Name, JsonElement.Parse(arguments), "call_1"), s_caller, cancellationToken
            ?? Token);

    static string Text(ToolOutcome outcome) => outcome.Result.ToPart(outcome.Call).Text;

    [Fact]
    public async Task Call_returns_the_result_and_is_recorded()
    {
        var record = new List<ToolOutcome>();

        var outcome = await InvokeAsync(
            new ToolGate(s_limits, record.Add),
                new ScriptedTool("shout", arguments => arguments.GetProperty("text").GetString()!.ToUpperInvariant()), """{"text":"hi"}""");

        Assert.Equal("HI", Text(outcome));
        Assert.False(outcome.Result.IsError);
        Assert.Equal("""{"text":"hi"}""", outcome.Call.Arguments.GetRawText());
        Assert.Equal(outcome, Assert.Single(record));
    }

    [Fact]
    public async Task Arguments_that_break_the_schema_never_reach_the_tool()
    {
        var record = new List<ToolOutcome>();
        var tool = new ScriptedTool("count", _ => "never", """{"properties": {"count": {"type": "integer"}}}""");

        var outcome = await InvokeAsync(new ToolGate(s_limits, record.Add), tool, """{"count": "many"}""");

        Assert.Empty(tool.Contexts);
        Assert.Equal("The argument \"count\" must be of type integer.", Text(outcome));
        Assert.True(outcome.Result.IsError);
        Assert.Single(record);
    }

    [Fact]
    public async Task Exception_becomes_an_error_result_of_one_line()
    {
        var outcome = await InvokeAsync(
            new ToolGate(s_limits),
            new ScriptedTool("divide", string (_) => throw new InvalidOperationException("division by zero\n   at deep inside")));

        Assert.Equal(("division by zero", true), (Text(outcome), outcome.Result.IsError));
    }

    [Fact]
    public async Task Refusal_is_an_error_but_text_that_only_begins_like_one_is_not()
    {
        var refusal = await InvokeAsync(
            new ToolGate(s_limits), new ScriptedTool("open", string (_) => throw new ToolException("It is locked.")));
        var log = await InvokeAsync(new ToolGate(s_limits), new ScriptedTool("read", _ => "Error: disk full, says the log."));

        Assert.Equal(("It is locked.", true), (Text(refusal), refusal.Result.IsError));
        Assert.Equal(("Error: disk full, says the log.", false), (Text(log), log.Result.IsError));
    }

    [Fact]
    public async Task Tool_that_never_ends_is_given_up_and_told_so()
    {
        using var never = new ManualResetEventSlim();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var limits = s_limits with { Time = TimeSpan.FromMilliseconds(20) };

        var outcome = await InvokeAsync(new ToolGate(limits), new ScriptedTool("sleep", (_, token) =>
        {
            using var watch = token.Register(told.SetResult);
            never.Wait(token);
            return ValueTask.FromResult(ToolResult.Text("never"));
        }));

        Assert.Equal(("sleep took longer than 0.02 seconds.", true), (Text(outcome), outcome.Result.IsError));
        await told.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);
    }

    [Fact]
    public async Task Long_result_is_cut_and_says_so()
    {
        var gate = new ToolGate(s_limits with { ResultLength = 10 });

        var one = await InvokeAsync(gate, new ScriptedTool("talk", _ => "123456789\U0001F600tail"));
        var many = await InvokeAsync(gate, new ScriptedTool("show", (_, _) => ValueTask.FromResult(
            new ToolResult([new TextPart("123456"), new ImagePart("a.png"), new TextPart("789012"), new TextPart("345")]))));

        Assert.Equal("123456789... (cut off, 15 characters in all)", Text(one));
        Assert.Equal(
            [new TextPart("123456"), new ImagePart("a.png"), new TextPart("7890... (cut off, 15 characters in all)")], many.Result.Parts);
    }

    [Fact]
    public async Task Cancellation_by_the_caller_is_no_tool_error()
    {
        using var source = new CancellationTokenSource();
        using var never = new ManualResetEventSlim();
        var call = InvokeAsync(new ToolGate(s_limits), new ScriptedTool("sleep", (_, token) =>
        {
            never.Wait(token);
            return ValueTask.FromResult(ToolResult.Text("never"));
        }), cancellationToken: source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }
}
