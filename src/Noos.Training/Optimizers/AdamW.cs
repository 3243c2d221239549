using Noos.Training.Model;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Optimizers;

/// <summary>
/// AdamW over the flat buffers, one fused pass for the decayed range (the matrices of the blocks) and one for the rest. Not thread-safe.
/// </summary>
public sealed class AdamW : IOptimizer
{
    readonly AdamWOptions _options;
    readonly Tensor _firstMoment;
    readonly Tensor _secondMoment;
    readonly Tensor _step = zeros([]).DetachFromDisposeScope();
    readonly List<Group> _groups = [];

    /// <param name="parameters">Changed in place.</param>
    /// <param name="gradients">[layout length]; read at each step.</param>
    /// <param name="start">First value of the range that this optimizer owns.</param>
    public AdamW(Parameters parameters, Tensor gradients, AdamWOptions options, long start = 0)
    {
        _options = options;
        var length = parameters.Layout.Length - start;
        _firstMoment = zeros(length).DetachFromDisposeScope();
        _secondMoment = zeros(length).DetachFromDisposeScope();
        State = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["adamw.m"] = _firstMoment, ["adamw.v"] = _secondMoment };

        // The layout puts what decays first, so that each group is one range and one call.
        var decayEnd = Math.Max(start, parameters.Layout.DecayLength);
        Add(start, decayEnd, options.WeightDecay);
        Add(decayEnd, parameters.Layout.Length, 0);

        void Add(long from, long to, double decay)
        {
            if (to > from)
            {
                _groups.Add(new Group(
                    Range(parameters.Values, from), Range(gradients, from), Range(_firstMoment, from - start),
                    Range(_secondMoment, from - start), decay));
            }

            Tensor Range(Tensor flat, long offset) => flat.narrow(0, offset, to - from).DetachFromDisposeScope();
        }
    }

    public long StepCount { get; set; }

    public IReadOnlyDictionary<string, Tensor> State { get; }

    public void Step(double schedule)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        StepCount++;

        // The operator takes the step from a tensor and divides the moments by 1 − βⁿ, their bias while they are young.
        _step.fill_(StepCount);
        foreach (var group in _groups)
        {
            Aten.FusedAdamW(
                [group.Values], [group.Gradients], [group.FirstMoment], [group.SecondMoment], [_step],
                _options.LearningRate * schedule, _options.Beta1, _options.Beta2, group.Decay, _options.Epsilon);
        }
    }

    public void Dispose()
    {
        foreach (var group in _groups)
        {
            group.Values.Dispose();
            group.Gradients.Dispose();
            group.FirstMoment.Dispose();
            group.SecondMoment.Dispose();
        }

        _firstMoment.Dispose();
        _secondMoment.Dispose();
        _step.Dispose();
    }

    sealed record Group(Tensor Values, Tensor Gradients, Tensor FirstMoment, Tensor SecondMoment, double Decay);
}
