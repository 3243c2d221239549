using Noos.Factory.Gates;

namespace Noos.Factory.Tests.Gates;

public sealed class PairedTestTests
{
    [Theory]
    // Sums of binomial terms: P(X >= losses | losses + wins, 1/2).
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 0.5)]
    [InlineData(5, 0, 0.03125)]
    [InlineData(8, 2, 0.0546875)]
    [InlineData(2, 8, 0.98925781)]
    [InlineData(10, 10, 0.58809853)]
    public void McNemar_is_the_tail_of_a_fair_coin(int losses, int wins, double expected) =>
        Assert.Equal(expected, PairedTest.McNemar(losses, wins), 1e-8);

    [Fact]
    public void Thousands_of_questions_do_not_underflow() => Assert.InRange(PairedTest.McNemar(2600, 2400), 0.002, 0.003);

    [Fact]
    public void Questions_that_were_asked_several_times_are_swapped_as_a_whole()
    {
        // Ten questions all of whose five rounds fell from right to wrong: one in 1,024 by chance, not one in 2^50.
        double[] champion = [.. Enumerable.Repeat(1.0, 10), .. Enumerable.Repeat(0.4, 30)];
        double[] candidate = [.. Enumerable.Repeat(0.2, 10), .. Enumerable.Repeat(0.4, 30)];

        Assert.InRange(PairedTest.ProbabilityOfWorse(champion, candidate), 0.0002, 0.003);
        Assert.InRange(PairedTest.ProbabilityOfWorse(candidate, champion), 0.99, 1);
        Assert.Equal(1, PairedTest.ProbabilityOfWorse(champion, champion), 1e-9);
    }

    [Fact]
    public void Holm_asks_more_of_the_smallest_value_and_stops_at_the_first_that_fails()
    {
        Assert.Equal([false, true, false], PairedTest.Holm([0.04, 0.01, 0.03], 0.05));
        Assert.Equal([true, true, true], PairedTest.Holm([0.04, 0.01, 0.02], 0.05));
        Assert.Equal([false, false], PairedTest.Holm([0.03, 0.04], 0.05));
        Assert.Empty(PairedTest.Holm([], 0.05));
    }

    [Fact]
    public void Bootstrap_covers_the_truth_as_often_as_it_says()
    {
        var covered = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var (mean, low, high) = PairedTest.Bootstrap([.. Enumerable.Range(0, 150).Select(_ => random.NextDouble() < 0.6 ? 1.0 : 0)]);
            Assert.InRange(mean, low, high);
            covered += low <= 0.6 && 0.6 <= high ? 1 : 0;
        }

        Assert.InRange(covered, 180, 199);
        Assert.Equal(PairedTest.Bootstrap([0, 1, 1]), PairedTest.Bootstrap([0, 1, 1]));
    }
}
