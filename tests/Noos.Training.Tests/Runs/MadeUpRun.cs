using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

/// <summary>Metrics as a run would write them: a falling loss with noise, spikes, skipped updates, a resume.</summary>
static class MadeUpRun
{
    public static MetricsHistory History(int steps)
    {
        var random = new Random(3);
        var schedule = new LearningRateSchedule(3e-3, steps, 200, 0.4, 0.05);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var (metrics, evaluations, events) = (new List<StepMetrics>(), new List<Evaluation>(), new List<RunEvent>());
        for (var step = 1; step <= steps; step++)
        {
            var progress = (double)step / steps;
            var loss = 2.1 + (6.2 * Math.Pow(1 + (step / 30.0), -0.45)) - (0.12 * Math.Max(0, progress - 0.6)) + (0.07 * Normal(random));
            var norm = 0.35 + (2 * Math.Exp(-step / 300.0)) + (0.08 * Math.Abs(Normal(random)));
            var skipped = step % 4_777 == 4_000;
            if (skipped)
            {
                (loss, norm) = (loss + 3, norm * 40);
                events.Add(new RunEvent(step, RunEvent.Skip,
                    $"The gradient norm {norm:F1} is 9.3 standard deviations above its mean; the update was left out."));
            }

            var speed = 41_000 + (1200 * Normal(random)) - (step % 1000 < 8 ? 9000 : 0);
            var pause = progress > 0.45 ? TimeSpan.FromHours(7) : TimeSpan.Zero;
            metrics.Add(new StepMetrics(step, step * 16_384L, loss, norm, schedule.At(step - 1), speed, speed / 130_000, start + pause
                + TimeSpan.FromSeconds(step * 0.4), skipped));
            if (step % Math.Max(1, steps / 40) == 0)
            {
                var bits = 0.9 + (1.6 * Math.Pow(1 + (step / 60.0), -0.4));
                evaluations.Add(new Evaluation(
                    step,
                    step * 16_384L,
                    new Dictionary<string, double>
                    {
                        ["stories"] = bits * 0.8,
                        ["encyclopedia"] = bits * 1.25,
                        ["code"] = bits * 0.95,
                        ["dialogues"] = bits * 1.02,
                    },
                    [
                        new SampleCompletion("Once upon a time",
                            ", there was a little girl named Lily. She loved to play outside in the park with her red ball. One day, "
                            + "she saw a big <b>tree</b> & wanted to climb it."),
                        new SampleCompletion("The capital of France is", " Paris, the largest city of the country.\nIt lies on the Seine."),
                    ]));
            }
        }

        events.Add(new RunEvent((long)(steps * 0.45), RunEvent.Resume, "Went on from the checkpoint of this step."));
        events.Add(new RunEvent((long)(steps * 0.72), RunEvent.RollBack,
            "Three outliers in a row; returned to the last checkpoint and halved the learning rate."));
        return new MetricsHistory(metrics, evaluations, [.. events.OrderBy(e => e.Step)]);
    }

    public static RunDescription Description(int steps) => new()
    {
        Title = "Noos 10M, first light",
        Summary = "A made-up run, to look at the report.",
        TotalSteps = steps,
        Settings = [new("Model", "10.2 M parameters, 6 blocks, width 256, 4 heads, 2 key-value heads"), new("Context", "512 tokens"),
            new("Batch", "32 rows, 16,384 tokens"), new("Optimizer", "Muon for matrices, AdamW for the rest"),
                new("Learning rate", "3e-3, warm-up 200, decay over the last 40% to 5%"), new("Seed", "42")],
        Data = new ReportTable(["Source", "Licence", "Documents", "Tokens", "Share"],
            [["stories", "MIT", "2,119,719", "412 M", "50%"], ["encyclopedia", "CC BY-SA 4.0", "241,787", "201 M", "25%"],
                ["code", "MIT, Apache-2.0", "84,012", "122 M", "15%"], ["dialogues", "our own courses", "500,000", "81 M", "10%"]]),
        Environment = RunEnvironment.Describe(),
    };

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
