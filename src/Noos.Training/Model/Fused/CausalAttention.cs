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
sealed unsafe class CausalAttention(int heads, int keyValueHeads, int headLength, int contextLength)
{
    // Small enough that a block wastes few products above the diagonal, large enough for BLAS.
    const int QueryBlock = 64;

    readonly float _scale = 1f / MathF.Sqrt(headLength);

    /// <summary>Distance between rows of probabilities: the context rounded up to whole vectors.</summary>
    public int Stride { get; } = (contextLength + 15) & ~15;

    /// <summary>Values that the probabilities of one row take: [heads, context, stride].</summary>
    public long ProbabilityLength => (long)heads * contextLength * Stride;

    /// <param name="query">[heads, rows, head length]</param>
    /// <param name="key">[key-value heads, rows, head length]</param>
    /// <param name="value">first value head of the first row; rows are <paramref name="valueStride"/> apart</param>
    /// <param name="probabilities">[heads, context, stride]</param>
    /// <param name="mixed">[rows, heads · head length]</param>
    public void Forward(float* query, float* key, float* value, int valueStride, float* probabilities, float* mixed, int rows)
    {
        for (var head = 0; head < heads; head++)
        {
            // Grouped queries: neighbouring query heads share a key-value head.
            var group = head / (heads / keyValueHeads);
            var p = probabilities + ((long)head * contextLength * Stride);
            for (var start = 0; start < rows; start += QueryBlock)
            {
                var count = Math.Min(QueryBlock, rows - start);
                var seen = start + count;
                var block = p + ((long)start * Stride);

                // S[count, seen] = scale · Q · Kᵀ
                Blas.TimesTransposed(
                    count, seen, headLength, _scale, query + ((((long)head * rows) + start) * headLength), headLength,
                    key + ((long)group * rows * headLength), headLength, 0, block, Stride);
                for (var row = 0; row < count; row++)
                {
                    Softmax(block + ((long)row * Stride), start + row + 1, seen);
                }

                // O[count, head length] = P · V, straight into the head's columns of the row.
                Blas.Times(
                    count, headLength, seen, 1, block, Stride, value + (group * headLength), valueStride, 0,
                    mixed + ((long)start * heads * headLength) + (head * headLength), heads * headLength);
            }
        }
    }

    /// <summary>
    /// Writes the gradients of query and key; adds that of the values. All other arguments are those of the forward pass.
    /// </summary>
    /// <param name="query">[heads, rows, head length]</param>
    /// <param name="key">[key-value heads, rows, head length]</param>
    /// <param name="value">first value head of the first row; rows are <paramref name="valueStride"/> apart</param>
    /// <param name="probabilities">[heads, context, stride] as the forward pass left them</param>
    /// <param name="mixed">[rows, heads · head length] as the forward pass left it</param>
    /// <param name="dMixed">[rows, heads · head length]</param>
    /// <param name="dQuery">[heads, rows, head length]</param>
    /// <param name="dKey">[key-value heads, rows, head length]</param>
    /// <param name="dValue">laid out as <paramref name="value"/></param>
    /// <param name="scratch">[query block, stride]</param>
    public void Backward(
        float* query, float* key, float* value, int valueStride, float* probabilities, float* mixed, float* dMixed,
        float* dQuery, float* dKey, float* dValue, float* scratch, int rows)
    {
        // Keys of a group collect from several query heads and blocks, so they are added to; queries are met once and written.
        new Span<float>(dKey, keyValueHeads * rows * headLength).Clear();
        var width = heads * headLength;
        for (var head = 0; head < heads; head++)
        {
            var group = head / (heads / keyValueHeads);
            var keys = key + ((long)group * rows * headLength);
            var dKeys = dKey + ((long)group * rows * headLength);
            var p = probabilities + ((long)head * contextLength * Stride);
            for (var start = 0; start < rows; start += QueryBlock)
            {
                var count = Math.Min(QueryBlock, rows - start);
                var seen = start + count;
                var block = p + ((long)start * Stride);
                var queries = query + ((((long)head * rows) + start) * headLength);
                var dOut = dMixed + ((long)start * width) + (head * headLength);
                var output = mixed + ((long)start * width) + (head * headLength);

                // dV += Pᵀ · dO, then dP = dO · Vᵀ.
                Blas.TransposedTimes(seen, headLength, count, 1, block, Stride, dOut, width, 1, dValue + (group * headLength), valueStride);
                Blas.TimesTransposed(
                    count, seen, headLength, 1, dOut, width, value + (group * headLength), valueStride, 0, scratch, Stride);
                for (var row = 0; row < count; row++)
                {
                    SoftmaxBackward(
                        block + ((long)row * Stride), scratch + ((long)row * Stride),
                        dOut + ((long)row * width), output + ((long)row * width), seen);
                }

                // dQ = scale · dS · K and dK += scale · dSᵀ · Q. Above the diagonal dS is zero because P is: no mask is needed.
                Blas.Times(
                    count, headLength, seen, _scale, scratch, Stride, keys, headLength, 0,
                    dQuery + ((((long)head * rows) + start) * headLength), headLength);
                Blas.TransposedTimes(seen, headLength, count, _scale, scratch, Stride, queries, headLength, 1, dKeys, headLength);
            }
        }
    }

