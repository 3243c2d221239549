using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Courses.Experts;
using Noos.Cpus;
using Noos.Factory.Policies;
using Noos.Factory.Stages;
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
        var model = new TrainedModelOption(settings);
        var to = new Option<string>("--to") { Description = "Folder for all trainings and the table.", Required = true };
        var methods = new Option<string[]>("--method")
        {
            Description = $"What is compared: {string.Join(", ", ComparisonOptions.AllMethods)}; all unless told otherwise. Can be given "
                + "several times.",
        };
        var questions = new Option<string[]>("--questions")
        {
            Description = $"Who asks: {string.Join(", ", ExpertPrompts.Generators)}; all unless told otherwise.",
        };
        var exams = new Option<string[]>("--exam")
        {
            Description = "Also hold the examination of this course before and after; can be given several times.",
        };
        var seeds = Count("--seeds", "How often each method is trained, each time with other comparisons and draws", usual.Seeds);
        var heldOut = Count("--held-out", "Held-out questions by which all are judged", policy.HeldOut);
        var experts = Count("--experts", "Questions whose answers experts compare", usual.Experts);
        var members = Count("--members", "Reward models of the ensemble", usual.Reward.Members);
        var iterations = Count("--iterations", "How often answers are drawn and learned from", policy.Reinforcement.Iterations);
        var perIteration = Count("--prompts-per-iteration", "Questions of an iteration", policy.Reinforcement.PromptsPerIteration);
        var prompts = Count("--prompts", "Different questions", policy.Prompts);
        var maxTokens = Count("--max-tokens", "Longest answer in tokens", policy.Sampler.MaxTokens);
        var workers = Count("--workers", "Threads that train", policy.Workers);
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples(
            "compare",
            "Train a model by several methods from the same comparisons and judge all by the same held-out questions, the true labeler and "
            + "a second judge, answers in both orders. The usual numbers are small: the table is there in minutes.",
            "noos rl compare --to methods --seeds 1",
            "noos rl compare --to methods --seeds 3 --held-out 500 --experts 6000 --members 4 --iterations 200 --prompts-per-iteration 64 "
            + "--prompts 6000 --exam talk --exam reading");
        model.AddTo(command);
        foreach (var option in new Option[]
        {
            to, methods, questions, exams, seeds, heldOut, experts, members, iterations, perIteration, prompts, maxTokens, workers, minutes,
        })
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            var options = usual with
            {
                Methods = parsed.GetValue(methods) is { Length: > 0 } chosen ? chosen : usual.Methods,
                Seeds = parsed.GetValue(seeds),
                Experts = parsed.GetValue(experts),
                Reward = usual.Reward with { Members = parsed.GetValue(members), Workers = parsed.GetValue(workers) },
                Examinations = parsed.GetValue(exams) ?? [],
                Policy = policy with
                {
                    Reinforcement = policy.Reinforcement with
                    {
                        Iterations = parsed.GetValue(iterations),
                        PromptsPerIteration = parsed.GetValue(perIteration),
                    },
                    Sampler = policy.Sampler with { MaxTokens = parsed.GetValue(maxTokens) },
                    Prompts = parsed.GetValue(prompts),
                    HeldOut = parsed.GetValue(heldOut),
                    Generators = parsed.GetValue(questions) is { Length: > 0 } named ? named : null,
                    MeasureEvery = Math.Max(1, parsed.GetValue(iterations) / 10),
                    Workers = parsed.GetValue(workers),
                },
            };
            using var beginning = model.Open(parsed);
            var comparison = new MethodComparison(options, beginning, CourseCatalog.All, parsed.GetRequiredValue(to))
            {
                Open = path => ModelSource.OpenCpu(new NoosOptions { Model = path, IsGreedy = true }),
                Tools = () => Toolbox.Create(new ToolboxOptions()),
            };
            using var display = StageDisplay.ForConsole();
            await LibtorchSetup.EnsureAsync(
                MethodComparison.StageName, display, TimeProvider.System, NullLogger.Instance, limit.Token);
            var results = await Task.Factory.StartNew(
                () =>
                {
                    var text = PolicyText.FromLessons(
                        CourseCatalog.All, ReinforceCommand.Taught(), ReinforceCommand.LessonsPerCourse, beginning, seed: 1);
                    return comparison.Run(text, text.Name, display, cancellationToken: limit.Token);
                },
                limit.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            display.Dispose();
            if (results is null)
            {
                StageCommand.Finish(isComplete: false, "", cancellationToken);
                return 0;
            }

            Console.Out.Write(comparison.ToMarkdown(results));
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
