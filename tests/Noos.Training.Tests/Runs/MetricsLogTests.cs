using Noos.Core;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

public sealed class MetricsLogTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("noos-metrics-").FullName;

    string FilePath => Path.Combine(_folder, "run", "metrics.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Appended_measurements_read_back_exactly_even_while_the_log_is_open()
    {
        using var log = MetricsLog.Open(FilePath);
        log.Append(Metrics(1) with { Loss = 0.1 + 0.2, GradientNorm = 1e-300 });
        log.Append(Metrics(2) with { Loss = double.NaN, GradientNorm = double.PositiveInfinity, Skipped = true });
        log.Append(new Evaluation(
            2, 20, new Dictionary<string, double> { ["Größe"] = 1.5 }, [new SampleCompletion("a\n\"", "\u2028</script>")]));
        log.Append(new RunEvent(2, RunEvent.Resume, "again"));

        var history = MetricsLog.Read(FilePath);
        Assert.Equal(Metrics(1) with { Loss = 0.1 + 0.2, GradientNorm = 1e-300 }, history.Steps[0]);
        Assert.Equal(Metrics(2) with { Loss = double.NaN, GradientNorm = double.PositiveInfinity, Skipped = true }, history.Steps[1]);
        Assert.Equal(1.5, history.Evaluations[0].BitsPerByte["Größe"]);
        Assert.Equal(new SampleCompletion("a\n\"", "\u2028</script>"), history.Evaluations[0].Samples[0]);
        Assert.Equal(new RunEvent(2, RunEvent.Resume, "again"), Assert.Single(history.Events));
        Assert.Equal(4, File.ReadAllLines(FilePath).Length);
    }

    [Fact]
    public void Log_cut_at_any_byte_reads_its_whole_lines_and_goes_on()
    {
        using (var log = MetricsLog.Open(FilePath))
        {
            log.Append(Metrics(1));
            log.Append(Metrics(2));
        }

        var whole = File.ReadAllBytes(FilePath);
        var firstLine = Array.IndexOf(whole, (byte)'\n') + 1;
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            var expected = length < firstLine ? 0 : 1;
            Assert.Equal(expected, MetricsLog.Read(FilePath).Steps.Count);
            using (var log = MetricsLog.Open(FilePath))
            {
                log.Append(Metrics(7));
            }

            var steps = MetricsLog.Read(FilePath).Steps;
            Assert.Equal(expected + 1, steps.Count);
            Assert.Equal(Metrics(7), steps[^1]);
        }
    }

    [Fact]
    public void Truncation_forgets_later_measurements_but_not_the_history_of_the_run()
    {
        using var log = MetricsLog.Open(FilePath);
        for (var step = 1; step <= 10; step++)
        {
            log.Append(Metrics(step));
            log.Append(new Evaluation(step, step, new Dictionary<string, double>(), []));
            log.Append(new RunEvent(step, RunEvent.Skip, "outlier"));
        }

        log.Append(new RunEvent(10, RunEvent.RollBack, "diverged"));
        log.TruncateTo(6);
        log.Append(Metrics(7));

        var history = MetricsLog.Read(FilePath);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], history.Steps.Select(s => s.Step));
        Assert.Equal(6, history.Evaluations.Count);
        Assert.Equal(7, history.Events.Count);
        Assert.Equal(RunEvent.RollBack, history.Events[^1].Kind);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    [Fact]
    public void Steps_measured_again_after_a_roll_back_replace_the_abandoned_ones()
    {
        using var log = MetricsLog.Open(FilePath);
        for (var step = 1; step <= 9; step++)
        {
            log.Append(Metrics(step) with { Loss = 9 });
        }

        log.Append(new Evaluation(3, 3, new Dictionary<string, double> { ["a"] = 3 }, []));
        log.Append(new Evaluation(6, 6, new Dictionary<string, double> { ["a"] = 6 }, []));
        log.Append(new RunEvent(9, RunEvent.RollBack, "diverged"));
        log.Append(Metrics(5));
        log.Append(Metrics(6));
        log.Append(new Evaluation(6, 6, new Dictionary<string, double> { ["a"] = 5 }, []));

        var history = MetricsLog.Read(FilePath);
        Assert.Equal([9, 9, 9, 9, 1.5, 1.5], history.Steps.Select(s => s.Loss));
        Assert.Equal([3, 5], history.Evaluations.Select(e => e.BitsPerByte["a"]));
        Assert.Single(history.Events);
    }

    [Fact]
    public void Mutated_logs_are_read_without_an_exception()
    {
        using (var log = MetricsLog.Open(FilePath))
        {
            log.Append(Metrics(1));
            log.Append(new Evaluation(2, 20, new Dictionary<string, double> { ["a"] = 1.5 }, [new SampleCompletion("a", "b")]));
            log.Append(new RunEvent(2, RunEvent.Resume, "again"));
        }

        var original = File.ReadAllBytes(FilePath);
        var random = new Random(8);
        var kept = 0;
        for (var i = 0; i < 2_500; i++)
        {
            var bytes = original.ToArray();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(bytes.Length);
                bytes = random.Next(3) switch
                {
                    0 => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
                    1 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(9))..], (byte)'\n'],
                    _ => [.. bytes[..at], .. "null{}[]\n,:"u8[random.Next(9)..], .. bytes[at..]],
                };
            }

            File.WriteAllBytes(FilePath, bytes);
            var history = MetricsLog.Read(FilePath);
            kept += history.Steps.Count + history.Evaluations.Count + history.Events.Count;
            if (i % 20 == 0)
            {
                TrainingReport.Render(MadeUpRun.Description(10), history);
            }
        }

        Assert.True(kept > 1250, $"{kept} lines kept");
    }

    [Fact]
    public void Absent_log_is_an_empty_history_and_a_folder_in_its_place_is_refused()
    {
        Assert.Empty(MetricsLog.Read(FilePath).Steps);
        Directory.CreateDirectory(FilePath);
        Assert.Throws<NoosException>(() => MetricsLog.Open(FilePath));
    }

    static StepMetrics Metrics(long step) =>
        new(step, step * 10, 1.5, 0.5, 1e-3, 40_000, 0.3, new DateTimeOffset(2026, 1, 1, 0, 0, (int)step, TimeSpan.Zero), false);
}
