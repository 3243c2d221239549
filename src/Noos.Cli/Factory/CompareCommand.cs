using System.CommandLine;
using Noos.Core.Settings;
using Noos.Cpus;
using Noos.Factory.Policies;
using Noos.Factory.Studies;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos rl compare --to FOLDER</c></summary>
static class CompareCommand
{
    public static Command Create(NoosSettings settings)
    {
        var usual = new ComparisonOptions();
        var policy = usual.Policy;
        var experiment = new ExperimentOptions(settings, policy, "Folder for all trainings and the table.");
        var methods = new Option<string[]>("--method")
        {
            Description = $"What is compared: {string.Join(", ", ComparisonOptions.AllMethods)}; all unless told otherwise. Can be given "
                + "several times.",
        };
        var exams = new Option<string[]>("--exam")
        {
            Description = "Also hold the examination of this course before and after; can be given several times.",
        };
        var seeds = CountOption.Create(
            "--seeds", "How often each method is trained, each time with other comparisons and draws", usual.Seeds);
        var heldOut = CountOption.Create("--held-out", "Held-out questions by which all are judged", policy.HeldOut);
        var experts = CountOption.Create("--experts", "Questions whose answers experts compare", usual.Experts);
        var members = CountOption.Create("--members", "Reward models of the ensemble", usual.Reward.Members);
        var prompts = CountOption.Create("--prompts", "Different questions", policy.Prompts);
        var command = new CommandWithExamples(
            "compare",
            "Train a model by several methods from the same comparisons and judge all by the same held-out questions, the true labeler and "
            + "a second judge, answers in both orders. The usual numbers are small: the table is there in minutes.",
            "noos rl compare --to methods --seeds 1",
            "noos rl compare --to methods --seeds 3 --held-out 500 --experts 6000 --members 4 --iterations 200 --prompts-per-iteration 64 "
            + "--prompts 6000 --exam talk --exam reading");
        experiment.AddTo(command, methods, exams, seeds, heldOut, experts, members, prompts);
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = usual with
            {
                Methods = parsed.GetValue(methods) is { Length: > 0 } chosen ? chosen : usual.Methods,
                Seeds = parsed.GetValue(seeds),
                Experts = parsed.GetValue(experts),
                Reward = usual.Reward with { Members = parsed.GetValue(members), Workers = experiment.Workers(parsed) },
                Examinations = parsed.GetValue(exams) ?? [],
                Policy = experiment.Apply(parsed, policy) with
                {
                    Prompts = parsed.GetValue(prompts),
                    HeldOut = parsed.GetValue(heldOut),
                    MeasureEvery = Math.Max(1, experiment.Iterations(parsed) / 10),
                },
            };
            return experiment.RunAsync(
                parsed, MethodComparison.StageName,
                (beginning, display, token) =>
                {
                    var comparison = new MethodComparison(options, beginning, CourseCatalog.All, experiment.Folder(parsed))
                    {
                        Open = path => ModelSource.OpenCpu(new NoosOptions { Model = path, IsGreedy = true }),
                        Tools = () => Toolbox.Create(new ToolboxOptions()),
                    };
                    var text = PolicyText.FromLessons(
                        CourseCatalog.All, ReinforceCommand.Taught(), ReinforceCommand.LessonsPerCourse, beginning, seed: 1);
                    return comparison.Run(text, text.Name, display, cancellationToken: token) is { } results
                        ? comparison.ToMarkdown(results)
                        : null;
                },
                Console.Out.Write, cancellationToken);
        });
        return command;
    }
}
