using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

public sealed class ConsoleProgressTests
{
    readonly StringWriter _output = new() { NewLine = "\n" };

    [Fact]
    public void Redirected_output_gets_plain_lines_now_and_then_and_the_last_step()
    {
        var progress = new ConsoleProgress(_output, 100, interactive: false);
        for (var step = 1; step <= 100; step++)
        {
            progress.Report(Metrics(step));
        }

        progress.Complete();
        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(6, lines.Length);
        Assert.DoesNotContain('\e', _output.ToString());
        Assert.DoesNotContain('\r', _output.ToString());
        Assert.Equal("step 21/100  344k tokens  loss 2.500  41k tok/s  MFU 31%  |g| 0.84  lr 3.0e-4  1m 19s left", lines[1]);
        Assert.StartsWith("step 100/100", lines[^1], StringComparison.Ordinal);
        Assert.EndsWith("0s left", lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public void Terminal_gets_one_line_that_never_wraps(int width)
    {
        var progress = new ConsoleProgress(_output, 100, interactive: true, () => width);
        for (var step = 1; step <= 100; step++)
        {
            progress.Report(Metrics(step));
        }

        progress.Complete();
        var text = _output.ToString();
        Assert.Equal(1, text.Count(c => c == '\n'));
        Assert.All(text.Split('\r', StringSplitOptions.RemoveEmptyEntries), l => Assert.InRange(l.Replace("\e[K", "", StringComparison.Ordinal).TrimEnd('\n').Length, 1, width - 1));
        Assert.Contains("step 100/100", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluations_and_events_stay_above_the_live_line()
    {
        var progress = new ConsoleProgress(_output, 100, interactive: true);
        progress.Report(Metrics(1));
        progress.Report(new Evaluation(1, 1, new Dictionary<string, double> { ["stories"] = 1.25, ["code"] = 1.75 }, []));
        progress.Report(new RunEvent(1, RunEvent.Skip, "too steep"));
        progress.Complete();
        var text = _output.ToString();
        Assert.Contains("\r\e[Kevaluation at step 1: bits per byte stories 1.250, code 1.750\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\e[Kskip at step 1: too steep\n", text, StringComparison.Ordinal);
        Assert.Contains("bpb 1.500", text[text.LastIndexOf('\r')..], StringComparison.Ordinal);
    }

    static StepMetrics Metrics(long step) => new(step, step * 16_384, 2.5, 0.84, 3e-4, 41_000, 0.31, DateTimeOffset.UnixEpoch.AddSeconds(step), false);
}
