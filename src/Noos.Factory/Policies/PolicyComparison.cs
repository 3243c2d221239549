using Noos.Courses;
using Noos.Factory.Models;
using Noos.Training.Model;

namespace Noos.Factory.Policies;

/// <summary>Compares the end of a training with its beginning, on questions in wordings that no training has.</summary>
static class PolicyComparison
{
    // Other questions than those of the training, whatever its seed.
    const int Seed = 20_261_130;

    /// <summary>The questions by which policies are compared.</summary>
    public static PolicyPrompts Questions(PolicyOptions options, TrainableModel model, IReadOnlyList<ICourse> courses) =>
        PolicyPrompts.Create(
            options.HeldOut, Seed, courses, model.Format, model.Config.ContextLength - options.Sampler.MaxTokens, options.Generators,
            isExamination: true);

    /// <param name="options">How many questions, and whose.</param>
    /// <param name="model">The beginning.</param>
    /// <param name="courses">All courses.</param>
    /// <param name="policy">The end.</param>
    /// <param name="begin">Fills parameters with the beginning.</param>
    /// <param name="folder">For the file that the engine reads.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Null where nothing is to be compared.</returns>
    public static WinRate? Measure(
        PolicyOptions options, TrainableModel model, IReadOnlyList<ICourse> courses, Parameters policy, Action<Parameters> begin,
        string folder, CancellationToken cancellationToken)
    {
        if (options.HeldOut == 0)
        {
            return null;
        }

        var prompts = Questions(options, model, courses);

        // Greedily: what a policy holds most likely, without the luck of a draw.
        var greedy = new EngineSampler(model, folder, options.Sampler with { Temperature = 0 });
        using var beginning = new Parameters(policy.Config, policy.Layout.Heads);
        begin(beginning);
        var questions = prompts.First(options.HeldOut);
        return WinRate.Measure(
            prompts, model.Tokenizer, greedy.Sample(policy, questions, 1, 1, cancellationToken),
            greedy.Sample(beginning, questions, 1, 1, cancellationToken));
    }
}
