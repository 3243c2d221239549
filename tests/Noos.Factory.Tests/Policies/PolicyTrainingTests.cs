using Noos.Core;
using Noos.Corpus.Preferences;
using Noos.Courses.Experts;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Factory.Rewards;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Factory.Tests.Policies;

public sealed class PolicyTrainingTests : IDisposable
{
    static readonly SamplerOptions s_sampler = new() { MaxTokens = 10, Type = GgufTensorType.F32 };

    static readonly PolicyOptions s_options = new()
    {
        Reinforcement = new ReinforcementOptions
        {
            Iterations = 3,
            PromptsPerIteration = 4,
            AnswersPerPrompt = 2,
            RowsPerStep = 4,
            TextRows = 0,
            MaxKl = 1000,
            MaxTokenKl = 1000,
        },
        Sampler = s_sampler,
        LearningRate = 1e-3,
        Prompts = 40,
        Generators = ["formats", "talk"],
        HeldOut = 6,
    };

    readonly TinyModel _file = new();
    readonly TemporaryFolder _folder = new();
    readonly TrainableModel _model;

    public PolicyTrainingTests() => _model = TrainableModel.Open(_file.Path);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static RunServices Services => new() { MeasurePeak = () => 1e9 };

    public void Dispose()
    {
        _model.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Model_that_is_loaded_and_written_is_the_same()
    {
        using var parameters = Load();
        var path = _folder.File("copy.gguf");

        _model.Write(path, parameters, GgufTensorType.F32);

        using var copy = TrainableModel.Open(path);
        using var again = new Parameters(copy.Config);
        copy.Load(again);
        Assert.Equal(_model.Config, copy.Config);
        Assert.Equal(parameters.Bytes.ToArray(), again.Bytes.ToArray());
        Assert.Equal(_model.Tokenizer.Fingerprint, copy.Tokenizer.Fingerprint);
    }

    [Fact]
    public void Engine_draws_the_same_answers_however_many_together_and_the_likeliest_when_greedy()
    {
        using var parameters = Load();
        var prompts = Prompts().First(5);

        var alone = Draw(s_sampler with { Parallel = 1 });
        var together = Draw(s_sampler with { Parallel = 16 });

        Assert.Equal(15, alone.Count);
        Assert.Equal(alone.SelectMany(rollout => rollout.Tokens), together.SelectMany(rollout => rollout.Tokens));
        Assert.All(alone, rollout => Assert.Equal(rollout.IsEnded, rollout.Tokens[^1] == _model.Tokenizer.EndOfTurn));
        Assert.True(alone.Select(rollout => string.Join(' ', rollout.Answer.ToArray())).Distinct().Count() > 3);

        var greedy = new EngineSampler(_model, _folder.Path, s_sampler with { Temperature = 0 })
            .Sample(parameters, prompts, 1, 7, Token);

        // Later the rounding of the engine may decide between tokens that are nearly as likely.
        const int Same = 4;
        using var reference = new ReferenceSampler(parameters);
        Assert.All(greedy, rollout => Assert.Equal(
            reference.Continue(rollout.Tokens[..rollout.PromptLength], 10, [.. _model.Tokenizer.EndTokens]).Take(Same),
            rollout.Answer[..(rollout.Answer.Length - (rollout.IsEnded ? 1 : 0))].ToArray().Take(Same)));

        IReadOnlyList<Rollout> Draw(SamplerOptions options) => new EngineSampler(_model, _folder.Path, options)
            .Sample(parameters, prompts, 3, 42, Token);
    }

    [Fact]
    public void Engine_and_trainer_hold_the_same_answers_likely()
    {
        using var parameters = Load();
        var rollouts = new EngineSampler(_model, _folder.Path, s_sampler)
            .Sample(parameters, Prompts().First(20), 4, 3, Token);
        using var scorer = new RowScorer(parameters, 2);
        var rows = rollouts.Select(rollout =>
        {
            var isTarget = new bool[rollout.Tokens.Length - 1];
            isTarget.AsSpan(rollout.PromptLength - 1).Fill(true);
            return new TrainingRow(rollout.Tokens, isTarget);
        }).ToArray();

        // Drawn at temperature 1, the mean surprise of the answers is the mean entropy, but for chance.
        var surprise = -scorer.LogProbabilities(rows).Sum(row => row.Sum(value => (double)value)) / rows.Sum(row => row.TargetCount);
        var entropy = scorer.Entropies(rows).Sum(row => row.Sum(value => (double)value)) / rows.Sum(row => row.TargetCount);
        Assert.Equal(entropy, surprise, 0.2);
    }

    [Theory]
    [InlineData(ReinforcementMethod.Rloo)]
    [InlineData(ReinforcementMethod.Ppo)]
    public void Policy_that_is_stopped_ends_as_one_that_was_not(ReinforcementMethod method)
    {
        var options = s_options with { Reinforcement = s_options.Reinforcement with { Method = method } };
        var whole = new PolicyTraining(options, _model, [], _folder.File("whole"));
        var report = whole.Run(services: Services, cancellationToken: Token)!;
        using var stop = new CancellationTokenSource();
        var progress = new ProgressList
        {
            OnReport = value =>
            {
                if (value is { Unit: "iterations", Done: 1 })
                {
                    stop.Cancel();
                }
            },
        };
        var parts = new PolicyTraining(options, _model, [], _folder.File("parts"));

        Assert.Null(parts.Run(progress: progress, services: Services, cancellationToken: stop.Token));
        var resumed = parts.Run(services: Services, cancellationToken: Token)!;

        Assert.Equal(report.Iterations, resumed.Iterations);
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(parts.ModelPath));
        Assert.Equal(report.WinRate, resumed.WinRate);
        Assert.Equal(6, report.WinRate!.Prompts);
        var text = File.ReadAllText(whole.ReportPath);
        Assert.Contains("| iteration | √KL |", text, StringComparison.Ordinal);
        Assert.Contains("win rate", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Ensemble_judges_and_the_checks_say_the_truth_beside_it()
    {
        var reward = _folder.File("reward");
        new RewardTraining(
            new RewardOptions { Members = 1, PromptsPerStep = 4 }, _model,
            [.. ExpertPreferences.Write(new ExpertPanel(), 30, [], ["formats", "talk"])], reward).Run(null, Services, Token);
        using var ensemble = RewardEnsemble.Open(reward);
        var prompts = Prompts();
        var good = prompts.First(4).Select(prompt =>
        {
            var (tokens, _) = AnswerTokens.Render(
                _model.Format, prompts[prompt.Number].Prompt,
                [Noos.Core.Conversations.Message.Assistant(prompts[prompt.Number].Answer)], isEnded: true);
            return new Rollout(prompt.Number, tokens, prompt.Tokens.Length, IsEnded: true);
        }).ToArray();

        var scores = new PolicyReward(prompts, _model.Tokenizer, ensemble).Score(good);
        var mixed = new PolicyReward(prompts, _model.Tokenizer, ensemble, checkWeight: 0.5).Score(good);
        var checks = new PolicyReward(prompts, _model.Tokenizer).Score(good);

        Assert.All(scores, score => Assert.True(score.Truth > 0.95, $"{score}"));
        Assert.Equal(ensemble.Score([.. good.Select(rollout => rollout.Tokens)]), scores.Select(score => score.Value));
        Assert.All(mixed.Zip(scores), pair =>
            Assert.Equal((pair.Second.Value + pair.Second.Truth!.Value) / 2, pair.First.Value, 1e-9));
        Assert.All(checks, score => Assert.Equal(score.Truth, score.Value));
        Assert.Throws<NoosException>(() => new PolicyReward(prompts, _model.Tokenizer, ensemble, checkWeight: 2));
    }

    [Fact]
    public void Pairs_are_learned_without_own_answers_and_a_stopped_run_ends_the_same()
    {
        PreferenceGroup[] groups = [.. ExpertPreferences.Write(new ExpertPanel { FlipRate = 0 }, 30, [], ["formats", "talk"])];
        var options = s_options with
        {
            Reinforcement = s_options.Reinforcement with { Method = ReinforcementMethod.Dpo, RowsPerStep = 8, Epochs = 2 },
        };
        var losses = new List<string>();
        using var stop = new CancellationTokenSource();
        var progress = new ProgressList
        {
            OnReport = value =>
            {
                losses.Add(value.Detail);
                if (value is { Unit: "updates", Done: 3 })
                {
                    stop.Cancel();
                }
            },
        };

        var whole = new PairTraining(options, _model, [], groups, _folder.File("whole")).Run(null, Services, Token)!;
        var parts = new PairTraining(options, _model, [], groups, _folder.File("parts"));
        Assert.Null(parts.Run(progress, Services, stop.Token));
        var resumed = parts.Run(null, Services, Token)!;

        Assert.Equal(File.ReadAllBytes(whole.Model!), File.ReadAllBytes(resumed.Model!));
        Assert.StartsWith("loss 0.69", losses[0], StringComparison.Ordinal);
        Assert.Equal(6, whole.WinRate!.Prompts);
    }

    [Fact]
    public void Lessons_are_learned_on_beside_the_answers()
    {
        var text = PolicyText.FromLessons([], [new Noos.Courses.Talk.TalkCourse()], 60, _model, seed: 1);
        var options = s_options with { Reinforcement = s_options.Reinforcement with { TextRows = 4 }, HeldOut = 0 };

        var report = new PolicyTraining(options, _model, [], _folder.File("text"))
            .Run(text: text, textName: text.Name, services: Services, cancellationToken: Token)!;

        Assert.Null(report.WinRate);
        Assert.Throws<NoosException>(() =>
            new PolicyTraining(options, _model, [], _folder.File("none")).Run(services: Services, cancellationToken: Token));
    }

    Parameters Load()
    {
        var parameters = new Parameters(_model.Config);
        _model.Load(parameters);
        return parameters;
    }

    PolicyPrompts Prompts() => PolicyPrompts.Create(40, 1, [], _model.Format, _model.Config.ContextLength - 10, ["formats", "talk"]);
}
