using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Courses.Experts;
using Noos.Factory.Stages;
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
        var model = new TrainedModelOption(settings);
        var to = new Option<string>("--to") { Description = "Folder for all trainings, the figures and the table.", Required = true };
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
        var questions = new Option<string[]>("--questions")
        {
            Description = $"Who asks: {string.Join(", ", ExpertPrompts.Generators)}; all unless told otherwise.",
        };
        var iterations = Count("--iterations", "How often answers are drawn and learned from", policy.Reinforcement.Iterations);
        var perIteration = Count("--prompts-per-iteration", "Questions of an iteration", policy.Reinforcement.PromptsPerIteration);
        var measureEvery = Count("--measure-every", "Iterations from one measurement to the next", policy.MeasureEvery);
        var measureQuestions = Count("--measure-questions", "Held-out questions of a measurement", policy.MeasureQuestions);
        var maxTokens = Count("--max-tokens", "Longest answer in tokens", policy.Sampler.MaxTokens);
        var rate = new Option<double>("--learning-rate")
        {
            Description = "Learning rate.",
            DefaultValueFactory = _ => 3 * policy.LearningRate,
        }.AtLeast(0.0);
        var workers = Count("--workers", "Threads that train", policy.Workers);
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples(
            "study",
            "Drive policies further than their rewards can be trusted, for sizes and noise of the comparison set, with one reward model "
            + "and with an ensemble, and draw proxy and truth over the divergence: a night's work, which goes on where it was stopped.",
            "noos rl study --to study",
            "noos rl study --to study --pairs 500 --pairs 2000 --pairs 8000 --pairs 36000 --iterations 200",
            "noos rl study --to study --pairs 300 --noise 0.25 --members 1 --iterations 10 --prompts-per-iteration 8");
        model.AddTo(command);
        foreach (var option in new Option[]
        {
            to, sizes, noise, members, questions, iterations, perIteration, measureEvery, measureQuestions, maxTokens, rate, workers,
            minutes,
        })
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            var options = usual with
            {
                Comparisons = parsed.GetValue(sizes) is { Length: > 0 } pairs ? pairs : usual.Comparisons,
                Noise = parsed.GetValue(noise) is { Length: > 0 } shares ? shares : usual.Noise,
                Members = parsed.GetValue(members) is { Length: > 0 } counts ? counts : usual.Members,
                Reward = usual.Reward with { Workers = parsed.GetValue(workers) },
                Policy = policy with
                {
                    Reinforcement = (policy.Reinforcement with
                    {
                        Iterations = parsed.GetValue(iterations),
                        PromptsPerIteration = parsed.GetValue(perIteration),
                    }).FitRowsPerStep(),
                    Sampler = policy.Sampler with { MaxTokens = parsed.GetValue(maxTokens) },
                    LearningRate = parsed.GetValue(rate),
                    Generators = parsed.GetValue(questions) is { Length: > 0 } named ? named : null,
                    MeasureEvery = parsed.GetValue(measureEvery),
                    MeasureQuestions = parsed.GetValue(measureQuestions),
                    Workers = parsed.GetValue(workers),
                },
            };
            using var beginning = model.Open(parsed);
            var study = new OptimisationStudy(options, beginning, CourseCatalog.All, parsed.GetRequiredValue(to));
            using var display = StageDisplay.ForConsole();
            await LibtorchSetup.EnsureAsync(
                OptimisationStudy.StageName, display, TimeProvider.System, NullLogger.Instance, limit.Token);
            var runs = await Task.Factory.StartNew(
                () => study.Run(display, cancellationToken: limit.Token), limit.Token,
                TaskCreationOptions.LongRunning, TaskScheduler.Default);
            display.Dispose();
            if (runs is null)
            {
                StageCommand.Finish(isComplete: false, "", cancellationToken);
                return 0;
            }

            Console.Out.Write(OptimisationStudy.ToMarkdown(runs));
            Console.Out.WriteLine($"The figures are in {study.ReportPath}.");
            return 0;
        });
        return command;
    }

    static Option<int> Count(string name, string what, int usual) => new Option<int>(name)
    {
        Description = what + ".",
        DefaultValueFactory = _ => usual,
    }.AtLeast(1);
}
