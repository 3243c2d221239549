using System.Globalization;
using Noos.Courses;
using Noos.Courses.Experts;
using Noos.Factory.Models;
using Noos.Factory.Rewards;
using Noos.Language.Gguf;
using Noos.Training.Model;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Policies;

/// <summary>
/// Measures a policy on its way on questions that nothing is trained on, and keeps the one whose answers are truly the best: rewards go on
/// rising where the truth has long fallen (Gao et al., 2022). Measurements are files, so that a killed run measures nothing twice.
/// </summary>
/// <param name="options">How often, and how many questions.</param>
/// <param name="model">The beginning.</param>
/// <param name="courses">All courses.</param>
/// <param name="ensemble">The proxy; null where the checks are the reward.</param>
/// <param name="folder">That of the run.</param>
sealed class PolicyPeak(
    PolicyOptions options, TrainableModel model, IReadOnlyList<ICourse> courses, RewardEnsemble? ensemble, string folder)
{
    // Other questions than those by which beginning and end are compared.
    const int Seed = 20_261_201;

    readonly PolicyPrompts _prompts = PolicyPrompts.Create(
        options.MeasureQuestions, Seed, courses, model.Format, model.Config.ContextLength - options.Sampler.MaxTokens, options.Generators,
        isExamination: true);

    string Measured => FolderOf(folder);

    /// <summary>What was measured in the folder of a run.</summary>
    public static IReadOnlyList<PolicyMeasurement> Read(string run, IReadOnlyList<RolloutMetrics> history) =>
        [.. All(FolderOf(run)).Select(one => one with { Kl = KlOf(one.Iteration, history) })];

    static string FolderOf(string run) => Path.Combine(run, "measured");

    /// <summary>Measures where it is time.</summary>
    public void Look(long iteration, Parameters policy, CancellationToken cancellationToken)
    {
        if (iteration % options.MeasureEvery == 0)
        {
            Measure(iteration, policy, cancellationToken);
        }
    }

    /// <summary>Measures, unless that was done before.</summary>
    public void Measure(long iteration, Parameters policy, CancellationToken cancellationToken)
    {
        var path = PathOf(iteration, ".json");
        if (File.Exists(path))
        {
            return;
        }

        Directory.CreateDirectory(Measured);
        var greedy = new EngineSampler(model, folder, options.Sampler with { Temperature = 0 });
        var answers = greedy.Sample(policy, _prompts.First(options.MeasureQuestions), 1, 1, cancellationToken);
        var judged = answers.Select(answer => (Prompt: _prompts[answer.Prompt], Answer: PolicyReward.ToAnswer(answer, model.Tokenizer)))
            .ToArray();
        var measured = new PolicyMeasurement(iteration)
        {
            Truth = judged.Average(one => ExpertLabeler.Instance.Score(one.Prompt, one.Answer).Total),
            Second = judged.Average(one => SecondJudge.Instance.Rate(one.Prompt, one.Answer)),
            Proxy = ensemble?.Score([.. answers.Select(answer => answer.Tokens)]).Average(),
        };
        if (Best() is not { } best || measured.Truth > best.Truth)
        {
            // The weights first: a measurement that is there has its model.
            model.Write(PathOf(iteration, ".gguf"), policy, GgufTensorType.F32);
            FactoryJson.Write(path, measured);
            foreach (var old in Directory.GetFiles(Measured, "*.gguf").Where(file => file != PathOf(iteration, ".gguf")))
            {
                File.Delete(old);
            }
        }
        else
        {
            FactoryJson.Write(path, measured);
        }
    }

    /// <summary>Gives a policy the weights of the peak.</summary>
    /// <returns>Its iteration; null where nothing was measured.</returns>
    public long? Choose(Parameters policy, Action<Parameters> begin)
    {
        if (Best() is not { } best)
        {
            return null;
        }

        using var peak = TrainableModel.Open(PathOf(best.Iteration, ".gguf"));
        begin(policy);
        peak.Load(policy);
        return best.Iteration;
    }

    /// <summary>All measurements in their order, with how far the policy had gone.</summary>
    public IReadOnlyList<PolicyMeasurement> Measurements(IReadOnlyList<RolloutMetrics> history) => Read(folder, history);

    // Of equal ones the first: it is nearer to the beginning.
    PolicyMeasurement? Best() => All(Measured).MaxBy(one => one.Truth);

    // The answers of the iteration itself; behind the last those of the last.
    static double KlOf(long iteration, IReadOnlyList<RolloutMetrics> history) =>
        history.LastOrDefault(metrics => metrics.Iteration <= iteration)?.Kl ?? 0;

    static PolicyMeasurement[] All(string measured) => !Directory.Exists(measured) ? [] :
    [
        .. Directory.GetFiles(measured, "*.json").Select(FactoryJson.Read<PolicyMeasurement>).OrderBy(one => one.Iteration),
    ];

    string PathOf(long iteration, string extension) =>
        Path.Combine(Measured, iteration.ToString("D6", CultureInfo.InvariantCulture) + extension);
}

/// <summary>What a policy was worth at one moment of its training, on held-out questions answered greedily.</summary>
/// <param name="Iteration">Before it.</param>
public sealed record PolicyMeasurement(long Iteration)
{
    /// <summary>Mean score by the true labeler.</summary>
    public double Truth { get; init; }

    /// <summary>Mean rating of the second judge.</summary>
    public double Second { get; init; }

    /// <summary>Mean score of the ensemble that it is trained for; null where the checks are the reward.</summary>
    public double? Proxy { get; init; }

    /// <summary>Mean divergence of its answers from the beginning, in nats.</summary>
    public double Kl { get; init; }
}
