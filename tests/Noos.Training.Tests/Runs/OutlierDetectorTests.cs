using System.Text.Json;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

public sealed class OutlierDetectorTests
{
    [Fact]
    public void Ordinary_noise_and_a_fast_falling_loss_are_normal()
    {
        var detector = new OutlierDetector();
        var random = new Random(1);
        for (var i = 0; i < 4_000; i++)
        {
            Assert.Equal(OutlierVerdict.Normal,
                detector.Judge(3 + (5 * Math.Exp(-i / 500.0)) + (0.1 * random.NextDouble()), 1 + (0.2 * random.NextDouble())));
        }

        Assert.Equal(OutlierVerdict.Normal, detector.Judge(0.1, 0.01));
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(3, 9)]
    public void Spike_of_loss_or_gradient_is_skipped_and_the_third_in_a_row_rolls_back(double loss, double norm)
    {
        var detector = Warm();
        Assert.Equal(OutlierVerdict.Skip, detector.Judge(loss, norm));
        Assert.Equal(OutlierVerdict.Skip, detector.Judge(loss, norm));
        Assert.Equal(OutlierVerdict.Normal, detector.Judge(3, 1));
        Assert.Equal(OutlierVerdict.Skip, detector.Judge(loss, norm));
        Assert.Equal(OutlierVerdict.Skip, detector.Judge(loss, norm));
        Assert.Equal(OutlierVerdict.RollBack, detector.Judge(loss, norm));
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(3, double.NaN)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(3, double.NegativeInfinity)]
    public void Value_that_is_not_finite_rolls_back_at_once_even_in_a_new_run(double loss, double norm)
    {
        Assert.Equal(OutlierVerdict.RollBack, new OutlierDetector().Judge(loss, norm));
        Assert.Equal(OutlierVerdict.RollBack, Warm().Judge(loss, norm));
    }

    [Fact]
    public void Spikes_before_the_window_is_full_are_accepted()
    {
        var detector = new OutlierDetector();
        for (var i = 0; i < 127; i++)
        {
            detector.Judge(3 + (0.01 * (i % 7)), 1);
        }

        Assert.Equal(OutlierVerdict.Normal, detector.Judge(100, 100));
    }

    [Fact]
    public void Restored_detector_judges_exactly_as_the_one_that_went_on()
    {
        var random = new Random(2);
        var (original, verdicts) = (Warm(), new HashSet<OutlierVerdict>());
        for (var i = 0; i < 500; i++)
        {
            var restored = new OutlierDetector();
            restored.Restore(JsonSerializer.Deserialize<OutlierDetectorState>(JsonSerializer.Serialize(original.State)));
            var (loss, norm) = (random.Next(4) == 0 ? 4.2 : 3 + (0.1 * random.NextDouble()), 1 + random.NextDouble());
            var verdict = original.Judge(loss, norm);
            Assert.Equal(verdict, restored.Judge(loss, norm));
            Assert.Equal(original.State.Losses, restored.State.Losses);
            Assert.Equal(original.State.SkippedInARow, restored.State.SkippedInARow);
            verdicts.Add(verdict);
        }

        Assert.Equal(3, verdicts.Count);
    }

    static OutlierDetector Warm()
    {
        var random = new Random(1);
        var detector = new OutlierDetector();
        for (var i = 0; i < 300; i++)
        {
            detector.Judge(3 + (0.2 * random.NextDouble()), 1 + (0.5 * random.NextDouble()));
        }

        return detector;
    }
}
