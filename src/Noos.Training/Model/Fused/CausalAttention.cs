using System.Numerics;

namespace Noos.Training.Model.Fused;

/// <summary>
/// Causal softmax attention with grouped queries over one row, in blocks of queries: a block sees no key beyond its own end, so about half
/// of the products are never computed. Probabilities are kept for the backward pass.
/// </summary>
/// <remarks>
/// Probabilities are kept, not recomputed as in flash attention: at contexts of some hundred tokens their memory is small, and the backward
/// pass saves a product and a softmax.
/// </remarks>
/// <param name="scoreScale">Null: 1 / sqrt(head length).</param>
/// <param name="window">Positions that a query sees, its own included.</param>
abstract unsafe class CausalAttention(
    int heads, int keyValueHeads, int headLength, int contextLength, float? scoreScale = null, int window = int.MaxValue) : IDisposable
{
    /// <summary>
    /// Queries of a block: small enough that it wastes few products above the diagonal, large enough for a matrix product. A multiple of
    /// all panels and chunks, see <see cref="PanelAttention"/>.
    /// </summary>
    protected const int QueryBlock = 64;

    protected int Heads => heads;

    protected int KeyValueHeads => keyValueHeads;

    protected int HeadLength => headLength;

    protected int ContextLength => contextLength;

    /// <summary>Scores are multiplied by it before the softmax.</summary>
    protected float Scale { get; } = scoreScale ?? (1f / MathF.Sqrt(headLength));

    /// <summary>Distance between rows of probabilities: the context rounded up to whole panels of any kernel.</summary>
    public int Stride { get; } = (contextLength + 31) & ~31;

    /// <summary>Values that the probabilities of one row take: [heads, context, stride].</summary>
    public long ProbabilityLength => (long)heads * contextLength * Stride;

    /// <summary>Values of scratch memory that <see cref="Backward"/> needs.</summary>
    public abstract long ScratchLength { get; }

    /// <param name="query">[heads, rows, head length]</param>
    /// <param name="key">[key-value heads, rows, head length]</param>
    /// <param name="value">first value head of the first row; rows are <paramref name="valueStride"/> apart</param>
    /// <param name="probabilities">[heads, context, stride]</param>
    /// <param name="mixed">[rows, heads · head length]</param>
    public abstract void Forward(
        float* query, float* key, float* value, int valueStride, float* probabilities, float* mixed, int rows);

    /// <summary>
    /// Writes the gradients of query and key; adds that of the values. All other arguments are those of the forward pass.
    /// </summary>
    /// <param name="query">[heads, rows, head length]</param>
    /// <param name="key">[key-value heads, rows, head length]</param>
    /// <param name="value">first value head of the first row; rows are <paramref name="valueStride"/> apart</param>
    /// <param name="probabilities">[heads, context, stride] as the forward pass left them</param>
    /// <param name="dMixed">[rows, heads · head length]</param>
    /// <param name="dQuery">[heads, rows, head length]</param>
    /// <param name="dKey">[key-value heads, rows, head length]</param>
    /// <param name="dValue">laid out as <paramref name="value"/></param>
    /// <param name="scratch">[<see cref="ScratchLength"/>]</param>
    public abstract void Backward(
        float* query, float* key, float* value, int valueStride, float* probabilities, float* dMixed,
        float* dQuery, float* dKey, float* dValue, float* scratch, int rows);

    public abstract void Dispose();

    // Beyond the row's own position, to the end of the block's vectors, scores become zero probabilities: the products over the block
    // may then run over all of its columns. scores: [seen, padded to whole vectors].
    protected void Softmax(float* scores, int visible, int seen)
    {
        // To the end of a pair of vectors, see SoftmaxBackward; a row is longer than that.
        var lanes = Vector<float>.Count;
        var padded = (seen + (2 * lanes) - 1) / (2 * lanes) * (2 * lanes);
        new Span<float>(scores + visible, padded - visible).Fill(float.NegativeInfinity);

        // Before the window, where there is one.
        var hidden = Math.Max(0, visible - window);
        new Span<float>(scores, hidden).Fill(float.NegativeInfinity);

        var maximum = VectorReduction.Max(scores, padded);

        // The scale is part of the exponent: a product less for each score.
        var scale = new Vector<float>(Scale);
        var end = (visible + lanes - 1) / lanes * lanes;
        var sums = Vector<float>.Zero;
        for (var i = 0; i < end; i += lanes)
        {
            // e^(−∞ − max) is clamped to the least positive value, 1e-38: invisible in the sum.
            var e = VectorExp.Exp((Vector.Load(scores + i) - new Vector<float>(maximum)) * scale);
            e.Store(scores + i);
            sums += e;
        }

        var inverse = new Vector<float>(1f / Vector.Sum(sums));
        for (var i = 0; i < end; i += lanes)
        {
            (Vector.Load(scores + i) * inverse).Store(scores + i);
        }

        // Exact zeros behind the position and before the window: the products count on them.
        new Span<float>(scores + visible, padded - visible).Clear();
        new Span<float>(scores, hidden).Clear();
    }

    // dS = scale·P·(dP − Σ dP·P). The sum is also dO·O (Dao et al., 2022), which is shorter, but not when the products round their inputs:
    // then only this one makes the gradients of a row add up to zero. probabilities, gradient: [seen]; gradient is dP and becomes dS.
    protected void SoftmaxBackward(float* probabilities, float* gradient, int seen)
    {
        var lanes = Vector<float>.Count;
        var products = Vector<float>.Zero;
        var others = Vector<float>.Zero;

        // Two sums, so that each has time to be ready; rows are padded to whole pairs of vectors.
        for (var i = 0; i < seen; i += 2 * lanes)
        {
            products = Vector.FusedMultiplyAdd(Vector.Load(probabilities + i), Vector.Load(gradient + i), products);
            others = Vector.FusedMultiplyAdd(
                Vector.Load(probabilities + i + lanes), Vector.Load(gradient + i + lanes), others);
        }

        var shared = new Vector<float>(Vector.Sum(products + others));
        var scale = new Vector<float>(Scale);
        for (var i = 0; i < seen; i += lanes)
        {
            ((Vector.Load(gradient + i) - shared) * (Vector.Load(probabilities + i) * scale)).Store(gradient + i);
        }
    }
}
