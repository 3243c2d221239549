using System.Globalization;
using System.Text.Json;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Cli.Tests;

/// <summary>The commands of timers as a user runs them, and timers of a server that is killed.</summary>
public sealed class TimerCommandTests : IDisposable
{
    readonly Terminal _terminal = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Timer_is_set_listed_and_removed_without_a_server()
    {
        var none = await _terminal.RunAsync(["timers"]);
        var added = await _terminal.RunAsync(["timer", "add", "0 9 * * *", "What is new?", "--missed", "skip", "--title", "News"]);
        var once = JsonElement.Parse((await _terminal.RunAsync(["timer", "add", "--at", "in 10m", "Tea?", "--json"])).Output);
        var listed = await _terminal.RunAsync(["timers"]);
        var json = JsonElement.Parse((await _terminal.RunAsync(["timers", "--json"])).Output).GetProperty("data");
        var log = await _terminal.RunAsync(["log", "1"]);
        var removed = await _terminal.RunAsync(["timer", "rm", "1"]);

        Assert.Equal((0, ""), (none.ExitCode, none.Error));
        Assert.Equal((0, "1\n"), (added.ExitCode, added.Output));
        Assert.Contains("noos up", added.Error, StringComparison.Ordinal);
        Assert.Equal("Tea?", once.GetProperty("message").GetString());
        Assert.Contains("sleeps    0 9 * * *         News\n", listed.Output, StringComparison.Ordinal);
        Assert.Contains("sleeps    once              Tea?\n", listed.Output, StringComparison.Ordinal);
        Assert.Equal(("skip", 2), (json[0].GetProperty("missed").GetString(), json.GetArrayLength()));
        Assert.Contains("0 9 * * *: What is new?", log.Output, StringComparison.Ordinal);
        Assert.Equal((0, "1 removed\n"), (removed.ExitCode, removed.Output));
        Assert.DoesNotContain("News", (await _terminal.RunAsync(["timers", "--all"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_that_begin_with_an_at_sign_are_no_files()
    {
        var added = await _terminal.RunAsync(["timer", "add", "@daily", "@anna Good morning", "--json"]);

        Assert.Equal(0, added.ExitCode);
        var timer = JsonElement.Parse(added.Output);
        Assert.Equal(
            ("@daily", "@anna Good morning"), (timer.GetProperty("cron").GetString(), timer.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Server_that_is_killed_when_a_timer_is_due_runs_it_once()
    {
        using (var first = await _terminal.UpAsync())
        {
            var added = await _terminal.RunAsync(["timer", "add", "--at", "in 2s", "Hello", "--max-tokens", "3", "--json"]);
            Assert.Equal(0, added.ExitCode);
            var due = JsonElement.Parse(added.Output).GetProperty("next").GetDateTimeOffset();
            // The moment at which it becomes due, or shortly after.
            var left = due - DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(Random.Shared.Next(10));
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, Token);
            first.Kill();
            await first.WaitForExitAsync(Token);
        }

        using (var second = await _terminal.UpAsync())
        {
            JsonElement timers;
            do
            {
                timers = JsonElement.Parse((await _terminal.RunAsync(["timers", "--all", "--json"])).Output).GetProperty("data");
            }
            while (timers[0].GetProperty("state").GetString() != "done");

            var job = timers[0].GetProperty("last").GetProperty("job").GetInt64();
            var waited = await _terminal.RunAsync(["wait", job.ToString(CultureInfo.InvariantCulture), "--json"]);
            Assert.Equal((0, "done"), (waited.ExitCode, JsonElement.Parse(waited.Output).GetProperty("state").GetString()));
            second.Kill();
            await second.WaitForExitAsync(Token);
        }

        await using var journal = Journal.Open(_terminal.Home.Path);
        Assert.Single(journal.Reader.Processes(new ProcessFilter { Kind = ProcessKind.Job, IncludesEnded = true }));
        Assert.Empty(journal.Reader.Check());
    }

    [Theory]
    [InlineData("no cron line", "timer", "add", "often", "Hello")]
    [InlineData("cron line and a message", "timer", "add", "Hello")]
    [InlineData("only a message", "timer", "add", "0 9 * * *", "Hello", "--at", "in 10m")]
    [InlineData("no time", "timer", "add", "Hello", "--at", "soon")]
    [InlineData("no timer 99", "timer", "rm", "99")]
    [InlineData("no tool 'fly'", "timer", "add", "0 9 * * *", "Hello", "--tool", "fly")]
    public async Task Mistake_is_a_sentence(string sentence, params string[] arguments)
    {
        var result = await _terminal.RunAsync(arguments);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("timers")]
    [InlineData("timer", "add")]
    [InlineData("timer", "rm")]
    public async Task Help_ends_with_examples(params string[] command)
    {
        var help = await _terminal.RunAsync([.. command, "--help"]);

        Assert.Contains($"Examples:\n  noos {string.Join(' ', command)}", help.Output, StringComparison.Ordinal);
        Assert.Contains("--json", help.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _terminal.Dispose();
}
