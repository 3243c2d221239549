using System.Globalization;
using System.Text;
using Noos.Corpus.Rows;
using Noos.Courses.Experts;
using Noos.Factory.Collection;
using Noos.Factory.Gates;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Factory.Stages;
using Noos.Language.Gguf;
using Noos.Training.Model;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Factory.Weeks;

/// <summary>What a week would learn and how long it would take, without doing it.</summary>
/// <param name="Collected">What would be collected now.</param>
/// <param name="Steps">The hours of each step.</param>
public sealed record WeekEstimate(CollectionReport Collected, IReadOnlyList<WeekEstimate.Step> Steps)
{
    const int Updates = 4;
    const int Prompts = 16;

    // An examination is answered with a call or a sentence.
    const int TokensPerQuestion = 40;

    // A pass forward is a third of an update: the way back costs twice as much.
    const double ForwardShare = 1.0 / 3;

    /// <summary>All of it.</summary>
    public double Hours => Steps.Sum(step => step.Hours);

    /// <summary>
    /// Collects and packs in a folder that is thrown away, and times a few updates and answers of the very models on this machine; steps of
    /// a week of the same recipe that is done take as long as they took.
    /// </summary>
    /// <param name="recipe">How.</param>
    /// <param name="weeks">The folder of all weeks.</param>
    /// <param name="services">What a week takes from outside.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public static async Task<WeekEstimate> MeasureAsync(
        WeekRecipe recipe, string weeks, WeekServices services, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(services);
        await LibtorchSetup.EnsureAsync("dry-run", services.Progress, services.Clock, services.Logger, cancellationToken);
        var scratch = Directory.CreateTempSubdirectory("noos-week-");
        try
        {
            var folder = new WeekFolder(scratch.FullName);
            var run = new WeekRun(recipe, weeks, services);
            var collected = run.Collect(services.Clock.GetUtcNow(), folder, cancellationToken);
            await WeekLessons.WriteAsync(recipe, folder, services.Courses, cancellationToken);
            var known = WeekRun.List(weeks).LastOrDefault(week => WeekRun.IsDone(week) && week.Recipe == recipe.Hash());
            IReadOnlyList<Step> steps = [];
            await OwnThread.RunAsync(
                () => steps = new Measurement(recipe, services, folder).Run(collected, cancellationToken), cancellationToken);
            return new WeekEstimate(collected,
            [
                .. steps.Select(step => known?.Done.TryGetValue(step.Name, out var seconds) == true
                    ? step with { Hours = seconds / 3600, From = string.Create(CultureInfo.InvariantCulture, $"as in week {known.Number}") }
                    : step),
            ]);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    /// <summary>For people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(Collected.ToMarkdown().Split('\n')[0].TrimEnd());
        foreach (var step in Steps)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {step.Name,-10} {step.Hours,7:F2} h   {step.From}");
        }

