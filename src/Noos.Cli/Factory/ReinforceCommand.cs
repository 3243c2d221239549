using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Corpus.Preferences;
using Noos.Courses;
using Noos.Courses.Experts;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Factory.Rewards;
using Noos.Factory.Stages;
using Noos.Tools;
using Noos.Training.Reinforcement;

namespace Noos.Cli.Factory;

/// <summary><c>noos rl --to FOLDER</c></summary>
static class ReinforceCommand
{
    /// <summary>Lessons of each course that are learned on beside the answers.</summary>
    internal const int LessonsPerCourse = 1500;

    public static Command Create(NoosSettings settings)
    {
        var usual = new PolicyOptions();
        var loop = usual.Reinforcement;
        var model = new TrainedModelOption(settings);
        var to = new Option<string>("--to")
        {
            Description = "Folder for the run, its answers, the trained model and the report.",
            Required = true,
        };
        var method = new Option<ReinforcementMethod>("--method")
        {
            Description = "What is learned from answers and rewards: rejection (the best answers are demonstrations), rloo, grpo, ppo "
                + "(with a critic), dpo (best against worst).",
            DefaultValueFactory = _ => loop.Method,
        };
        var pairs = new Option<string[]>("--pairs")
        {
            Description = "With dpo: learn from these preferences (JSON lines, as 'noos reward' reads them) instead of own answers; "
                + "nothing is drawn. Can be given several times.",
        };
        var reward = new Option<string?>("--reward")
        {
            Description = "Folder of reward models that 'noos reward' trained; without it the checks of the questions judge (verifiable "
                + "rewards).",
        };
        var combine = new Option<RewardCombination>("--combine")
        {
            Description = "How the scores of an ensemble become one: variance (mean less half the variance), worst, mean.",
            DefaultValueFactory = _ => RewardCombination.Variance,
        };
        var checkWeight = Fraction("--check-weight", "What the checks count for beside an ensemble, 0 to 1", usual.CheckWeight);
        var generators = new Option<string[]>("--questions")
        {
            Description = $"Who asks: {string.Join(", ", ExpertPrompts.Generators)}, all of them unless told otherwise; or "
                + $"{CallPrompts.Generator}, whose answers are calls of tools. Can be given several times.",
        };
        var prompts = CountOption.Create("--prompts", "Different questions", usual.Prompts);
        var iterations = CountOption.Create("--iterations", "How often answers are drawn and learned from", loop.Iterations);
        var perIteration = CountOption.Create("--prompts-per-iteration", "Questions of an iteration", loop.PromptsPerIteration);
        var answers = CountOption.Create("--answers", "Answers to a question", loop.AnswersPerPrompt);
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the answers: 2 with ppo, else 1." }.AtLeast(1);
        var rows = CountOption.Create("--rows", "Most answers of one update", loop.RowsPerStep);
        var text = new Option<string?>("--text")
        {
            Description = "Conversations as JSON lines that are learned on beside the answers, against forgetting (default: lessons of the "
                + "courses, made now).",
        };
        var textRows = new Option<int>("--text-rows")
        {
            Description = "Rows of them in each pass; 0 for none.",
            DefaultValueFactory = _ => loop.TextRows,
        }.AtLeast(0);
        var textWeight = Fraction("--text-weight", "What one of their tokens counts for beside one of an answer", loop.TextWeight);
        var rate = Fraction("--learning-rate", "Learning rate", usual.LearningRate);
        var klWeight = Fraction("--kl-weight", "What a nat of divergence from the beginning costs at first", loop.KlWeight);
        var klTarget = Fraction("--kl-target", "The weight follows until an answer diverges by so many nats; 0 keeps it", loop.KlTarget);
        var maxKl = Fraction("--max-kl", "Stop where an answer diverges by more nats", loop.MaxKl);
        var maxTokenKl = Fraction("--max-token-kl", "Stop where a token diverges by more nats", loop.MaxTokenKl);
        var clip = Fraction("--clip", "Clip of the ratios of grpo and ppo", loop.Clip);
        var maxTokens = CountOption.Create("--max-tokens", "Longest answer in tokens", usual.Sampler.MaxTokens);
        var temperature = Fraction("--temperature", "Temperature of the answers", usual.Sampler.Temperature);
        var parallel = CountOption.Create("--parallel", "Answers that are drawn at the same time", usual.Sampler.Parallel);
        var heldOut = new Option<int>("--held-out")
        {
            Description = "Held-out questions by which end and beginning are compared; 0 for none.",
            DefaultValueFactory = _ => usual.HeldOut,
        }.AtLeast(0);
        var measureEvery = new Option<int>("--measure-every")
        {
            Description = "Before every so-many-th iteration, and at the end, held-out questions are answered, and the model at the peak "
                + "of the true score is kept; 0: the last one is.",
            DefaultValueFactory = _ => usual.MeasureEvery,
        }.AtLeast(0);
        var measureQuestions = CountOption.Create(
            "--measure-questions", "Held-out questions of each such measurement", usual.MeasureQuestions);
        var endpoint = EndpointFlags.Create();
        var workers = CountOption.Create("--workers", "Threads that train", usual.Workers);
        var seed = CountOption.Create("--seed", "Seed of questions and draws", loop.Seed);
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples(
            "rl",
            "Train a model by rewards, or go on where it stopped: it answers questions in batches, the answers are judged, kept in files, "
            + "and learned from. It stops by itself, and says why, when the model leaves the ground where rewards can be trusted.",
            "noos rl --to rl --method rejection --iterations 20",
            "noos rl --to rl --method rloo --questions reading --questions formats",
            "noos rl --to calls --method rloo --questions calls --measure-every 10",
            "noos rl --to dpo --method dpo --pairs noos-pairs.jsonl",
            "noos rl --to ppo --method ppo --reward reward --combine worst --text lessons.jsonl --minutes 240");
        command.Subcommands.Add(CompareCommand.Create(settings));
        command.Subcommands.Add(StudyCommand.Create(settings));
        model.AddTo(command);
        foreach (var option in (Option[])
        [
            to, method, pairs, reward, combine, checkWeight, generators, prompts, iterations, perIteration, answers, epochs, rows, text,
            textRows, textWeight, rate, klWeight, klTarget, maxKl, maxTokenKl, clip, maxTokens, temperature, parallel, heldOut,
            measureEvery, measureQuestions, workers, seed, minutes, .. endpoint.All,
        ])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            var chosen = parsed.GetValue(method);
            var options = usual with
            {
                Reinforcement = (loop with
                {
                    Method = chosen,
                    Iterations = parsed.GetValue(iterations),
                    PromptsPerIteration = parsed.GetValue(perIteration),
                    AnswersPerPrompt = parsed.GetValue(answers),
                    Epochs = parsed.GetValue(epochs) ?? (chosen == ReinforcementMethod.Ppo ? 2 : 1),
                    TextRows = parsed.GetValue(textRows),
                    TextWeight = parsed.GetValue(textWeight),
                    KlWeight = parsed.GetValue(klWeight),
                    KlTarget = parsed.GetValue(klTarget),
                    MaxKl = parsed.GetValue(maxKl),
                    MaxTokenKl = parsed.GetValue(maxTokenKl),
                    Clip = parsed.GetValue(clip),
                    Seed = parsed.GetValue(seed),
                }).FitRowsPerStep(parsed.GetValue(rows)),
                Sampler = usual.Sampler with
                {
                    MaxTokens = parsed.GetValue(maxTokens),
                    Temperature = (float)parsed.GetValue(temperature),
                    Parallel = parsed.GetValue(parallel),
                },
                LearningRate = parsed.GetValue(rate),
                Prompts = parsed.GetValue(prompts),
                Generators = parsed.GetValue(generators) is { Length: > 0 } named ? named : null,
                CheckWeight = parsed.GetValue(checkWeight),
                HeldOut = parsed.GetValue(heldOut),
                MeasureEvery = parsed.GetValue(measureEvery),
                MeasureQuestions = parsed.GetValue(measureQuestions),
                Workers = parsed.GetValue(workers),
            };
            if (parsed.GetValue(pairs) is { Length: > 0 } && chosen != ReinforcementMethod.Dpo)
            {
                throw new NoosException("Only dpo learns from pairs of a file; add --method dpo, or train a reward model from them.");
            }

            using var policy = model.Open(parsed);
            PolicyReport? report;
            using (var display = StageDisplay.ForConsole())
            {
                await LibtorchSetup.EnsureAsync(
                    PolicyTraining.StageName, display, TimeProvider.System, NullLogger.Instance, limit.Token);
                report = await Task.Factory.StartNew(
                    () => parsed.GetValue(pairs) is { Length: > 0 } files
                        ? new PairTraining(options, policy, CourseCatalog.All, PreferenceFile.Read(files), parsed.GetRequiredValue(to))
                            .Run(display, cancellationToken: limit.Token)
                        : Run(
                            options, policy, parsed.GetRequiredValue(to), parsed.GetValue(reward), parsed.GetValue(combine),
                            parsed.GetValue(text), endpoint.Open(parsed, policy, parsed.GetRequiredValue(to), options.Sampler, settings),
                            display, limit.Token),
                    limit.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }

            if (report is null)
            {
                StageCommand.Finish(isComplete: false, "", cancellationToken);
                return 0;
            }

            if (report.WinRate is { } wins)
            {
                Console.Out.WriteLine(Sentence(wins.ToText()));
            }

            Console.Out.WriteLine(report.Stopped is { } alarm
                ? string.Create(CultureInfo.InvariantCulture, $"Stopped at iteration {alarm.Iteration}: {alarm.Message}")
                : $"The model is {report.Model}; what was measured is beside it.");
            return report.Stopped is null ? 0 : ErrorKind.Refused.ExitCode();
        });
        return command;
    }

    static PolicyReport? Run(
        PolicyOptions options, TrainableModel policy, string folder, string? reward, RewardCombination combination, string? text,
        EndpointSampler? endpoint, StageDisplay display, CancellationToken cancellationToken)
    {
        using var sampler = endpoint;
        using var ensemble = reward is null ? null : RewardEnsemble.Open(reward, options.Workers, combination);
        var loop = options.Reinforcement;
        var rows = loop.TextRows == 0 || loop.Method == ReinforcementMethod.Dpo ? null
            : text is not null ? PolicyText.FromFile(text, policy, loop.Seed)
            : PolicyText.FromLessons(CourseCatalog.All, Taught(), LessonsPerCourse, policy, loop.Seed);
        return new PolicyTraining(options, policy, CourseCatalog.All, folder) { Sampler = sampler }
            .Run(ensemble, rows, rows?.Name ?? "", display, cancellationToken: cancellationToken);
    }

    /// <summary>The courses that need nothing but words.</summary>
    internal static IEnumerable<ICourse> Taught() => CourseCatalog.All.Where(course =>
        course.Name is "talk" or "reading" or "copying" or "formats" or "facts" or "limits" or "summaries");

    static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..] + ".";

    static Option<double> Fraction(string name, string what, double usual) => new Option<double>(name)
    {
        Description = what + ".",
        DefaultValueFactory = _ => usual,
    }.AtLeast(0.0);
}
