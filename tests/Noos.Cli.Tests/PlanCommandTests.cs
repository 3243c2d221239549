namespace Noos.Cli.Tests;

public sealed class PlanCommandTests(Terminal terminal) : IClassFixture<Terminal>
{
    [Fact]
    public async Task Plan_is_printed_and_drawn()
    {
        var report = terminal.Home.File("plan.html");
        var result = await terminal.RunAsync(
            ["plan", "--model", "7B", "--tokens", "140B", "--gpus", "256", "--trials", "2", "--report", report]);

        Assert.Equal(0, result.ExitCode);
        Assert.All(
            ["layout ", "memory ", "checkpoints ", "effective ", "time ", "cost ", "loss ", "elastic"],
            word => Assert.Contains(word, result.Output, StringComparison.Ordinal));
        Assert.StartsWith(
            "<!doctype html>", await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--model", "parrot", "knows no model")]
    [InlineData("--gpu", "abacus", "knows no GPU")]
    [InlineData("--tokens", "many", "positive number")]
    [InlineData("--design", "prayer", "no design")]
    public async Task Plan_of_nonsense_is_refused_in_one_sentence(string option, string value, string message)
    {
        var result = await terminal.RunAsync(["plan", option, value]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }
}
