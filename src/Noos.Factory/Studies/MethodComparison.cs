using System.Globalization;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Core.Tools;
using Noos.Corpus.Preferences;
using Noos.Courses;
using Noos.Courses.Experts;
using Noos.Factory.Gates;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Factory.Rewards;
using Noos.Factory.Stages;
using Noos.Kernel.Cpu;
using Noos.Training.Model;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Factory.Studies;

/// <summary>
/// Trains a model by several methods from the same comparisons and judges all by the same questions, the true labeler and a second judge.
/// Each training has a folder and each result a file, so that what was stopped or killed goes on.
/// </summary>
/// <param name="options">Which methods.</param>
/// <param name="model">The beginning of all.</param>
/// <param name="courses">All courses.</param>
/// <param name="folder">Holds everything.</param>
public sealed class MethodComparison(
    ComparisonOptions options, TrainableModel model, IReadOnlyList<ICourse> courses, string folder)
{
    /// <summary>What reports call this work.</summary>
    public const string StageName = "compare";

    const int BestOf = 4;

    /// <summary>Opens a model for the examinations; needed where there are any.</summary>
    public Func<string, ICpu>? Open { get; init; }

    /// <summary>Makes the tools of the assistant that sits them.</summary>
    public Func<IReadOnlyList<ITool>> Tools { get; init; } = () => [];

    /// <summary>The table for people.</summary>
    public string ReportPath => Path.Combine(folder, "methods.md");

    /// <summary>Trains and judges until all is done or the token asks to stop. Blocks for as long as the options ask for.</summary>
    /// <param name="text">Rows to learn beside the answers (PPO-ptx); null for none.</param>
    /// <param name="textName">Names them by content.</param>
    /// <param name="progress">Told on the thread that trains.</param>
    /// <param name="services">What trainings take from outside.</param>
    /// <param name="cancellationToken">Asks to stop.</param>
    /// <returns>All results; null when it was asked to stop.</returns>
    /// <exception cref="NoosException">There is no such method, or a training cannot be made.</exception>
    public IReadOnlyList<ComparisonResult>? Run(
        IRowSource? text = null, string textName = "", IProgress<StageProgress>? progress = null, RunServices? services = null,
        CancellationToken cancellationToken = default)
    {
        if (options.Methods.FirstOrDefault(method => !ComparisonOptions.AllMethods.Contains(method, StringComparer.Ordinal)) is { } unknown)
        {
            throw new NoosException(
                ErrorKind.Invalid, $"There is no method '{unknown}'; choose of {string.Join(", ", ComparisonOptions.AllMethods)}.");
        }

        var results = new List<ComparisonResult>();
        for (var seed = 1; seed <= options.Seeds; seed++)
        {
            foreach (var method in options.Methods)
            {
                var own = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"), method);
                var path = Path.Combine(own, "result.json");
                if (!File.Exists(path))
                {
                    var result = Train(method, seed, own, text, textName, progress, services ?? new RunServices(), cancellationToken);
                    if (result is null)
                    {
                        return null;
                    }

                    FactoryJson.Write(path, result);
                }

                results.Add(FactoryJson.Read<ComparisonResult>(path));
                progress?.Report(new StageProgress(StageName, StageState.Running) { Note = Line(results[^1]) });
                var table = Encoding.UTF8.GetBytes(ToMarkdown(results));
                AtomicFile.Write(ReportPath, stream => stream.Write(table));
            }
        }

        return results;
    }

    /// <summary>The table: a line for each method, means over the seeds with their standard error.</summary>
    public string ToMarkdown(IReadOnlyList<ComparisonResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture,
            $"Over the beginning ({model.Name}), {options.Policy.HeldOut} held-out questions, answers in both orders, "
            + $"{results.Select(result => result.Seed).Distinct().Count()} seed(s).").AppendLine();
        table.AppendLine("| method | win rate, labeler | win rate, second judge | score before | score after | worst examination |");
        table.AppendLine("|---|---|---|---|---|---|");
        foreach (var method in results.GroupBy(result => result.Method, StringComparer.Ordinal))
        {
            var drop = method.Max(result => result.MaxDrop) is { } most
                ? string.Create(CultureInfo.InvariantCulture, $"{-most:+0.0;-0.0;0.0} points")
                : "-";
            table.AppendLine(CultureInfo.InvariantCulture,
                $"| {method.Key} | {Percent(method.Select(result => result.Labeler))} | "
                + $"{Percent(method.Select(result => result.Second))} | {method.Average(result => result.Before):F3} | "
                + $"{method.Average(result => result.After):F3} | {drop} |");
        }

        return table.ToString();

        static string Percent(IEnumerable<double> shares)
        {
            double[] all = [.. shares.Select(share => 100 * share)];
            var mean = all.Average();
            return all.Length == 1
                ? string.Create(CultureInfo.InvariantCulture, $"{mean:F1} %")
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{mean:F1} ± {Math.Sqrt(all.Sum(one => (one - mean) * (one - mean)) / (all.Length - 1) / all.Length):F1} %");
        }
    }

    static string Line(ComparisonResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Method}, seed {result.Seed}: {result.Labeler * 100:F1} % by the labeler, {result.Second * 100:F1} % by the second "
        + $"judge.");

    ComparisonResult? Train(
        string method, int seed, string own, IRowSource? text, string textName, IProgress<StageProgress>? progress, RunServices services,
        CancellationToken cancellationToken)
    {
        PreferenceGroup[] groups =
            [.. ExpertPreferences.Write(new ExpertPanel { Seed = seed }, options.Experts, courses, options.Policy.Generators)];
        var loop = options.Policy.Reinforcement with { Seed = seed };
        if (method == "dpo")
        {
            var pairs = options.Policy with { Reinforcement = loop with { Method = ReinforcementMethod.Dpo } };
            return ToResult(method, seed, own, new PairTraining(pairs, model, courses, groups, own)
                .Run(progress, services, cancellationToken));
        }

        var reward = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"), "reward");
        var training = new RewardTraining(options.Reward with { Seed = seed }, model, groups, reward);
        if (training.Run(progress, services, cancellationToken) is null)
        {
            return null;
        }

        using var ensemble = RewardEnsemble.Open(reward, options.Policy.Workers);
        if (method.StartsWith("best-of", StringComparison.Ordinal))
        {
            return ChooseBest(method, seed, own, ensemble, cancellationToken);
        }

        var chosen = method switch
        {
            "ppo-ptx" => loop with { Method = ReinforcementMethod.Ppo, Epochs = 2, TextRows = text is null ? 0 : loop.TextRows },
            "rejection" => loop with { Method = ReinforcementMethod.Rejection, TextRows = 0 },
            _ => loop with { Method = ReinforcementMethod.Rloo, TextRows = 0 },
        };
        var policy = options.Policy with { Reinforcement = chosen.FitRowsPerStep(options.Policy.Reinforcement.RowsPerStep) };
        var hasText = chosen.TextRows > 0;
        return ToResult(method, seed, own, new PolicyTraining(policy, model, courses, own).Run(
            ensemble, hasText ? text : null, hasText ? textName : "", progress, services, cancellationToken));
    }

    ComparisonResult? ToResult(string method, int seed, string own, PolicyReport? report) => report is null ? null
        : ToResult(method, seed, report.WinRate!) with
        {
            Stopped = report.Stopped?.Name,
            MaxDrop = Examine(report.Model!, own),
        };

    static ComparisonResult ToResult(string method, int seed, WinRate rate) => new(method, seed)
    {
        Labeler = rate.Labeler,
        Second = rate.Second,
        Before = rate.Scores.Champion,
        After = rate.Scores.Candidate,
    };

    ComparisonResult ChooseBest(
        string method, int seed, string own, RewardEnsemble ensemble, CancellationToken cancellationToken)
    {
        using var policy = new Parameters(model.Config);
        model.Load(policy);
        var prompts = PolicyComparison.Questions(options.Policy, model, courses);
        var questions = prompts.First(options.Policy.HeldOut);
        Directory.CreateDirectory(own);
        var best = new BestOfSampler(
            new EngineSampler(model, own, options.Policy.Sampler), new PolicyReward(prompts, model.Tokenizer, ensemble), BestOf)
            .Sample(policy, questions, 1, (ulong)seed, cancellationToken);
        var greedy = new EngineSampler(model, own, options.Policy.Sampler with { Temperature = 0 })
            .Sample(policy, questions, 1, 1, cancellationToken);
        return ToResult(method, seed, WinRate.Measure(prompts, model.Tokenizer, best, greedy));
    }

    /// <summary>The greatest fall of an examination; null where none is held.</summary>
    double? Examine(string path, string own)
    {
        if (options.Examinations.Count == 0 || Open is null)
        {
            return null;
        }

        var examination = new GateExamination(
            new GateQuestions { Courses = options.Examinations, Rounds = 1, Prompts = 0 }, courses, Tools);
        var before = Measure(examination, Path.Combine(folder, "beginning.gguf"), Path.Combine(folder, "examinations"));
        var after = Measure(examination, path, Path.Combine(own, "examinations"));
        return before.Examinations.Zip(after.Examinations).Max(pair => 100 * (pair.First.Share - pair.Second.Share));
    }

    ModelMeasurement Measure(GateExamination examination, string path, string results)
    {
        if (!File.Exists(path))
        {
            using var beginning = new Parameters(model.Config);
            model.Load(beginning);
            model.Write(path, beginning, Language.Gguf.GgufTensorType.Q8_0);
        }

        return examination.MeasureAsync(() => Open!(path), results, StageName, Path.GetFileName(results)).GetAwaiter().GetResult();
    }
}
