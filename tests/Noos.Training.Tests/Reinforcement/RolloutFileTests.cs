using Noos.Core;
using Noos.Training.Reinforcement;

namespace Noos.Training.Tests.Reinforcement;

public sealed class RolloutFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("noos-rollouts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Answers_come_back_as_they_were(bool hasCritic)
    {
        var batch = new RolloutBatch(3, 42, 0.1 + 0.2, [Answer(7, [1, 2, 3, 4], 2, true), Answer(8, [5, 6, 7], 1, false)])
        {
            Metrics = new RolloutMetrics { Iteration = 3, Reward = 1.5, Truth = 0.25, Kl = 1e-9 },
        };
        var path = RolloutFile.PathOf(_folder, 3);

        RolloutFile.Write(path, batch);
        var read = RolloutFile.Read(path);

        Assert.Equal((3, 42, 0.1 + 0.2, batch.Metrics), (read.Iteration, read.PolicyStep, read.KlWeight, read.Metrics));
        foreach (var (expected, actual) in batch.Answers.Zip(read.Answers))
        {
            Assert.Equal(expected.Rollout.Tokens, actual.Rollout.Tokens);
            Assert.Equal(
                (expected.Rollout.Prompt, expected.Rollout.PromptLength, expected.Rollout.IsEnded, expected.Reward, expected.Truth),
                (actual.Rollout.Prompt, actual.Rollout.PromptLength, actual.Rollout.IsEnded, actual.Reward, actual.Truth));
            Assert.Equal(expected.Old, actual.Old);
            Assert.Equal(expected.Reference, actual.Reference);
            Assert.Equal(expected.Values, actual.Values);
        }

        Assert.Equal([batch.Metrics], RolloutFile.ReadMetrics(_folder));

        ScoredRollout Answer(int prompt, int[] tokens, int length, bool isEnded) => new(new Rollout(prompt, tokens, length, isEnded), 0.3f)
        {
            Truth = isEnded ? 0.7f : float.NaN,
            Old = [.. tokens[length..].Select(token => -token / 3f)],
            Reference = [.. tokens[length..].Select(token => -token / 5f)],
            Values = hasCritic ? [.. tokens[length..].Select(token => token / 7f)] : [],
        };
    }

    [Fact]
    public void Damaged_file_is_refused_in_one_sentence()
    {
        var path = RolloutFile.PathOf(_folder, 0);
        File.WriteAllText(path, "no tensors");

        Assert.Throws<NoosException>(() => RolloutFile.Read(path));
    }
}
