using CsCheck;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void Rate_rises_stays_and_falls_to_its_final_fraction()
    {
        var schedule = new LearningRateSchedule(Peak: 2, TotalSteps: 100, WarmupSteps: 10, DecayFraction: 0.4, FinalFraction: 0.1);
        Assert.Equal(0.2, schedule.At(0), 12);
        Assert.Equal(1.0, schedule.At(4), 12);
        Assert.Equal(2.0, schedule.At(9), 12);
        Assert.All(Enumerable.Range(9, 51), step => Assert.Equal(2.0, schedule.At(step), 12));
        Assert.True(schedule.At(60) < 2);
        Assert.Equal(2 * (0.1 + (0.9 * 0.5)), schedule.At(79), 12);
        Assert.Equal(0.2, schedule.At(99), 12);
        Assert.Equal(0.2, schedule.At(1000), 12);
    }

    [Fact]
    public void Rate_is_finite_and_never_above_the_peak_for_any_shape()
        => Gen.Select(Gen.Long[0, 1000], Gen.Long[0, 2000], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Long[0, 2000])
            .Sample((total, warmup, decay, final, step) =>
        {
            var rate = new LearningRateSchedule(3, total, warmup, decay, final).At(step);
            return rate is >= 0 and <= 3;
        });

    [Fact]
    public void Schedule_without_warmup_or_decay_is_constant()
        => Assert.All(Enumerable.Range(0, 20), step => Assert.Equal(0.5, new LearningRateSchedule(0.5, 10, 0, 0).At(step)));
}
