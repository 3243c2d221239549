using Noos.Training.Model.Fused;

namespace Noos.Training.Model;

/// <summary>
/// What the transformer computed for one row, and where an objective leaves the gradient with respect to it: the only thing that objectives
/// and the transformer know of each other. Belongs to one worker; valid until that worker's next forward pass.
/// </summary>
public sealed unsafe class RowOutput
{
    readonly FusedTransformer _model;
    readonly RowActivations _row;

    internal RowOutput(FusedTransformer model, RowActivations row)
    {
        _model = model;
        _row = row;
    }

    /// <summary>Number of input positions.</summary>
    public int Length => _row.Length;

    /// <summary>
    /// [embedding] the last hidden state of a position, after the output norm: what the output head and scalar heads multiply.
    /// </summary>
    public ReadOnlySpan<float> Hidden(int position) => new(_row.OutputNormed + Offset(position), _model.Width);

    /// <summary>[embedding] gradient with respect to <see cref="Hidden"/>, to be added to; zero at first.</summary>
    public Span<float> HiddenGradient(int position) => new(_row.HiddenGradient + Offset(position), _model.Width);

    /// <summary>Values of a parameter that the objective brought with it (<see cref="HeadParameter"/>), row by row.</summary>
    public ReadOnlySpan<float> Parameter(string name) => _model.Parameter(name);

    /// <summary>Gradient with respect to <see cref="Parameter"/>, to be added to; sums over the rows of this worker.</summary>
    public Span<float> ParameterGradient(string name) => _model.ParameterGradient(name);

    /// <summary>
    /// Computes the logits of the counted positions in tiles, calls <paramref name="loss"/> for each position in order, and carries what it
    /// leaves back to the hidden states and the output embedding. The full [length, vocabulary] matrix never exists.
    /// </summary>
    /// <param name="isTarget">[length] the positions that count, or empty for all.</param>
    /// <param name="loss">Called on this thread.</param>
    /// <param name="gradient">False: only the losses are wanted; what is left in the logits is ignored.</param>
    /// <returns>Sum of the losses.</returns>
    public double SumOverTargets(ReadOnlySpan<bool> isTarget, TokenLoss loss, bool gradient) =>
        _model.SumOverTargets(_row, isTarget, loss, gradient);

    long Offset(int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)position, (uint)_row.Length, nameof(position));
        return (long)position * _model.Width;
    }
}
