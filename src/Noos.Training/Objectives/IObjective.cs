using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Model;

namespace Noos.Training.Objectives;

/// <summary>
/// What a training minimises. It sees what the transformer computed for the rows of one sample, returns the loss and leaves the gradient
/// with respect to logits, hidden states and its own parameters; how these come about is the transformer's affair.
/// </summary>
/// <remarks>
/// An instance holds settings only: workers call it at the same time from several threads, and equal samples give bit-equal results.
/// </remarks>
public interface IObjective
{
    /// <summary>Name and all settings that differ from their defaults, in a fixed order: part of the hash of a plan.</summary>
    string Name { get; }

    /// <summary>Number of consecutive rows whose loss is one: 1 for language modelling, 2 for a pair of answers.</summary>
    int RowsPerSample { get; }

    /// <summary>Parameters that this objective adds to the transformer's.</summary>
    IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config);

    /// <summary>
    /// What a sample counts for: the sum over a batch divides its loss and gradient. Targets, weights or pairs; depends on the rows alone.
    /// </summary>
    double Weight(ReadOnlySpan<TrainingRow> sample);

    /// <summary>The loss of a sample, and the gradient of <paramref name="scale"/> · loss into <paramref name="outputs"/>.</summary>
    /// <param name="sample">[<see cref="RowsPerSample"/>] rows.</param>
    /// <param name="outputs">[<see cref="RowsPerSample"/>] what was computed for each.</param>
    /// <param name="scale">0: no gradient is wanted.</param>
    /// <returns>The loss, not scaled.</returns>
    /// <exception cref="NoosException">A row lacks what this objective needs.</exception>
    double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale);
}
