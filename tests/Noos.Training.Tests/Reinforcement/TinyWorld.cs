using Noos.Language.Models;
using Noos.Training.Model;
using Noos.Training.Optimizers;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;
using Noos.Training.Tests.Runs;
using static TorchSharp.torch;

namespace Noos.Training.Tests.Reinforcement;

/// <summary>
/// A world small enough to learn in seconds: prompts of three tokens, answers of up to five, a reward for each token that is the wanted one
/// and for an end.
/// </summary>
static class TinyWorld
{
    public const int EndToken = 1;
    public const int Wanted = 5;
    const int MaxAnswer = 5;

    public static TransformerConfig Model { get; } = TinyTraining.Plan.Model with { VocabularySize = 12 };

    public static ReinforcementOptions Options { get; } = new()
    {
        Iterations = 12,
        PromptsPerIteration = 8,
        AnswersPerPrompt = 4,
        RowsPerStep = 16,
        TextRows = 0,
        KlWeight = 0.01,
        MaxKl = 1000,
        MaxTokenKl = 1000,
        RepetitionPenalty = 0,
        NoEndPenalty = 0,
    };

    public static TrainingPlan Plan { get; } = new()
    {
        Model = Model,
        WarmupSteps = 0,
        CheckpointEvery = 3,
        EvaluateEvery = 1_000_000,
        AdamW = new AdamWOptions { LearningRate = 0.01 },
    };

    public static ReinforcementRun Open(
        string folder, ReinforcementOptions? options = null, IPolicySampler? sampler = null, IProgress<RolloutMetrics>? progress = null,
        Action<CollapseAlarm>? alarm = null, IRowSource? text = null) => new(
            options ?? Options, Plan, folder,
            new ReinforcementServices(new Prompts(), sampler ?? new Sampler(), new Reward())
            {
                Progress = progress,
                Alarm = alarm,
                Text = text,
                Run = new RunServices { MeasurePeak = () => 1e9 },
            },
            parameters => parameters.Initialize(7));

    /// <summary>Trains to the end and gives the bytes of the weights.</summary>
    public static byte[] Finish(string folder, ReinforcementOptions? options = null, IRowSource? text = null)
    {
        using var run = Open(folder, options, text: text);
        run.Run(CancellationToken.None);
        Assert.True(run.IsComplete);
        return run.Policy.Bytes.ToArray();
    }

    sealed class Prompts : IPromptSource
    {
        public string Name => "tiny";

        public RolloutPrompt Read(long index) => new((int)index, [2, 3 + (int)(index % 5), 4]);
    }

    /// <summary>Draws from the reference model, token by token.</summary>
    public sealed class Sampler : IPolicySampler
    {
        public Action? OnSample { get; init; }

        public IReadOnlyList<Rollout> Sample(
            Parameters policy, IReadOnlyList<RolloutPrompt> prompts, int answers, ulong seed, CancellationToken cancellationToken)
        {
            OnSample?.Invoke();
            using var gradients = zeros(policy.Layout.Length);
            using var model = new AutogradTransformer(policy, gradients);
            var random = new Random((int)(seed & int.MaxValue));

            // Many answers begin alike.
            var known = new Dictionary<string, float[]>(StringComparer.Ordinal);
            var rollouts = new List<Rollout>();
            foreach (var prompt in prompts)
            {
                for (var answer = 0; answer < answers; answer++)
                {
                    var tokens = prompt.Tokens.ToList();
                    while (tokens.Count < prompt.Tokens.Length + MaxAnswer
                        && (tokens[^1] != EndToken || tokens.Count == prompt.Tokens.Length))
                    {
                        var key = string.Join(' ', tokens);
                        known[key] = known.GetValueOrDefault(key) ?? Expect(model, [.. tokens]);
                        tokens.Add(Draw(known[key], random));
                    }

                    rollouts.Add(new Rollout(prompt.Number, [.. tokens], prompt.Tokens.Length, tokens[^1] == EndToken));
                }
            }

            return rollouts;
        }

        static float[] Expect(AutogradTransformer model, int[] tokens)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            return model.Logits(tokens)[-1].softmax(0).data<float>().ToArray();
        }

        static int Draw(float[] probabilities, Random random)
        {
            var rest = random.NextDouble();
            for (var token = 0; token < probabilities.Length; token++)
            {
                rest -= probabilities[token];
                if (rest <= 0)
                {
                    return token;
                }
            }

            return probabilities.Length - 1;
        }
    }

    sealed class Reward : IReward
    {
        public string Name => "tiny";

        public IReadOnlyList<RewardScore> Score(IReadOnlyList<Rollout> rollouts) => [.. rollouts.Select(rollout =>
        {
            var wanted = 0;
            foreach (var token in rollout.Answer)
            {
                wanted += token == Wanted ? 1 : 0;
            }

            return new RewardScore(wanted / (double)MaxAnswer, wanted);
        })];
    }
}
