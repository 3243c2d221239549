using Microsoft.Extensions.AI;

namespace Noos.Kernel.Tests;

public sealed class ToolGateTests
{
    static readonly ToolLimits s_limits = new() { Time = TimeSpan.FromSeconds(30) };

    static AIFunctionArguments Arguments(string name, object? value) => new() { [name] = value };

    [Fact]
    public async Task Call_returns_the_result_and_is_recorded()
    {
        var record = new List<ToolOutcome>();
        var gate = new ToolGate(s_limits, record.Add);

        var outcome = await gate.InvokeAsync(
            AIFunctionFactory.Create((string text) => text.ToUpperInvariant(), "shout"), "call_1", Arguments("text", "hi"), TestContext.Current.CancellationToken);

        Assert.Equal("HI", outcome.Content);
        Assert.False(outcome.IsError);
        Assert.Equal("""{"text":"hi"}""", outcome.Arguments.GetRawText());
        Assert.Equal(outcome, Assert.Single(record));
    }

    [Fact]
    public async Task Arguments_that_break_the_schema_never_reach_the_tool()
    {
        var ran = false;
        var record = new List<ToolOutcome>();

        var outcome = await new ToolGate(s_limits, record.Add).InvokeAsync(
            AIFunctionFactory.Create((int count) => ran = true, "count"), "call_1", Arguments("count", "many"), TestContext.Current.CancellationToken);

        Assert.False(ran);
        Assert.Equal("Error: The argument \"count\" must be of type integer.", outcome.Content);
        Assert.True(outcome.IsError);
        Assert.Single(record);
    }

    [Fact]
    public async Task Exception_becomes_an_error_result_of_one_line()
    {
        var outcome = await new ToolGate(s_limits).InvokeAsync(
            AIFunctionFactory.Create(string () => throw new InvalidOperationException("division by zero\n   at deep inside"), "divide"),
            "call_1", [], TestContext.Current.CancellationToken);

        Assert.Equal("Error: division by zero", outcome.Content);
    }

    [Fact]
    public async Task Tool_that_never_ends_is_given_up()
    {
        using var never = new ManualResetEventSlim();
        var limits = s_limits with { Time = TimeSpan.FromMilliseconds(20) };

        var outcome = await new ToolGate(limits).InvokeAsync(
            AIFunctionFactory.Create((CancellationToken token) => never.Wait(token), "sleep"), "call_1", [], TestContext.Current.CancellationToken);

        Assert.Equal("Error: sleep took longer than 0.02 seconds.", outcome.Content);
    }

    [Fact]
    public async Task Long_result_is_cut_and_says_so()
    {
        var outcome = await new ToolGate(s_limits with { ResultLength = 10 }).InvokeAsync(
            AIFunctionFactory.Create(() => "123456789\U0001F600tail", "talk"), "call_1", [], TestContext.Current.CancellationToken);

        Assert.Equal("123456789... (cut off, 15 characters in all)", outcome.Content);
    }

    [Fact]
    public async Task Cancellation_by_the_caller_is_no_tool_error()
    {
        using var source = new CancellationTokenSource();
        using var never = new ManualResetEventSlim();
        var call = new ToolGate(s_limits).InvokeAsync(
            AIFunctionFactory.Create((CancellationToken token) => never.Wait(token), "sleep"), "call_1", [], source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }
}
