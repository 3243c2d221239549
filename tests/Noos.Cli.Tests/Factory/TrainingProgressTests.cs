using Noos.Cli.Factory;
using Noos.Training.Runs;

namespace Noos.Cli.Tests.Factory;

public sealed class TrainingProgressTests
{
    readonly StringWriter _output = new() { NewLine = "\n" };

    [Fact]
    public void Redirected_output_gets_plain_lines_now_and_then_and_the_last_step()
    {
        var progress = new TrainingProgress(_output, interactive: false);
        Train(progress);

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
        var progress = new TrainingProgress(_output, interactive: true, () => width);
        Train(progress);

        var text = _output.ToString();
        Assert.Equal(1, text.Count(c => c == '\n'));
        Assert.All(text.Split('\r', StringSplitOptions.RemoveEmptyEntries), l => Assert.InRange(l.Replace("\e[K", "", StringComparison.Ordinal).TrimEnd('\n').Length, 1, width - 1));
        Assert.Contains("step 100/100", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluations_and_events_stay_above_the_live_line()
    {
        using (var progress = new TrainingProgress(_output, interactive: true))
        {
            var observer = new ProgressObserver(100, progress);
            observer.Trained(Metrics(1));
            observer.Evaluated(new Evaluation(1, 1, new Dictionary<string, double> { ["stories"] = 1.25, ["code"] = 1.75 }, []));
            observer.Event(new RunEvent(1, RunEvent.Skip, "too steep"));
        }

        var text = _output.ToString();
        Assert.Contains("\r\e[Kevaluation at step 1: bits per byte stories 1.250, code 1.750\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\e[Kskip at step 1: too steep\n", text, StringComparison.Ordinal);
        Assert.Contains("bpb 1.500", text[text.LastIndexOf('\r')..], StringComparison.Ordinal);
    }

    static void Train(TrainingProgress progress)
    {
        using (progress)
        {
            var observer = new ProgressObserver(100, progress);
            for (var step = 1; step <= 100; step++)
            {
                observer.Trained(Metrics(step));
            }
        }
    }

    static StepMetrics Metrics(long step) => new(step, step * 16_384, 2.5, 0.84, 3e-4, 41_000, 0.31, DateTimeOffset.UnixEpoch.AddSeconds(step), false);
}
