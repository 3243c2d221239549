using Noos.Core;
using Noos.Training.Objectives;

namespace Noos.Training.Tests.Objectives;

public sealed class AdvantagesTests
{
    [Fact]
    public void LeaveOneOut_compares_each_reward_with_the_mean_of_the_others()
    {
        Assert.Equal([1 - (5d / 3), -2, 2 - (4d / 3), 2], Advantages.LeaveOneOut([1, 0, 2, 3]), AreClose);
        Assert.Equal([0], Advantages.LeaveOneOut([4]));
        Assert.Equal([0, 0, 0], Advantages.LeaveOneOut([0.5, 0.5, 0.5]));
    }

    [Fact]
    public void Standardize_gives_deviations_from_the_mean_and_nothing_where_all_are_alike()
    {
        Assert.Equal([-1, 1], Advantages.Standardize([0, 4]), AreClose);
        Assert.Equal([0, 0, 0], Advantages.Standardize([2, 2 + 1e-6, 2]));
    }

    [Theory]
    [InlineData(1, 0.95)]
    [InlineData(0.9, 0)]
    [InlineData(1, 1)]
    public void Generalize_equals_its_definition_as_a_sum(double discount, double trace)
    {
        float[] rewards = [0.1f, -0.2f, 0, 1.5f];
        float[] values = [0.4f, 0.3f, -0.1f, 0.8f];

        var (advantages, returns) = Advantages.Generalize(rewards, values, discount, trace);

        for (var start = 0; start < rewards.Length; start++)
        {
            double expected = 0;
            for (var step = start; step < rewards.Length; step++)
            {
                var next = step + 1 < values.Length ? values[step + 1] : 0;
                expected += Math.Pow(discount * trace, step - start) * (rewards[step] + (discount * next) - values[step]);
            }

            Assert.Equal(expected, advantages[start], 1e-5);
            Assert.Equal(expected + values[start], returns[start], 1e-5);
        }
    }

    [Fact]
    public void Whiten_makes_mean_zero_and_deviation_one_over_all_answers()
    {
        float[][] answers = [[1, 2, 3], [10], []];

        Advantages.Whiten(answers);

        var all = answers.SelectMany(answer => answer).ToArray();
        Assert.Equal(0, all.Average(), 1e-5);
        Assert.Equal(1, all.Average(value => value * value), 1e-5);
    }

    [Fact]
    public void Generalize_refuses_another_number_of_values() =>
        Assert.Throws<NoosException>(() => Advantages.Generalize([1], [1, 2]));

    static bool AreClose(double one, double other) => Math.Abs(one - other) < 1e-9;
}
