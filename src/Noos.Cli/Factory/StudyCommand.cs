using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Factory.Studies;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos rl study --to FOLDER</c></summary>
static class StudyCommand
{
    public static Command Create(NoosSettings settings)
    {
        var usual = new StudyOptions();
        var policy = usual.Policy;
        var experiment = new ExperimentOptions(settings, policy, "Folder for all trainings, the figures and the table.");
        var sizes = new Option<int[]>("--pairs")
        {
            Description = "Size of the comparison set in judged pairs; can be given several times (default: 500 and 2000).",
        };
        var noise = new Option<double[]>("--noise")
        {
            Description = "Share of wrong labels; can be given several times (default: 0, 0.1 and 0.25).",
        };
        var members = new Option<int[]>("--members")
        {
            Description = "Reward models that judge together; can be given several times (default: 1 and 4).",
        };
        var measureEvery = CountOption.Create("--measure-every", "Iterations from one measurement to the next", policy.MeasureEvery);
        var measureQuestions = CountOption.Create("--measure-questions", "Held-out questions of a measurement", policy.MeasureQuestions);
        var rate = new Option<double>("--learning-rate")
        {
            Description = "Learning rate.",
            DefaultValueFactory = _ => 3 * policy.LearningRate,
        }.AtLeast(0.0);
        var command = new CommandWithExamples(
            "study",
            "Drive policies further than their rewards can be trusted, for sizes and noise of the comparison set, with one reward model "
            + "and with an ensemble, and draw proxy and truth over the divergence: a night's work, which goes on where it was stopped.",
            "noos rl study --to study",
            "noos rl study --to study --pairs 500 --pairs 2000 --pairs 8000 --pairs 36000 --iterations 200",
            "noos rl study --to study --pairs 300 --noise 0.25 --members 1 --iterations 10 --prompts-per-iteration 8");
        experiment.AddTo(command, sizes, noise, members, measureEvery, measureQuestions, rate);
        command.SetAction((parsed, cancellationToken) =>
        {
            var chosen = experiment.Apply(parsed, policy);
            var options = usual with
            {
                Comparisons = parsed.GetValue(sizes) is { Length: > 0 } pairs ? pairs : usual.Comparisons,
                Noise = parsed.GetValue(noise) is { Length: > 0 } shares ? shares : usual.Noise,
                Members = parsed.GetValue(members) is { Length: > 0 } counts ? counts : usual.Members,
                Reward = usual.Reward with { Workers = experiment.Workers(parsed) },
                Policy = chosen with
                {
                    Reinforcement = chosen.Reinforcement.FitRowsPerStep(),
                    LearningRate = parsed.GetValue(rate),
                    MeasureEvery = parsed.GetValue(measureEvery),
                    MeasureQuestions = parsed.GetValue(measureQuestions),
                },
            };
            var folder = experiment.Folder(parsed);
            return experiment.RunAsync(
                parsed, OptimisationStudy.StageName,
                (beginning, display, token) =>
                {
                    var study = new OptimisationStudy(options, beginning, CourseCatalog.All, folder);
                    return study.Run(display, cancellationToken: token) is { } runs
                        ? $"{OptimisationStudy.ToMarkdown(runs)}The figures are in {study.ReportPath}.\n"
                        : null;
                },
                Console.Out.Write, cancellationToken);
        });
        return command;
    }
}