    /// <summary>Values of scratch memory that <see cref="Backward"/> needs.</summary>
    public long ScratchLength => (long)QueryBlock * Stride;

    // Beyond the row's own position, to the end of the block's vectors, scores become zero probabilities: the products over the block
    // may then run over all of its columns. scores: [seen, padded to whole vectors].
    static void Softmax(float* scores, int visible, int seen)
    {
        var lanes = Vector<float>.Count;
        var padded = (seen + lanes - 1) / lanes * lanes;
        for (var i = visible; i < padded; i++)
        {
            scores[i] = float.NegativeInfinity;
        }

        var largest = new Vector<float>(float.NegativeInfinity);
        for (var i = 0; i < padded; i += lanes)
        {
            largest = Vector.Max(largest, Vector.Load(scores + i));
        }

        var maximum = VectorReduction.Max(largest);

        var end = (visible + lanes - 1) / lanes * lanes;
        var sums = Vector<float>.Zero;
        for (var i = 0; i < end; i += lanes)
        {
            var score = Vector.Load(scores + i);

            // e^(−∞ − max) would be clamped to the least positive value, not zero: the lanes behind the position are set to zero by hand.
            var e = Vector.ConditionalSelect(
                Vector.Equals(score, new Vector<float>(float.NegativeInfinity)),
                Vector<float>.Zero,
                VectorExp.Exp(score - new Vector<float>(maximum)));
            e.Store(scores + i);
            sums += e;
        }

        var inverse = new Vector<float>(1f / Vector.Sum(sums));
        for (var i = 0; i < end; i += lanes)
        {
            (Vector.Load(scores + i) * inverse).Store(scores + i);
        }

        new Span<float>(scores + end, padded - end).Clear();
    }

    // dS = P·(dP − Σ dP·P), and Σ dP·P = dO·O (Dao et al., 2022): a sum over the head length instead of over all keys.
    // probabilities, gradient: [seen]; dOut, output: [head length]; gradient is dP and becomes dS.
    void SoftmaxBackward(float* probabilities, float* gradient, float* dOut, float* output, int seen)
    {
        var lanes = Vector<float>.Count;
        var products = Vector<float>.Zero;
        for (var i = 0; i < headLength; i += lanes)
        {
            products = Vector.FusedMultiplyAdd(Vector.Load(dOut + i), Vector.Load(output + i), products);
        }

        var shared = new Vector<float>(Vector.Sum(products));
        for (var i = 0; i < seen; i += lanes)
        {
            ((Vector.Load(gradient + i) - shared) * Vector.Load(probabilities + i)).Store(gradient + i);
        }
    }
}