        return text.AppendLine(CultureInfo.InvariantCulture, $"  {"all",-10} {Hours,7:F2} h").ToString();
    }

    /// <summary>One step of a week.</summary>
    /// <param name="Name">Which.</param>
    /// <param name="Hours">How long it takes.</param>
    /// <param name="From">What that was computed from.</param>
    public sealed record Step(string Name, double Hours, string From);

    /// <summary>Times what takes long.</summary>
    sealed class Measurement(WeekRecipe recipe, WeekServices services, WeekFolder folder)
    {
        public List<Step> Run(CollectionReport collected, CancellationToken cancellationToken)
        {
            using var model = TrainableModel.Open(services.ResolveModel(recipe.PathOf(recipe.Assistant)));
            var rows = WeekTraining.OpenRows(folder.Lessons, model, recipe.FineTune.Seed);
            var context = model.Config.ContextLength;
            var trained = TimeUpdates(model, rows, cancellationToken);
            var updates = WeekTraining.CountSteps(
                recipe.FineTune, rows.RowsPerEpoch, recipe.FineTune.TextEvery > 0 && services.Texts is not null);
            var steps = new List<Step>
            {
                In(
                    WeekTraining.StageName, updates * recipe.FineTune.Rows * context / trained,
                    $"{updates:N0} updates at {trained:N0} tokens/s"),
            };
            var (drawn, promptLength, answerLength) = TimeAnswers(model, cancellationToken);
            if (recipe.Reinforce.Iterations > 0)
            {
                if (recipe.Reinforce.CheckWeight < 1)
                {
                    var prompts = (recipe.Reward.Experts * 0.9) + collected.Preferences;
                    var tokens = prompts * recipe.Reward.Epochs * 4 * (promptLength + answerLength) * recipe.Reward.Members;
                    steps.Add(In("reward", tokens / trained, $"{recipe.Reward.Members} models, {tokens / 1e6:F1} million tokens"));
                }

                steps.Add(Reinforcement(trained, drawn, promptLength, answerLength, context));
            }

            var questions = 2 * new GateExamination(recipe.Gate.ToQuestions(1), services.Courses, services.Tools).CountQuestions();
            steps.Add(In("examine", questions * TokensPerQuestion / drawn, $"{questions:N0} questions at {drawn:N0} tokens/s"));
            return steps;
        }

        static Step In(string name, double seconds, FormattableString from) =>
            new(name, seconds / 3600, from.ToString(CultureInfo.InvariantCulture));

        Step Reinforcement(double trained, double drawn, double promptLength, double answerLength, int context)
        {
            var options = recipe.Reinforce.ToOptions();
            var loop = options.Reinforcement;
            var answers = loop.PromptsPerIteration * loop.AnswersPerPrompt;
            var tokens = answers * (promptLength + answerLength);

            // Policy, reference and every reward model read each answer once.
            var judges = recipe.Reinforce.CheckWeight < 1 ? recipe.Reward.Members : 0;
            var readers = 2 + judges + (loop.Method == ReinforcementMethod.Ppo ? 1 : 0);
            var learned = loop.Epochs * (tokens + (loop.TextRows * context));
            var measured = options.MeasureQuestions * answerLength / drawn / options.MeasureEvery;
            var seconds = (answers * answerLength / drawn) + (readers * tokens * ForwardShare / trained) + (learned / trained) + measured;
            return In("rl", recipe.Reinforce.Iterations * seconds, $"{recipe.Reinforce.Iterations:N0} iterations of {seconds:F1} s");
        }

        /// <summary>Tokens a second.</summary>
        double TimeUpdates(TrainableModel model, ConversationRows rows, CancellationToken cancellationToken)
        {
            var plan = new TrainingPlan
            {
                Model = model.Config,
                Data = "a few updates",
                Steps = Updates,
                RowsPerStep = recipe.FineTune.Rows,
                WarmupSteps = 0,
                Workers = Math.Min(recipe.FineTune.Workers, recipe.FineTune.Rows),
                EvaluateEvery = int.MaxValue,
                CheckpointEvery = int.MaxValue,
            };
            var times = new List<long>();
            using var run = new TrainingRun(
                plan, Path.Combine(folder.Root, "updates"), new PackedConversations(rows), NoEvaluation.Instance, model.Load,
                new RunServices
                {
                    Clock = services.Clock,
                    MeasurePeak = services.MeasurePeak,
                    Progress = new Told<RunProgress>(progress => times.Add(progress.Note is null ? services.Clock.GetTimestamp() : 0)),
                });
            run.Run(cancellationToken);

            // The first update pays for everything that is set up.
            long[] ends = [.. times.Where(time => time > 0)];
            var elapsed = services.Clock.GetElapsedTime(ends[0], ends[^1]).TotalSeconds;
            return (ends.Length - 1) * (double)plan.RowsPerStep * model.Config.ContextLength / Math.Max(1e-6, elapsed);
        }

        /// <summary>Tokens a second, and the mean lengths of prompts and answers.</summary>
        (double Rate, double PromptLength, double AnswerLength) TimeAnswers(TrainableModel model, CancellationToken cancellationToken)
        {
            var options = recipe.Reinforce.ToOptions();
            var prompts = PolicyPrompts.Create(
                Prompts, seed: 1, [], model.Format, model.Config.ContextLength - options.Sampler.MaxTokens,
                options.Generators ?? ExpertPrompts.Generators).First(Prompts);
            using var parameters = new Parameters(model.Config);
            model.Load(parameters);
            var sampler = new EngineSampler(model, folder.Root, options.Sampler with { Type = GgufTensorType.F16 });

            // Once to warm up: the code is compiled, the file is in memory.
            sampler.Sample(parameters, [prompts[0]], 1, 1, cancellationToken);
            var started = services.Clock.GetTimestamp();
            var answers = sampler.Sample(parameters, prompts, 2, 1, cancellationToken);
            var seconds = services.Clock.GetElapsedTime(started).TotalSeconds;
            return (answers.Sum(answer => answer.Answer.Length) / Math.Max(1e-6, seconds),
                prompts.Average(prompt => prompt.Tokens.Length), answers.Average(answer => answer.Answer.Length));
        }
    }

    sealed class Told<T>(Action<T> tell) : IProgress<T>
    {
        public void Report(T value) => tell(value);
    }
}
