namespace Noos.Training.Runs;

/// <summary>
/// Warmup-stable-decay (Hu et al. 2024, arXiv:2404.06395): linear rise, constant, linear fall over the last part of the run. A pure
/// function of the step, so that resuming needs no state.
/// </summary>
/// <param name="Peak">Learning rate of the constant part.</param>
/// <param name="TotalSteps">Updates of the whole run.</param>
/// <param name="WarmupSteps">Updates of the rise; the peak is reached at the last of them.</param>
/// <param name="DecayFraction">Share of the run that falls, from 0 to 1.</param>
/// <param name="FinalFraction">Share of the peak at the last update, from 0 to 1.</param>
public sealed record LearningRateSchedule(
    double Peak, long TotalSteps, long WarmupSteps = 0, double DecayFraction = 0.4, double FinalFraction = 0)
{
    /// <summary>Learning rate of an update, the first being 0. Where rise and fall overlap the smaller holds.</summary>
    public double At(long step)
    {
        var warmup = step < WarmupSteps ? (step + 1.0) / WarmupSteps : 1;
        var decaySteps = Math.Round(TotalSteps * DecayFraction);
        var stepsLeft = Math.Max(0, TotalSteps - 1 - step);
        var decay = stepsLeft < decaySteps ? FinalFraction + ((1 - FinalFraction) * stepsLeft / decaySteps) : 1;
        return Peak * Math.Min(warmup, decay);
    }
}
