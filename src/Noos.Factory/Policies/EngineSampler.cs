using Noos.Core;
using Noos.Core.Conversations;
using Noos.Cpus;
using Noos.Factory.Models;
using Noos.Kernel.Cpu;
using Noos.Training.Model;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Policies;

/// <summary>
/// Lets a policy answer with our own engine: its weights are written as a model file, which the engine opens and runs for many prompts at
/// once. The same weights and seed give the same answers, however many are drawn together.
/// </summary>
/// <param name="model">Vocabulary, layout and shape of the policy.</param>
/// <param name="folder">The file goes there, and is replaced each time.</param>
/// <param name="options">How answers are drawn.</param>
public sealed class EngineSampler(TrainableModel model, string folder, SamplerOptions options) : IPolicySampler
{
    const string FileName = "policy.gguf";

    public IReadOnlyList<Rollout> Sample(
        Parameters policy, IReadOnlyList<RolloutPrompt> prompts, int answers, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(prompts);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        model.Write(path, policy, options.Type);

        // The caller has a thread of its own, and has nothing else to do meanwhile.
        return SampleAsync(path, prompts, answers, seed, cancellationToken).GetAwaiter().GetResult();
    }

    /// <summary>Draws answers from a model file.</summary>
    /// <exception cref="NoosException">The engine cannot run it.</exception>
    public async Task<IReadOnlyList<Rollout>> SampleAsync(
        string path, IReadOnlyList<RolloutPrompt> prompts, int answers, ulong seed, CancellationToken cancellationToken)
    {
        await using var cpu = ModelSource.OpenCpu(new NoosOptions { Model = path, MaxConcurrency = options.Parallel });
        return await Task.WhenAll(prompts.SelectMany((prompt, index) => Enumerable.Range(0, answers).Select(answer =>
            AnswerAsync(cpu, prompt, Seeds.Mix(seed, ((ulong)index * (ulong)answers) + (ulong)answer), cancellationToken))));
    }

    async Task<Rollout> AnswerAsync(ICpu cpu, RolloutPrompt prompt, ulong seed, CancellationToken cancellationToken)
    {
        var turn = new Turn(Conversation.From())
        {
            Prompt = new RawPrompt(null, prompt.Tokens),

            // From the very distribution that is trained: nothing that a file advises, and no guard.
            Options = new GenerationOptions
            {
                Seed = seed,
                MaxTokens = options.MaxTokens,
                Temperature = options.Temperature,
                GreedySpans = false,
                LoopGuard = false,
                TopK = 0,
                TopP = 1,
                MinP = 0,
                TopNSigma = 0,
                TypicalP = 1,
                XtcProbability = 0,
                DryMultiplier = 0,
                RepetitionPenalty = 1,
                FrequencyPenalty = 0,
                PresencePenalty = 0,
            },
        };
        RunFinished? finished = null;
        await foreach (var item in cpu.RunAsync(turn, cancellationToken))
        {
            finished = item as RunFinished ?? finished;
        }

        var isEnded = finished is { FinishReason: FinishReasons.Stop };
        return new Rollout(
            prompt.Number, [.. prompt.Tokens, .. finished?.TokenIds ?? [], .. isEnded ? [model.Tokenizer.EndOfTurn] : Array.Empty<int>()],
            prompt.Tokens.Length, isEnded);
    }
}
