using System.Text.RegularExpressions;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

public sealed partial class TrainingReportTests
{
    [Fact]
    public void Report_of_a_long_run_is_small_complete_and_needs_no_other_file()
    {
        // Stays beside the tests, for a look at it in a browser.
        var path = Path.Combine(AppContext.BaseDirectory, "report.html");
        TrainingReport.Write(path, MadeUpRun.Description(20_000), MadeUpRun.History(20_000));
        var html = File.ReadAllText(path);

        Assert.InRange(html.Length, 50_000, 500_000);
        foreach (var part in new[]
        {
            "Noos 10M, first light",
            "Loss",
            "Bits per byte",
            "Gradient norm",
            "Learning rate",
            "Speed",
            "Model FLOPs utilisation",
            "encyclopedia",
            "roll-back",
            "Once upon a time",
            "AdamW",
            "CC BY-SA 4.0",
            "20,000",
        })
        {
            Assert.Contains(part, html, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.Equal(6, Regex.Count(html, "<figure>", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Texts_of_the_model_and_of_events_cannot_become_markup()
    {
        const string Evil = "<img src=x onerror=alert(1)>\"'&";
        var html = TrainingReport.Render(
            new RunDescription
            {
                Title = Evil,
                Summary = Evil,
                TotalSteps = 10,
                Settings = [new(Evil, Evil)],
                Data = new ReportTable([Evil], [[Evil]]),
            },
            new MetricsHistory(
                [new StepMetrics(1, 1, 1, 1, 1, 1, 1, DateTimeOffset.UnixEpoch, false)],
                [new Evaluation(1, 1, new Dictionary<string, double> { [Evil] = 1 }, [new SampleCompletion(Evil, Evil)])],
                [new RunEvent(1, Evil, Evil)]));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\"'", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_without_measurements_or_with_broken_ones_is_still_drawn()
    {
        var run = new RunDescription { Title = "t", TotalSteps = 10 };
        Assert.Contains("No values yet", TrainingReport.Render(run, new MetricsHistory([], [], [])), StringComparison.Ordinal);

        StepMetrics[] steps = [
            .. new[] { double.NaN, double.PositiveInfinity, -1, 0, 1e300 }.Select((v, i) =>
                new StepMetrics(i, i, v, v, v, v, v, DateTimeOffset.UnixEpoch, false))];
        var html = TrainingReport.Render(run, new MetricsHistory(steps, [], []));
        Assert.All(Paths().Matches(html), m => Assert.DoesNotMatch("NaN|Infinity|∞", m.Value));
    }

    [Fact]
    public void Skipped_update_is_shown_once_with_or_without_an_event_of_its_own()
    {
        var steps = new[]
        {
            new StepMetrics(7, 1, 99, 1, 1, 1, 1, DateTimeOffset.UnixEpoch, Skipped: true),
            new StepMetrics(8, 1, 2, 1, 1, 1, 1, DateTimeOffset.UnixEpoch, Skipped: false),
        };
        var run = new RunDescription { Title = "t", TotalSteps = 10 };
        foreach (var events in new RunEvent[][] { [], [new RunEvent(7, RunEvent.Skip, "too steep")] })
        {
            var html = TrainingReport.Render(run, new MetricsHistory(steps, [], events));
            Assert.Equal(1, Regex.Count(html, "<td class=\"kind skip\">", RegexOptions.None, TimeSpan.FromSeconds(1)));
            Assert.Equal(2, Regex.Count(html, "<line class=\"mark skip\"", RegexOptions.None, TimeSpan.FromSeconds(1)));
        }
    }

    [Fact]
    public void Curve_falls_on_the_page_when_the_loss_falls()
    {
        var html = TrainingReport.Render(MadeUpRun.Description(1000), MadeUpRun.History(1000));
        var ys = Paths()
            .Match(html).Groups["points"].Value.Split('L')
            .Select(p => double.Parse(p.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))
            .ToList();

        // SVG counts from the top.
        Assert.True(ys[^1] > ys[ys.Count / 4] && ys[ys.Count / 4] > ys[5], "the loss must go down");
    }

    [GeneratedRegex("<path class=\"line c0\" d=\"M(?<points>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Paths();
}
